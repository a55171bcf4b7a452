package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web/guard"
)

// Edge is the outermost handler of a stand: it names the request, finds the
// client's address, turns panics into a 500 in the dialect's shape, and writes
// one log line and the metrics of every request.
type Edge struct {
	Router  *Router
	Hosts   map[string]*Router // by host name, in lower case without port: those that are not Router's
	Proxies Proxies
	// Check refuses requests before they meet a route; nil = none.
	Check   func(r *http.Request) error
	Logger  *slog.Logger     // access log; nil = none
	Metrics *Metrics         // nil = none
	Now     func() time.Time // nil = time.Now
}

// ServeHTTP implements http.Handler.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := e.now()
	ex := &Exchange{ID: requestID(r), Address: e.Proxies.Client(r), Stand: e.Router.stand}
	rec := &recorder{ResponseWriter: w, ex: ex}
	h := w.Header()
	h["X-Request-Id"] = []string{ex.ID}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	e.Metrics.begin()
	defer func() { e.finish(r, rec, began) }()
	e.serve(rec, r.WithContext(WithExchange(r.Context(), ex)))
}

// serve routes the request, unless the guard has already refused its head.
func (e *Edge) serve(rec *recorder, r *http.Request) {
	defer e.rescue(rec, r)
	conn, err := guarded(r)
	if err != nil {
		refuseHead(e.router(r), rec, r, err)
		return
	}
	if conn != nil {
		rec.ex.cut = func() {
			rec.Header().Set("Connection", "close")
			conn.Cut()
		}
	}
	if err := e.check(r); err != nil {
		e.router(r).Refuse(rec, r, err)
		return
	}
	e.router(r).ServeHTTP(rec, r)
}

// check refuses what no route may serve. Of two content types the next reader might
// take the other (RFC 9110 §5.3, §8.3).
func (e *Edge) check(r *http.Request) error {
	if len(r.Header["Content-Type"]) > 1 {
		return authority.E(authority.Malformed, "the Content-Type is sent more than once")
	}
	if e.Check != nil {
		return e.Check(r)
	}
	return nil
}

// guarded gives the connection that r came by, nil where no guard is, and why the
// head of r was refused.
func guarded(r *http.Request) (*guard.Conn, error) {
	conn := guard.Of(r.Context())
	if conn == nil {
		return nil, nil
	}
	conn.Describe(r)
	return conn, conn.Refusal(r)
}

// refuseHead answers a head that the guard refused. Only here is it known which
// methods its path takes.
func refuseHead(ro *Router, w http.ResponseWriter, r *http.Request, err error) {
	var e *authority.Error
	if errors.As(err, &e) && e.Code == authority.MethodNotAllowed {
		err = notAllowed(methods())
		if path, perr := Normalise(r.URL); perr == nil {
			if allow, _ := ro.allowed(path); len(allow) > 0 {
				err = notAllowed(allow)
			}
		}
	}
	ro.Refuse(w, r, err)
}

// router is what serves the host name that r asks for. RFC 9110 §7.4.
func (e *Edge) router(r *http.Request) *Router {
	if len(e.Hosts) == 0 {
		return e.Router
	}
	name, _ := authority.HostName(r.Host)
	if own := e.Hosts[name]; own != nil {
		return own
	}
	return e.Router
}

// rescue answers a panic. Its value and stack reach the log only.
func (e *Edge) rescue(rec *recorder, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	if e.Logger != nil {
		e.Logger.LogAttrs(r.Context(), slog.LevelError, "panic",
			slog.String("request_id", rec.ex.ID), slog.Any("value", v), slog.String("stack", string(debug.Stack())))
	}
	if rec.status != 0 {
		Abort()
	}
	e.router(r).Refuse(rec, r, authority.E(authority.Internal, ""))
}

// Abort ends an answer that has begun and cannot be finished: the connection is
// cut, so that half of it does not look whole. It panics with what net/http has
// for that; Edge lets it through and logs the request all the same.
func Abort() { panic(http.ErrAbortHandler) }

func (e *Edge) finish(r *http.Request, rec *recorder, began time.Time) {
	took := e.now().Sub(began)
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	e.Metrics.end(r.Method, rec, took)
	if e.Logger != nil {
		logAccess(r.Context(), e.Logger, r.Method, rec, took)
	}
}

func (e *Edge) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

// logAccess writes the one line of a request. Every value is ours or made of
// visible ASCII: the path is the route's pattern, never what was sent.
func logAccess(ctx context.Context, log *slog.Logger, method string, rec *recorder, took time.Duration) {
	ex := rec.ex
	attrs := [12]slog.Attr{
		slog.String("method", knownMethod(method)),
		slog.String("route", pattern(ex)),
		slog.Int("status", rec.status),
		slog.Int64("bytes", rec.bytes),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("request_id", ex.ID),
		slog.String("stand", string(ex.Stand)),
		slog.String("dialect", ex.Dialect),
		slog.String("address", addressText(ex.Address)),
		slog.Int64("account", int64(ex.Account)),
		slog.Int64("principal", int64(ex.Principal)),
		slog.String("refusal", string(ex.Refusal)),
	}
	log.LogAttrs(ctx, slog.LevelInfo, "request", attrs[:]...)
}

// pattern gives the route's documented path; "" for none.
func pattern(ex *Exchange) string {
	if ex.Route == nil {
		return ""
	}
	return ex.Route.Pattern
}

// knownMethod keeps methods to a fixed set: clients may send any token.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// NameRequest gives r an id, with which it is answered, for handlers that no Edge
// stands before.
func NameRequest(w http.ResponseWriter, r *http.Request) *http.Request {
	ex := &Exchange{ID: requestID(r)}
	w.Header()["X-Request-Id"] = []string{ex.ID}
	return r.WithContext(WithExchange(r.Context(), ex))
}

// requestID echoes a sane X-Request-ID, else makes one of 128 random bits
// (rule 11).
func requestID(r *http.Request) string {
	if sent := r.Header["X-Request-Id"]; len(sent) == 1 && isSaneID(sent[0]) {
		return sent[0]
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// isSaneID takes 1–128 visible ASCII characters.
func isSaneID(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
