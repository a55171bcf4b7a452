package guard

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"propusk/internal/authority"
)

// The bounds of one request.
const (
	firstRead = 4 << 10
	tailLimit = 64 << 10 // what is still read of a request that is refused
	// What is read of it, and for how long, after its answer was sent: many
	// clients send all before they read anything.
	lingerLimit = 4 << 20
	lingering   = 500 * time.Millisecond
)

// refusalField marks the head that stands in for a refused one. Its value is a
// random text of the listener, so that no client can write it.
const refusalField = "X-Propusk-Refusal"

// Conn stands between a connection and net/http and hands on only heads
// that every strict reader would read the same way (rule 16). A head that it
// refuses is replaced by a clean one that carries a mark, and nothing follows
// it: so the answer is written by the ordinary handlers, in its turn behind the
// answers before it, in the dialect's shape and with its log line.
//
//	head    read up to the empty line, judged, handed on
//	body    Content-Length bytes are counted and handed on; then the next head
//	last    behind a chunked head all bytes go through, but that head was given
//	        "Connection: close": what follows its body is never served
//
// Read is called by one goroutine at a time, as net/http does.
type Conn struct {
	net.Conn
	rules *rules
	tls   *tls.ConnectionState

	buf        []byte
	r, w       int // buf[r:w] is read and not yet judged
	scan, line int // relative to r: how far lines are scanned, where the present one began
	out        []byte
	body       int64
	last       bool
	ended      bool

	refusal atomic.Pointer[authority.Error]
	budget  atomic.Int64 // bytes that may still be read; negative = any

	mu     sync.Mutex
	want   time.Time // the deadline that net/http asked for
	headBy time.Time // when the head that has begun must be whole; zero = none has
	closed sync.Once
}

// rules are what the connections of one listener share.
type rules struct {
	mark        string
	headTimeout time.Duration
	maxHead     int // bytes
	hostPath    bool
}

func (g *rules) wrap(c net.Conn, state *tls.ConnectionState) *Conn {
	gc := &Conn{Conn: c, rules: g, tls: state}
	gc.budget.Store(-1)
	return gc
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	for {
		switch {
		case len(c.out) > 0:
			n := copy(p, c.out)
			c.out = c.out[n:]
			return n, nil
		case c.ended:
			return 0, io.EOF
		case c.last:
			return c.readBudgeted(p)
		case c.body > 0:
			n, err := c.readBudgeted(p[:min(int64(len(p)), c.body)])
			c.body -= int64(n)
			return n, err
		}
		if err := c.nextHead(); err != nil {
			return 0, err
		}
	}
}

// readBudgeted reads from the connection as long as the request is wanted.
func (c *Conn) readBudgeted(p []byte) (int, error) {
	budget := c.budget.Load()
	if budget < 0 {
		return c.Conn.Read(p)
	}
	if budget == 0 {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), budget)])
	c.budget.Store(budget - int64(n))
	return n, err
}

// nextHead reads until a head is whole or wrong. A deadline that passes in
// between leaves what was read in place: net/http sets one to stop its own
// background read and comes back.
func (c *Conn) nextHead() error {
	if c.r > 0 {
		c.w = copy(c.buf, c.buf[c.r:c.w])
		c.r = 0
	}
	for {
		end, err := c.findEnd()
		if err != nil || end > 0 {
			c.headDone()
			c.judge(c.buf[:end], err)
			return nil
		}
		if err := c.more(); err != nil {
			return err
		}
	}
}

// findEnd looks for the empty line. It gives 0 while the head is not whole, and
// an error as soon as it cannot become one.
func (c *Conn) findEnd() (end int, err *authority.Error) {
	if c.w > 0 && !isTokenByte(c.buf[0]) {
		return 0, malformed("a request line is expected")
	}
	for {
		i := bytes.IndexByte(c.buf[c.scan:c.w], '\n')
		if i < 0 {
			c.scan = c.w
			break
		}
		at := c.scan + i
		if at == c.line || c.buf[at-1] != '\r' {
			return 0, malformed("a line of the head ends with a bare line feed")
		}
		if at == c.line+1 {
			return at + 1, c.rules.tooLong(at + 1)
		}
		c.line, c.scan = at+1, at+1
	}
	return 0, c.rules.tooLong(c.w)
}

func (g *rules) tooLong(n int) *authority.Error {
	if n <= g.maxHead {
		return nil
	}
	return authority.E(authority.HeaderTooLarge, "the head of the request is too large")
}

// more reads another piece of a head.
func (c *Conn) more() error {
	if c.w == len(c.buf) {
		bigger := make([]byte, max(firstRead, min(2*len(c.buf), c.rules.maxHead+1)))
		copy(bigger, c.buf[:c.w])
		c.buf = bigger
	}
	if c.w > 0 {
		c.headBegun()
	}
	n, err := c.Conn.Read(c.buf[c.w:])
	if n > 0 {
		c.w += n
		return nil
	}
	return err
}

