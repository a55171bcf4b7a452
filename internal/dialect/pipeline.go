package dialect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// Authenticator lets callers in; *authority.Authority does. Its errors are
// Unauthenticated, InvalidToken, InvalidClient, LimitExceeded or Unavailable.
type Authenticator interface {
	Authenticate(ctx context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error)
}

// Guests lets in who shows no credential; *authority.Authority does, where an
// account's authorization is off.
type Guests interface {
	Guest(ctx context.Context, o authority.Origin, account authority.ID) (authority.Caller, error)
}

// GuestHost is a dialect that may be called without a credential. Guest names
// the account that such a request is about; it is asked only when nothing was
// shown, never after something was refused.
type GuestHost interface {
	Guest(r *http.Request) (account authority.ID, err error)
}

// Admitter is a dialect that is closed to some callers whatever they hold.
// Admit gives the error that they get on a route; it is asked after the limits,
// and its refusals are audited.
type Admitter interface {
	Admit(ctx context.Context, rt *web.Route, c authority.Caller) error
}

// Meter is a dialect that counts calls by a rule of its own, after the limit of
// the credential. What it writes into h is in the answer, whatever that is.
type Meter interface {
	Meter(h http.Header, c authority.Caller) error
	// ShowMeter writes the same into h and counts nothing: for what is refused
	// before it is a call.
	ShowMeter(h http.Header, c authority.Caller)
}

// Config is what a stand's pipeline works with.
type Config struct {
	Stand     authority.Stand
	Dialects  []Dialect
	Authority Authenticator
	Guests    Guests                                       // nil = nobody gets in without a credential
	Clients   *Clients                                     // of the shared token path; nil = no client is known
	Refreshes Refreshes                                    // of the shared token path; nil = no refresh token is known
	Codes     Inquirer                                     // of /oauth/authorize; nil = there is no such path
	Issuer    func(authority.Stand) string                 // the stand's outside address; with Codes
	Console   func(authority.Stand) string                 // outside address of the page that asks users, without a slash; nil, "" = none
	Answers   Answers                                      // of requests with an Idempotency-Key; nil = the field is not read
	Limiter   *limit.Rate                                  // requests per credential; nil = none
	Lease     func(ctx context.Context) error              // nil = this node always may answer
	Refused   func(ctx context.Context, e authority.Entry) // takes refusals for the audit; nil = none
	Origins   map[string]web.CORS                          // by dialect; missing = any origin
	MaxBody   int64                                        // bytes, of routes that set none; 0 = 1 MiB
	Realm     string                                       // of WWW-Authenticate; "" = "propusk"
	Logger    *slog.Logger                                 // internal errors; nil = none
}

// pipeline implements web.Pipeline for one stand.
type pipeline struct {
	Config

	names map[string]Dialect
	realm string // quoted
}

// Mount collects the routes of all dialects and gives the stand's router and
// route table.
func Mount(c Config) (*web.Router, []web.Route, error) {
	p := &pipeline{Config: c, names: map[string]Dialect{}, realm: quoteRealm(c.Realm)}
	mux := web.NewMux()
	var errs []error
	for _, d := range c.Dialects {
		if p.names[d.Name()] != nil {
			errs = append(errs, fmt.Errorf("dialect: %s is registered twice", d.Name()))
		}
		p.names[d.Name()] = d
		d.Mount(mux)
	}
	p.mountShared(mux)
	for _, rt := range mux.Routes() {
		if p.names[rt.Dialect] == nil {
			errs = append(errs, fmt.Errorf("dialect: route %s %s belongs to no dialect", rt.Method, rt.Pattern))
		}
		if err := web.CheckRequest(rt.Request); err != nil {
			errs = append(errs, fmt.Errorf("dialect: route %s %s: %w", rt.Method, rt.Pattern, err))
		}
	}
	router, err := mux.Router(c.Stand, p)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, nil, err
	}
	return router, mux.Routes(), nil
}

func quoteRealm(realm string) string {
	if realm == "" {
		realm = "propusk"
	}
	return `realm="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(realm) + `"`
}

// Cross implements web.Pipeline.
func (p *pipeline) Cross(dialect string) web.CORS {
	if c, ok := p.Origins[dialect]; ok {
		return c
	}
	return web.AnyOrigin()
}

// Run implements web.Pipeline.
func (p *pipeline) Run(w http.ResponseWriter, r *http.Request, rt *web.Route) {
	if err := p.serve(w, r, rt); err != nil {
		p.Refuse(w, r, web.ExchangeOf(r.Context()).Dialect, err)
	}
}

// serve is the order of the checks.
func (p *pipeline) serve(w http.ResponseWriter, r *http.Request, rt *web.Route) error {
	if rt.Secret {
		w.Header()["Cache-Control"] = []string{"no-store"}
	}
	if rt.NoHead && prefetched(r) {
		return authority.E(authority.Forbidden, "this request changes something and is not served to a prefetch")
	}
	if rt.NoHead && partial(r) {
		return authority.E(authority.InvalidRequest, "this request changes something and cannot ask for a part, or for what is new since")
	}
	if err := p.askLifetime(r, rt); err != nil {
		return err
	}
	web.LimitBody(w, r, cmp.Or(rt.MaxBody, p.MaxBody))
	caller, err := p.admit(w, r, rt)
	if err == nil && !rt.Public {
		err = noTokenInQuery(r)
	}
	if err != nil {
		return err
	}
	if p.Lease != nil {
		if err := p.Lease(r.Context()); err != nil {
			return err
		}
	}
	if p.repeatable(r, rt) {
		if rt.Repeats {
			if _, err := onceKey(r); err != nil {
				return err
			}
			return rt.Serve(w, r, caller)
		}
		return p.once(w, r, rt, caller)
	}
	return rt.Serve(w, r, caller)
}

