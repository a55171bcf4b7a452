//go:build torture

package web_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"propusk/internal/web"
)

// TestTortureHeldConnections is B71 at its size: 8,000 connections, half of them
// idle, half with a head that goes on byte by byte. It needs 16,000 open files.
func TestTortureHeldConnections(t *testing.T) {
	const limit = 10 * time.Second
	s := serve(t, edge(t, table()), web.ServerConfig{HeadTimeout: limit})
	var held []net.Conn
	for i := range 8000 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
		defer c.Close()
		if i%2 == 0 {
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHo")
		}
		held = append(held, c)
	}
	var slowest time.Duration
	for range 200 {
		begun := time.Now()
		if got := raw(t, s, get); len(got) < 12 || got[:12] != "HTTP/1.1 200" {
			t.Fatalf("a good client gets %q", got)
		}
		slowest = max(slowest, time.Since(begun))
		for i := 0; i < len(held); i += 400 {
			_, _ = io.WriteString(held[i], "x")
		}
	}
	if mib := heap(); slowest > time.Second || mib > 250 {
		t.Errorf("the slowest of 200 took %s; %d MiB", slowest, mib)
	}
	for i, c := range held {
		_ = c.SetReadDeadline(time.Now().Add(2 * limit))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d is still open", i)
		}
	}
}
