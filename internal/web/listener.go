package web

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// handshakeTimeout bounds the TLS handshake of one connection.
const handshakeTimeout = 10 * time.Second

// listener accepts connections, at most a number at once, and gives net/http
// what it must see: HTTP/1 behind the guard, with or without TLS, and HTTP/2 as
// the *tls.Conn that http.Server looks for.
type listener struct {
	net.Listener
	guard *guard
	tls   *tls.Config // nil = plain
	slots chan struct{}

	ready chan net.Conn
	fail  chan error
	stop  context.Context //nolint:containedctx // ends with the listener, as its connections' handshakes do
	end   context.CancelFunc
	tasks sync.WaitGroup
}

func newListener(inner net.Listener, g *guard, conf *tls.Config, most int) *listener {
	l := &listener{
		Listener: inner, guard: g, tls: conf, slots: make(chan struct{}, most),
		ready: make(chan net.Conn), fail: make(chan error),
	}
	l.stop, l.end = context.WithCancel(context.Background())
	l.tasks.Go(l.run)
	return l
}

func newGuard(headTimeout time.Duration, maxHead int) *guard {
	return &guard{mark: rand.Text(), headTimeout: headTimeout, maxHead: maxHead}
}

// run accepts until the listener is closed. With TLS each handshake has its own
// goroutine: one slow client holds up nobody.
func (l *listener) run() {
	for l.enter() {
		c, err := l.Listener.Accept()
		if err != nil {
			l.leave()
			l.report(err)
			continue
		}
		slot := &slotConn{Conn: c, leave: l.leave}
		if l.tls == nil {
			l.hand(l.guard.wrap(slot, nil))
			continue
		}
		l.tasks.Go(func() { l.handshake(slot) })
	}
}

// report gives an error to Accept, which decides whether to go on: http.Server
// waits and tries again when descriptors have run out.
func (l *listener) report(err error) {
	select {
	case l.fail <- err:
	case <-l.stop.Done():
	}
}

// handshake finds out which protocol the connection speaks.
func (l *listener) handshake(c net.Conn) {
	conn := tls.Server(c, l.tls)
	ctx, cancel := context.WithTimeout(l.stop, handshakeTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return
	}
	state := conn.ConnectionState()
	if state.NegotiatedProtocol == "h2" {
		l.hand(conn) // http.Server looks for a *tls.Conn
		return
	}
	l.hand(l.guard.wrap(conn, &state))
}

// hand gives a connection to Accept.
func (l *listener) hand(c net.Conn) {
	select {
	case l.ready <- c:
	case <-l.stop.Done():
		_ = c.Close()
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case err := <-l.fail:
		return nil, err
	case <-l.stop.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Connections in their handshake are dropped:
// they have not sent a request.
func (l *listener) Close() error {
	l.end()
	err := l.Listener.Close()
	l.tasks.Wait()
	return err
}

// enter takes a slot; false when the listener closes.
func (l *listener) enter() bool {
	select {
	case l.slots <- struct{}{}:
		return true
	case <-l.stop.Done():
		return false
	}
}

func (l *listener) leave() { <-l.slots }

// slotConn gives its slot back when it is closed.
type slotConn struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close implements net.Conn.
func (c *slotConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.leave)
	return err
}

// CloseWrite ends the sending side only.
func (c *slotConn) CloseWrite() error { return closeWrite(c.Conn) }
