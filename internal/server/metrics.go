package server

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// counters counts the core's acts. Its labels come from fixed sets.
type counters struct{ acts *prometheus.CounterVec }

func newCounters(reg prometheus.Registerer) (*counters, error) {
	c := &counters{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "propusk_acts_total", Help: "Issues, refreshes, revocations and refusals of the core.",
	}, []string{"dialect", "verb", "outcome"})}
	return c, reg.Register(c.acts)
}

func (c *counters) add(n authority.Count) {
	c.acts.WithLabelValues(n.Dialect, n.Verb, string(n.Outcome)).Inc()
}

// openMetrics registers what is measured besides the acts.
func (s *Server) openMetrics() (err error) {
	if s.metrics, err = web.NewMetrics(s.registry); err != nil {
		return err
	}
	gauges := map[string]struct {
		help string
		read func() float64
	}{
		"propusk_feed_position":    {"Position up to which the feed is applied here.", func() float64 { return float64(s.data.Feed.Position()) }},
		"propusk_feed_revocations": {"Revocations held in memory.", func() float64 { return float64(s.data.Feed.Len()) }},
	}
	for name, g := range gauges {
		err := s.registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: g.help}, g.read))
		if err != nil {
			return err
		}
	}
	if err := s.registry.Register(collectors.NewGoCollector()); err != nil {
		return err
	}
	return s.registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// readyPatience bounds how long a readiness probe waits for the database.
const readyPatience = 2 * time.Second

// openInternal opens the operator's listener.
func (s *Server) openInternal(ctx context.Context) error {
	addr := s.data.Config.Listen.Metrics
	if addr == off {
		return nil
	}
	handler := web.Internal{
		Metrics: promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}),
		Ready:   s.ready,
	}
	l, err := web.Listen(ctx, addr, s.listenConfig(handler, nil))
	if err != nil {
		return err
	}
	s.listeners = append(s.listeners, listener{"metrics", l})
	return nil
}

func (s *Server) ready(r *http.Request) error { return s.reachable(r.Context()) }

// reachable reports why this process cannot answer now.
func (s *Server) reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	if err := s.lease(ctx); err != nil {
		return err
	}
	return s.data.DB.Ping(ctx)
}
