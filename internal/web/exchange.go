package web

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"time"

	"propusk/internal/authority"
)

// Exchange is what is known of one request while it is served. Edge makes it,
// router and pipeline fill it, access log and metrics read it. It belongs to
// the goroutine of its request.
type Exchange struct {
	ID        string
	Address   netip.Addr // the client's, behind trusted proxies
	Stand     authority.Stand
	Route     *Route // nil until routed
	Dialect   string // "" on paths that nobody claims
	Account   authority.ID
	Principal authority.ID
	Refusal   authority.Code // why it was refused; "" when it was not
	Challenge string         // WWW-Authenticate of a 401 that sets none itself
	Lifetime  time.Duration  // asked of the access token that is issued; 0 = none (rule 10)

	maxBody int64  // of this request; 0 = not limited yet
	cut     func() // stops reading the rest of the request; nil with HTTP/2
}

type exchangeKey struct{}

// ExchangeOf gives the exchange of a request's context. Outside of Edge, as in
// a test that calls a handler alone, it gives an empty one.
func ExchangeOf(ctx context.Context) *Exchange {
	if ex, ok := ctx.Value(exchangeKey{}).(*Exchange); ok {
		return ex
	}
	return &Exchange{}
}

// WithExchange returns a context that carries ex.
func WithExchange(ctx context.Context, ex *Exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, ex)
}

// Origin is what the core needs to know of where the request came from.
func (ex *Exchange) Origin() authority.Origin {
	o := authority.Origin{Stand: ex.Stand, Dialect: ex.Dialect, Address: ex.Address, RequestID: ex.ID, Lifetime: ex.Lifetime}
	if ex.Route != nil {
		o.Door, o.Verb = ex.Route.Door, ex.Route.Audit
	}
	return o
}

// OriginOf is ExchangeOf(ctx).Origin(), for handlers of public routes.
func OriginOf(ctx context.Context) authority.Origin { return ExchangeOf(ctx).Origin() }

// recorder notes status and size of an answer, and adds the challenge that
// every 401 carries (rule 4).
type recorder struct {
	http.ResponseWriter
	ex     *Exchange
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
		if status == http.StatusUnauthorized {
			w.challenge()
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) challenge() {
	h := w.Header()
	if w.ex.Challenge != "" && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", w.ex.Challenge)
	}
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom keeps the fast path of files (sendfile).
func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := io.Copy(w.ResponseWriter, src)
	w.bytes += n
	return n, err
}

// Flush implements http.Flusher.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
