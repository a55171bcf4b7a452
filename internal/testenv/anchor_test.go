package testenv_test

import (
	"net"
	"testing"
	"time"

	"propusk/internal/audit"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// A server that stops tells the log daemon how far its audit goes.
func TestAnchorWhenItStops(t *testing.T) {
	daemon, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = daemon.Close() }()
	var head audit.Anchor
	t.Run("a server", func(t *testing.T) {
		e := testenv.Start(t, testenv.Options{Tasks: 5, Calls: 5, Change: func(c *server.Config) {
			c.Audit.Anchor.Syslog = "udp://" + daemon.LocalAddr().String()
		}})
		e.HubEx(t, "", e.Fixture.Accounts[0].HubEx.ServiceToken)
		h, err := e.Server.Data().DB.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		head = audit.Anchor{Position: h.Position, Seal: h.Seal}
	})
	if err := daemon.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 2000)
	for {
		n, _, err := daemon.ReadFrom(line)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := audit.ParseAnchor(string(line[:n])); ok && got.Position >= head.Position {
			return
		}
	}
}
