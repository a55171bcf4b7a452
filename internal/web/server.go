package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"propusk/internal/web/guard"
)

// ServerConfig says how one listener serves. Zero durations and numbers mean
// the defaults named here.
type ServerConfig struct {
	Handler      http.Handler
	Certificate  *Certificate  // nil = without TLS
	MinTLS       uint16        // tls.VersionTLS12 (0) or tls.VersionTLS13
	HeadTimeout  time.Duration // for the head of a request; 0 = 10 s
	ReadTimeout  time.Duration // for a whole request; 0 = 1 min
	WriteTimeout time.Duration // for a whole answer; 0 = 2 min
	IdleTimeout  time.Duration // between requests; 0 = 2 min
	MaxHead      int           // bytes of a request's head; 0 = 32 KiB
	MaxConns     int           // connections at once; more wait to be accepted; 0 = 10,000
	Logger       *slog.Logger  // faults of connections; nil = none
	HostPath     bool          // serve POST /oauth/token with "Host: NAME/api/session", as smarts prints it
}

// Server serves one listener.
type Server struct {
	http     *http.Server
	listener *guard.Listener
}

// Listen opens addr. From its return on connections are accepted; they are
// served once Serve runs.
func Listen(ctx context.Context, addr string, c ServerConfig) (*Server, error) {
	var lc net.ListenConfig
	inner, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return NewServer(inner, c), nil
}

// NewServer serves an open listener, such as one handed over by systemd.
func NewServer(inner net.Listener, c ServerConfig) *Server {
	c.HeadTimeout = cmp.Or(c.HeadTimeout, 10*time.Second)
	c.MaxConns, c.MaxHead = cmp.Or(c.MaxConns, 10_000), cmp.Or(c.MaxHead, 32<<10)
	listener := guard.Listen(inner, guard.Config{
		TLS: c.tlsConfig(), HeadTimeout: c.HeadTimeout, MaxHead: c.MaxHead, MaxConns: c.MaxConns, HostPath: c.HostPath,
	})
	return &Server{http: newHTTPServer(c), listener: listener}
}

func newHTTPServer(c ServerConfig) *http.Server {
	logger := c.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Handler:                      c.Handler,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            c.HeadTimeout,
		ReadTimeout:                  cmp.Or(c.ReadTimeout, time.Minute),
		WriteTimeout:                 cmp.Or(c.WriteTimeout, 2*time.Minute),
		IdleTimeout:                  cmp.Or(c.IdleTimeout, 2*time.Minute),
		MaxHeaderBytes:               c.MaxHead,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ConnContext:                  guard.Context,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 100, MaxReadFrameSize: 16 << 10,
			MaxReceiveBufferPerConnection: 1 << 20, MaxReceiveBufferPerStream: 256 << 10,
			SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second, WriteByteTimeout: 30 * time.Second,
		},
	}
}

// Addr is the address that is listened on, with its real port.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve serves until Shutdown or Close, then gives nil.
func (s *Server) Serve() error {
	err := s.http.Serve(s.listener)
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Shutdown stops accepting and lets requests that have begun finish. When ctx
// ends first the rest is cut off and the error says so.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	_ = s.listener.Close() // Serve may never have run
	return err
}

// tlsConfig gives nil without a certificate. Suites of TLS 1.2 are those with
// forward secrecy and authenticated encryption (RFC 9325 §4.2).
func (c ServerConfig) tlsConfig() *tls.Config {
	if c.Certificate == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:     max(c.MinTLS, tls.VersionTLS12),
		GetCertificate: c.Certificate.get,
		NextProtos:     []string{"h2", "http/1.1"},
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}
