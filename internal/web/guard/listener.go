package guard

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

// Config says how a Listener listens.
type Config struct {
	TLS         *tls.Config   // nil = plain
	HeadTimeout time.Duration // until a head that has begun is whole
	MaxHead     int           // bytes
	MaxConns    int           // at once; more wait to be accepted
	// HostPath lets the one request pass whose Host line smarts prints with a
	// path in it.
	HostPath bool
}

// Listener accepts connections, at most a number at once, and gives net/http
// what it must see: HTTP/1 behind the guard, with or without TLS, and HTTP/2 as
// the *tls.Conn that http.Server looks for.
type Listener struct {
	net.Listener
	rules *rules
	tls   *tls.Config // nil = plain
	slots chan struct{}

	ready chan net.Conn
	fail  chan error
	stop  context.Context //nolint:containedctx // ends with the listener, as its connections' handshakes do
	end   context.CancelFunc
	tasks sync.WaitGroup
}

// Listen puts a guard in front of inner. It accepts from now on, until Close.
func Listen(inner net.Listener, c Config) *Listener {
	l := &Listener{
		Listener: inner, tls: c.TLS, slots: make(chan struct{}, c.MaxConns),
		rules: &rules{mark: rand.Text(), headTimeout: c.HeadTimeout, maxHead: c.MaxHead, hostPath: c.HostPath},
		ready: make(chan net.Conn), fail: make(chan error),
	}
	l.stop, l.end = context.WithCancel(context.Background())
	l.tasks.Go(l.run)
	return l
}

// run accepts until the listener is closed. With TLS each handshake has its own
// goroutine: one slow client holds up nobody.
func (l *Listener) run() {
	for l.enter() {
		c, err := l.Listener.Accept()
		if err != nil {
			l.leave()
			l.report(err)
			continue
		}
		slot := &slotConn{Conn: c, leave: l.leave}
		if l.tls == nil {
			l.hand(l.rules.wrap(slot, nil))
			continue
		}
		l.tasks.Go(func() { l.handshake(slot) })
	}
}

// report gives an error to Accept, which decides whether to go on: http.Server
// waits and tries again when descriptors have run out.
func (l *Listener) report(err error) {
	select {
	case l.fail <- err:
	case <-l.stop.Done():
	}
}

// handshake finds out which protocol the connection speaks.
func (l *Listener) handshake(c net.Conn) {
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
	l.hand(l.rules.wrap(conn, &state))
}

// hand gives a connection to Accept.
func (l *Listener) hand(c net.Conn) {
	select {
	case l.ready <- c:
	case <-l.stop.Done():
		_ = c.Close()
	}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
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
func (l *Listener) Close() error {
	l.end()
	err := l.Listener.Close()
	l.tasks.Wait()
	return err
}

// enter takes a slot; false when the listener closes.
func (l *Listener) enter() bool {
	select {
	case l.slots <- struct{}{}:
		return true
	case <-l.stop.Done():
		return false
	}
}

func (l *Listener) leave() { <-l.slots }

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