// judge hands on a whole head, or the mark of a refused one.
func (c *Conn) judge(raw []byte, err *authority.Error) {
	whole := len(raw)
	c.scan, c.line = 0, 0
	last := false
	if err == nil && c.rules.hostPath {
		raw, last = amendHostPath(raw)
	}
	var h head
	if err == nil {
		h, err = readHead(raw)
	}
	if err != nil {
		c.refuse(err)
		return
	}
	c.body = h.length
	if h.chunked || last {
		c.out = append(closing(raw), c.buf[whole:c.w]...)
		c.r, c.w = 0, 0
		c.last = true
		return
	}
	inBuffer := min(int64(c.w-whole), c.body)
	c.body -= inBuffer
	c.r = whole + int(inBuffer)
	c.out = c.buf[:c.r]
}

// closing copies a head and adds that the connection ends after it: net/http
// then serves nothing that follows.
func closing(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+64)
	out = append(out, raw[:len(raw)-2]...)
	return append(out, "Connection: close\r\n\r\n"...)
}

// refuse puts the mark in place of the head and ends the connection behind it.
func (c *Conn) refuse(err *authority.Error) {
	method, path := hint(c.buf[:c.w])
	c.refusal.Store(err)
	c.budget.Store(tailLimit)
	c.r, c.w, c.ended = 0, 0, true
	c.out = []byte(method + " " + path + " HTTP/1.1\r\nHost: refused.invalid\r\nConnection: close\r\n" +
		refusalField + ": " + c.rules.mark + "\r\n\r\n")
}

// Refusal gives why the head of r was refused; nil for a request that was
// not, such as an earlier one of the same connection.
func (c *Conn) Refusal(r *http.Request) error {
	err := c.refusal.Load()
	if err == nil || r.Header.Get(refusalField) != c.rules.mark {
		return nil
	}
	return err
}

// Refused reports whether r stands in for a head that was refused: it names no
// host then.
func Refused(r *http.Request) bool {
	c := Of(r.Context())
	return c != nil && c.Refusal(r) != nil
}

// Describe adds to r what net/http cannot know behind the guard.
func (c *Conn) Describe(r *http.Request) {
	if c.tls != nil {
		r.TLS = c.tls
	}
}

// Cut stops the reading of a request whose body is not wanted.
func (c *Conn) Cut() { c.budget.CompareAndSwap(-1, tailLimit) }

// CloseWrite lets net/http end its side first, so that the client reads the
// answer before the connection is reset.
func (c *Conn) CloseWrite() error { return closeWrite(c.Conn) }

func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Close implements net.Conn. A connection that may still have bytes coming is
// held a little longer: closing at once would reset it and lose the answer.
func (c *Conn) Close() error {
	var err error
	c.closed.Do(func() {
		if c.budget.Load() >= 0 && c.CloseWrite() == nil {
			c.linger()
		}
		err = c.Conn.Close()
	})
	return err
}

// linger drops what still comes. Past the limit nothing is read any more: the
// client's sending stalls, and one that looks finds the answer.
func (c *Conn) linger() {
	until := time.Now().Add(lingering)
	_ = c.Conn.SetReadDeadline(until)
	if _, err := io.CopyN(io.Discard, c.Conn, lingerLimit); err == nil {
		time.Sleep(time.Until(until))
	}
}

// headBegun sets the clock of a head that did not come in one piece: between
// requests net/http waits with the longer idle timeout.
func (c *Conn) headBegun() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.headBy.IsZero() {
		c.headBy = time.Now().Add(c.rules.headTimeout)
	}
	_ = c.Conn.SetReadDeadline(earlier(c.want, c.headBy))
}

func (c *Conn) headDone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.headBy.IsZero() {
		c.headBy = time.Time{}
		_ = c.Conn.SetReadDeadline(c.want)
	}
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want = t
	return c.Conn.SetReadDeadline(earlier(t, c.headBy))
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// earlier gives the earlier of two deadlines; zero means none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

type connKey struct{}

// Context lets handlers find the connection that their request came by; it is
// for http.Server.ConnContext.
func Context(ctx context.Context, c net.Conn) context.Context {
	if gc, ok := c.(*Conn); ok {
		return context.WithValue(ctx, connKey{}, gc)
	}
	return ctx
}

// Of gives the connection of a request; nil with HTTP/2 and where no guard is, as
// in tests of handlers.
func Of(ctx context.Context) *Conn {
	c, _ := ctx.Value(connKey{}).(*Conn)
	return c
}