// LifetimeHeader asks, on the test stand, for another lifetime of the access
// token that a request issues: in seconds (rule 10).
const LifetimeHeader = "X-Propusk-Token-Lifetime"

const maxLifetime = 31 * 24 * 60 * 60 // seconds

// askLifetime reads LifetimeHeader of requests that issue. The production stand
// does not know it.
func (p *pipeline) askLifetime(r *http.Request, rt *web.Route) error {
	sent := r.Header.Values(LifetimeHeader)
	if len(sent) == 0 || p.Stand != authority.Test || rt.Door == "" {
		return nil
	}
	n, err := strconv.ParseUint(sent[0], 10, 32)
	if err != nil || len(sent) > 1 || n == 0 || n > maxLifetime {
		return authority.E(authority.InvalidValue, LifetimeHeader+" must be whole seconds, 1 to 2678400, sent once").
			With("field", LifetimeHeader)
	}
	web.ExchangeOf(r.Context()).Lifetime = time.Duration(n) * time.Second
	return nil
}

// noTokenInQuery refuses what a client meant to come in with, beside the credential
// that let it in: addresses are kept in logs, and links would repeat it (rule 3, RFC
// 6750 §2).
func noTokenInQuery(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	for name := range r.URL.Query() {
		switch strings.ToLower(name) {
		case "access_token", "token", "id_token", "refresh_token", "servicetoken", "service_token":
			return authority.E(authority.InvalidRequest, "a token in the address is not taken: send it in the header Authorization alone")
		}
	}
	return nil
}

// prefetched reports whether a browser fetches ahead of its user (B31).
func prefetched(r *http.Request) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Moz"} {
		for _, v := range r.Header.Values(name) {
			if strings.Contains(strings.ToLower(v), "prefetch") {
				return true
			}
		}
	}
	return false
}

// partial reports whether a cache or a download tool asks for less than the whole
// answer: what it gets is made anew each time (B24).
func partial(r *http.Request) bool {
	for _, name := range [...]string{"Range", "If-None-Match", "If-Modified-Since", "If-Range"} {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// admit finds out who calls and whether they may use the route.
func (p *pipeline) admit(w http.ResponseWriter, r *http.Request, rt *web.Route) (authority.Caller, error) {
	if rt.Public {
		return authority.Caller{}, nil
	}
	caller, err := p.enter(r, rt)
	if err != nil {
		return authority.Caller{}, err
	}
	ex := web.ExchangeOf(r.Context())
	ex.Account, ex.Principal = caller.Account().ID, caller.Principal().ID
	if err := p.count(w, rt, caller); err != nil {
		return authority.Caller{}, err
	}
	if d, ok := p.names[rt.Dialect].(Admitter); ok {
		if err := d.Admit(r.Context(), rt, caller); err != nil {
			if authority.CodeOf(err) == authority.Forbidden {
				p.refused(r, rt, caller, "not_admitted")
			}
			return authority.Caller{}, err
		}
	}
	if !caller.Can(rt.Permission) {
		p.refused(r, rt, caller, "permission")
		return authority.Caller{}, authority.E(authority.Forbidden, "the permission "+string(rt.Permission)+" is missing").
			With("permission", string(rt.Permission))
	}
	return caller, nil
}

// count takes the call from what the credential and the dialect's own rule leave.
func (p *pipeline) count(w http.ResponseWriter, rt *web.Route, c authority.Caller) error {
	m, ok := p.names[rt.Dialect].(Meter)
	if err := p.limit(w, c); err != nil {
		if ok {
			m.ShowMeter(w.Header(), c)
		}
		return err
	}
	if !ok {
		return nil
	}
	return m.Meter(w.Header(), c)
}

// enter lets in the bearer of the presented credential, or a guest where none
// was presented.
func (p *pipeline) enter(r *http.Request, rt *web.Route) (authority.Caller, error) {
	d, o := p.names[rt.Dialect], web.OriginOf(r.Context())
	shown, err := d.Credential(r)
	if err == nil {
		return p.Authority.Authenticate(r.Context(), o, shown)
	}
	host, ok := d.(GuestHost)
	if !ok || p.Guests == nil || !errors.Is(err, ErrNoCredential) {
		return authority.Caller{}, err
	}
	account, why := host.Guest(r)
	if authority.CodeOf(why) == authority.Unavailable {
		return authority.Caller{}, why // nobody knows yet whether there is a guest
	}
	if why != nil {
		return authority.Caller{}, err
	}
	return p.Guests.Guest(r.Context(), o, account)
}

// limit takes one request of the caller's credential, or of all guests of his
// account (rule 18).
func (p *pipeline) limit(w http.ResponseWriter, c authority.Caller) error {
	if p.Limiter == nil {
		return nil
	}
	key := c.Credential()
	if key == 0 {
		key = c.Account().ID
	}
	q := p.Limiter.Allow(key)
	q.SetHeaders(w.Header())
	return q.Err()
}

// refused hands a refusal to the audit.
func (p *pipeline) refused(r *http.Request, rt *web.Route, c authority.Caller, reason string) {
	if p.Refused == nil {
		return
	}
	e := c.Entry("")
	if rt.Object != nil {
		e.Object = rt.Object(r)
	}
	e.Outcome, e.Reason = authority.Refused, reason
	if e.Verb == "" {
		e.Verb = "access"
	}
	p.Refused(r.Context(), e)
}
