package dialect_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"propusk/internal/web"
)

// serve runs h behind the listener of serve until the benchmark ends.
func serve(b *testing.B, h http.Handler) (addr string) {
	b.Helper()
	s, err := web.Listen(b.Context(), "127.0.0.1:0", web.ServerConfig{Handler: h})
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	b.Cleanup(func() {
		_ = s.Shutdown(context.Background())
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return s.Addr().String()
}

// client asks one small request after another over one connection, as cheaply
// as it can: it must not be what is measured.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(b *testing.B, addr string) *client {
	b.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return &client{c, bufio.NewReader(c)}
}

// ask gives how long n requests took.
func (c *client) ask(b *testing.B, n int) time.Duration {
	const request = "GET /one/list HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
	began := time.Now()
	for range n {
		if _, err := io.WriteString(c.conn, request); err != nil {
			b.Fatal(err)
		}
		resp, err := http.ReadResponse(c.in, nil)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	return time.Since(began)
}
