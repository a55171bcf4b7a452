package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"propusk/internal/authority"
	"propusk/internal/dialect/smarts"
	"propusk/internal/imports"
	"propusk/internal/server/operation"
	"propusk/internal/signin"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
	"propusk/internal/web"
)

// Server is one running deployment: both stands, their console, metrics and the
// operator's socket over one Data.
type Server struct {
	data        *Data
	tasks       *tasks.Service
	certificate *web.Certificate
	registry    *prometheus.Registry
	metrics     *web.Metrics
	listeners   []listener
	operator    *operation.Socket // of the commands beside a running server
	routes      map[authority.Stand][]web.Route
	setup       *signin.Setup          // nil where there is an account
	opens       []authority.Permission // that the console has a page for
	screens     []web.Route            // of the console
	imports     *imports.Service
}

// listener is one open address.
type listener struct {
	name   string // "production", "test", "console", "metrics"
	server *web.Server
}

// Open opens the data and every listener; Run serves them. Connections made in
// between wait. The caller runs Run, or Close.
func Open(ctx context.Context, c Config, o Options) (*Server, error) {
	s := &Server{registry: prometheus.NewRegistry(), routes: make(map[authority.Stand][]web.Route)}
	counters, err := newCounters(s.registry)
	if err != nil {
		return nil, err
	}
	o.Count = counters.add
	if s.data, err = OpenData(ctx, c, o); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) (err error) {
	s.tasks = tasks.New(storetasks.New(s.data.DB), s.data.Now)
	if err := s.openMetrics(); err != nil {
		return err
	}
	if t := s.data.Config.TLS; t.Certificate != "" {
		if s.certificate, err = web.LoadCertificate(t.Certificate, t.Key, s.data.Log); err != nil {
			return err
		}
	}
	for _, stand := range authority.Stands() {
		if err := s.openStand(ctx, stand); err != nil {
			return err
		}
	}
	if err := s.openConsole(ctx); err != nil {
		return err
	}
	if err := s.openInternal(ctx); err != nil {
		return err
	}
	if _, _, err := s.data.Admin.EndOverlaps(ctx); err != nil { // those that ended while no server ran
		return err
	}
	s.operator, err = s.data.ListenOperator(ctx)
	return err
}

// openStand mounts the dialects of a stand and opens its listener.
func (s *Server) openStand(ctx context.Context, stand authority.Stand) error {
	handler, err := s.handler(stand)
	if err != nil {
		return err
	}
	c := s.data.Config
	addr, url := c.Listen.Production, c.BaseURL.Production
	if stand == authority.Test {
		addr, url = c.Listen.Test, c.BaseURL.Test
	}
	if addr == off {
		return nil
	}
	l, err := web.Listen(ctx, addr, s.listenConfig(handler, s.certificate))
	if err != nil {
		return fmt.Errorf("listen.%s: %w", stand, err)
	}
	s.listeners = append(s.listeners, listener{string(stand), l})
	if url == "" {
		s.data.issuers.set(stand, s.address(string(stand), s.certificate != nil))
	}
	return nil
}

func (s *Server) listenConfig(h http.Handler, certificate *web.Certificate) web.ServerConfig {
	c := s.data.Config
	printed := c.Dialects[smarts.Name]
	return web.ServerConfig{
		Handler: h, Certificate: certificate, Logger: s.data.Log,
		HeadTimeout: time.Duration(c.Timeouts.Head), ReadTimeout: time.Duration(c.Timeouts.Read),
		WriteTimeout: time.Duration(c.Timeouts.Write), IdleTimeout: time.Duration(c.Timeouts.Idle),
		MaxHead: int(c.Limits.Head), MaxConns: c.Limits.Connections,
		HostPath: printed.Enabled && !slices.Contains(printed.DoorsOff, doorPrintedHost),
	}
}

// Data is what the server serves from.
func (s *Server) Data() *Data { return s.data }

// Tasks are the work orders that the server serves.
func (s *Server) Tasks() *tasks.Service { return s.tasks }

// Routes is the route table of a stand, for documentation and generated tests.
func (s *Server) Routes(stand authority.Stand) []web.Route { return s.routes[stand] }

// URL is how clients reach a stand from outside; "" for one that is off.
func (s *Server) URL(stand authority.Stand) string { return s.data.issuers.url(stand) }

// MetricsURL is where /metrics, /livez and /readyz are; "" when off.
func (s *Server) MetricsURL() string { return s.address("metrics", false) }

// address writes where a listener really listens as a URL.
func (s *Server) address(name string, secure bool) string {
	for _, l := range s.listeners {
		if l.name != name {
			continue
		}
		host, port, err := net.SplitHostPort(l.server.Addr().String())
		if err != nil {
			return ""
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		scheme := "http"
		if secure {
			scheme = "https"
		}
		return scheme + "://" + net.JoinHostPort(host, port)
	}
	return ""
}

// Run serves until ctx ends, then lets accepted requests finish within the
// configured grace and closes everything.
func (s *Server) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	s.loops(work, &background)
	failed := make(chan error, len(s.listeners)+1)
	background.Go(func() { failed <- s.operator.Serve() })
	for _, l := range s.listeners {
		background.Go(func() { failed <- l.server.Serve() })
	}
	s.data.Log.InfoContext(ctx, "serving", s.where()...)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-s.data.lost():
		err = errors.New("the lock of the database is lost: another server may have it")
	}
	err = errors.Join(err, s.shutdown())
	s.stopImports()
	stop()
	background.Wait()
	return errors.Join(err, s.data.Close())
}

// shutdown stops the listeners, all at once.
func (s *Server) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.data.Config.ShutdownGrace))
	defer cancel()
	errs := make([]error, len(s.listeners)+1)
	var wg sync.WaitGroup
	if s.operator != nil {
		wg.Go(func() { errs[len(s.listeners)] = s.operator.Shutdown(ctx) })
	}
	for i, l := range s.listeners {
		wg.Go(func() { errs[i] = l.server.Shutdown(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close gives up what Open has opened, when Run will not be called.
func (s *Server) Close() error {
	err := s.shutdown()
	s.stopImports()
	return errors.Join(err, s.data.Close())
}

// Reload takes over what can change while serving: the certificate's files and
// the log's level. The rest of c waits for a restart.
func (s *Server) Reload(c Config) error {
	s.data.level.Set(c.Log.level())
	if s.certificate != nil {
		return s.certificate.Reload()
	}
	return nil
}

func (s *Server) where() []any {
	var attrs []any
	for _, l := range s.listeners {
		attrs = append(attrs, slog.String(l.name, l.server.Addr().String()))
	}
	return attrs
}
