package dialect_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// toy is a dialect that writes errors as "name code: message".
type toy struct {
	name   string
	routes []web.Route
	claims []dialect.TokenClaim
}

func (d toy) Name() string { return d.name }

func (d toy) Mount(m *web.Mux) {
	m.Claim("/"+d.name, d.name)
	for _, rt := range d.routes {
		rt.Dialect = d.name
		m.Handle(rt)
	}
}

func (d toy) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

func (d toy) WriteError(w http.ResponseWriter, _ *http.Request, err error) {
	code := authority.CodeOf(err)
	web.WriteBody(w, web.Status(code), "text/plain", []byte(d.name+" "+err.Error()))
}

func (d toy) TokenClaims() []dialect.TokenClaim { return d.claims }

// door lets "good" in as somebody who may do all, "weak" as one who may do
// nothing.
type door struct{ origins []authority.Origin }

func (d *door) Authenticate(_ context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error) {
	d.origins = append(d.origins, o)
	switch p.Token.Reveal() {
	case "good":
		return authority.System(o.Stand, authority.Account{ID: 5}, o.Verb, "test"), nil
	case "weak":
		return authority.Caller{}, nil
	case "busy":
		return authority.Caller{}, authority.Wrap(authority.Unavailable, "try again", errors.New("dsn=hidden"))
	}
	return authority.Caller{}, authority.Wrap(authority.InvalidToken, "", errors.New("hidden: expired"))
}

func answer(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
	web.WriteBody(w, http.StatusOK, "text/plain", []byte(r.Method+" account "+c.Account().Name))
	return nil
}

func routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/one/list", Permission: "List", Serve: answer},
		{Method: "POST", Pattern: "/one/list", Permission: "Create", Audit: "thing.create", Serve: answer},
		{Method: "GET", Pattern: "/one/me", Serve: answer},
		{Method: "POST", Pattern: "/one/token", Public: true, Door: "secret", Audit: "token.issue", Secret: true, Serve: answer},
		{Method: "GET", Pattern: "/one/mint", NoHead: true, Secret: true, Serve: answer},
		{Method: "GET", Pattern: "/one/defect", Serve: func(http.ResponseWriter, *http.Request, authority.Caller) error {
			return errors.New("sql: hidden")
		}},
		{Method: "GET", Pattern: "/one/wrapped", Serve: func(http.ResponseWriter, *http.Request, authority.Caller) error {
			return authority.Wrap(authority.Conflict, "taken", errors.New("hidden"))
		}},
		{Method: "POST", Pattern: "/one/login", Public: true, Secret: true, Serve: func(http.ResponseWriter, *http.Request, authority.Caller) error {
			return authority.E(authority.InvalidClient, "")
		}},
	}
}

func mount(t testing.TB, c dialect.Config) http.Handler {
	t.Helper()
	if c.Dialects == nil {
		c.Dialects = []dialect.Dialect{toy{name: "one", routes: routes()}}
	}
	if c.Authority == nil {
		c.Authority = &door{}
	}
	c.Stand = authority.Test
	router, _, err := dialect.Mount(c)
	if err != nil {
		t.Fatal(err)
	}
	return &web.Edge{Router: router}
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const (
	bearer  = `Bearer realm="propusk"`
	invalid = bearer + `, error="invalid_token"`
)

// Rules 3, 4, 6 and 12 on a toy dialect.
func TestPipeline(t *testing.T) {
	h := mount(t, dialect.Config{})
	for _, c := range []struct {
		name, method, path string
		header             []string
		status             int
		body, challenge    string
	}{
		{"good", "GET", "/one/list", []string{"Authorization", "Bearer good"}, 200, "GET account ", ""},
		{"HEAD", "HEAD", "/one/list", []string{"Authorization", "bearer  good"}, 200, "HEAD account ", ""},
		{"none", "GET", "/one/list", nil, 401, "one unauthenticated: no credential was presented", bearer},
		{"in the query", "GET", "/one/list?access_token=good&token=good", nil, 401, "one unauthenticated: no credential was presented", bearer},
		{"unknown", "GET", "/one/list", []string{"Authorization", "Bearer bad"}, 401, "one invalid_token: the access token is not valid", invalid},
		{"malformed", "GET", "/one/list", []string{"Authorization", "Bearer a b"}, 401, "one invalid_token: the access token is not valid", invalid},
		{"other scheme", "GET", "/one/list", []string{"Authorization", "Basic dTpw"}, 401, "one unauthenticated: no credential was presented", bearer},
		{"twice", "GET", "/one/list", []string{"Authorization", "Bearer good", "Authorization", "Bearer good"}, 400, "one invalid_request: the Authorization header is sent more than once", ""},
		{"twice, public", "POST", "/one/token", []string{"Authorization", "Bearer good", "Authorization", "Bearer good"}, 400, "one invalid_request: the Authorization header is sent more than once", ""},
		{"no right", "GET", "/one/list", []string{"Authorization", "Bearer weak"}, 403, "one forbidden: the permission List is missing", ""},
		{"busy", "GET", "/one/list", []string{"Authorization", "Bearer busy"}, 503, "one unavailable: try again", ""},
		{"public", "POST", "/one/token", nil, 200, "POST account ", ""},
		{"defect", "GET", "/one/defect", []string{"Authorization", "Bearer good"}, 500, "one internal: internal error", ""},
		{"cause", "GET", "/one/wrapped", []string{"Authorization", "Bearer good"}, 409, "one conflict: taken", ""},
		{"mint by HEAD", "HEAD", "/one/mint", []string{"Authorization", "Bearer good"}, 405, "one method_not_allowed: this path takes GET", ""},
		{"mint ahead", "GET", "/one/mint", []string{"Authorization", "Bearer good", "Sec-Purpose", "prefetch;prerender"}, 403, "one forbidden: this request changes something and is not served to a prefetch", ""},
		{"mint ahead, old", "GET", "/one/mint", []string{"Authorization", "Bearer good", "X-Moz", "Prefetch"}, 403, "one forbidden: this request changes something and is not served to a prefetch", ""},
		{"mint a part", "GET", "/one/mint", []string{"Authorization", "Bearer good", "Range", "bytes=0-1"}, 400, "one invalid_request: this request changes something and cannot ask for a part, or for what is new since", ""},
		{"mint what is new", "GET", "/one/mint", []string{"Authorization", "Bearer good", "If-None-Match", "*"}, 400, "one invalid_request: this request changes something and cannot ask for a part, or for what is new since", ""},
		{"mint", "GET", "/one/mint", []string{"Authorization", "Bearer good"}, 200, "GET account ", ""},
		{"client", "POST", "/one/login", nil, 401, "one invalid_client", bearer},
		{"client by Basic", "POST", "/one/login", []string{"Authorization", "Basic dTpw"}, 401, "one invalid_client", `Basic realm="propusk"`},
	} {
		w := ask(h, c.method, c.path, c.header...)
		if w.Code != c.status || w.Body.String() != c.body || w.Header().Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: %d %q %q, want %d %q %q", c.name, w.Code, w.Body, w.Header().Get("WWW-Authenticate"), c.status, c.body, c.challenge)
		}
		if w.Code == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", c.name)
		}
	}
}

// Rule 6: what carries a secret, or refuses one, is not stored.
func TestSecretsAreNotStored(t *testing.T) {
	h := mount(t, dialect.Config{})
	for path, want := range map[string]string{"/one/token": "no-store", "/one/login": "no-store", "/one/list": ""} {
		if got := ask(h, "POST", path, "Authorization", "Bearer good").Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
}

func TestOriginIsMadeByThePipeline(t *testing.T) {
	d := &door{}
	h := mount(t, dialect.Config{Authority: d})
	ask(h, "POST", "/one/list", "Authorization", "Bearer good", "X-Request-ID", "r1", "X-Forwarded-For", "1.1.1.1")
	o := d.origins[0]
	if o.Stand != authority.Test || o.Dialect != "one" || o.RequestID != "r1" || o.Verb != "thing.create" || o.Address.String() != "192.0.2.1" {
		t.Errorf("origin %+v", o)
	}
}

func TestDefectsReachTheLogOnly(t *testing.T) {
	var log strings.Builder
	h := mount(t, dialect.Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	w := ask(h, "GET", "/one/defect", "Authorization", "Bearer good", "X-Request-ID", "r1")
	if strings.Contains(w.Body.String(), "hidden") || !strings.Contains(log.String(), "sql: hidden") || !strings.Contains(log.String(), `"request_id":"r1"`) {
		t.Errorf("answer %q, log %q", w.Body, log.String())
	}
}

func TestLimitAndLease(t *testing.T) {
	var refused []authority.Entry
	h := mount(t, dialect.Config{
		Limiter: limit.NewRate(limit.RateConfig{Rate: 1, Burst: 2}),
		Refused: func(_ context.Context, e authority.Entry) { refused = append(refused, e) },
	})
	var last *httptest.ResponseRecorder
	for range 3 {
		last = ask(h, "GET", "/one/me", "Authorization", "Bearer good")
	}
	if last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") != "1" || last.Header().Get("RateLimit") == "" || last.Header().Get("RateLimit-Policy") == "" {
		t.Errorf("third: %d %v", last.Code, last.Header())
	}
	ask(mount(t, dialect.Config{Refused: func(_ context.Context, e authority.Entry) { refused = append(refused, e) }}),
		"GET", "/one/list", "Authorization", "Bearer weak")
	if len(refused) != 1 || refused[0].Outcome != authority.Refused || refused[0].Reason != "permission" || refused[0].Verb == "" {
		t.Errorf("refusals %+v", refused)
	}
	h = mount(t, dialect.Config{Lease: func(context.Context) error { return authority.E(authority.Unavailable, "lease") }})
	if w := ask(h, "GET", "/one/me", "Authorization", "Bearer good"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("without a lease: %d", w.Code)
	}
}

func TestBadRegistrations(t *testing.T) {
	for name, ds := range map[string][]dialect.Dialect{
		"twice": {toy{name: "one"}, toy{name: "one"}},
		"conflict": {
			toy{name: "one", routes: []web.Route{{Method: "GET", Pattern: "/x/{a}", Serve: answer}}},
			toy{name: "two", routes: []web.Route{{Method: "GET", Pattern: "/{b}/y", Serve: answer}}},
		},
		"request": {toy{name: "one", routes: []web.Route{{Method: "GET", Pattern: "/x", Serve: answer, Request: struct {
			A chan int `query:"a"`
		}{}}}}},
	} {
		if _, _, err := dialect.Mount(dialect.Config{Dialects: ds, Authority: &door{}, Stand: authority.Test}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Rule 14: the first claim that matches is final; its dialect answers for the
// errors too.
func TestSharedTokenPath(t *testing.T) {
	claim := func(rank int, grant string, err error) []dialect.TokenClaim {
		return []dialect.TokenClaim{{
			Rank:  rank,
			Match: func(_ *http.Request, f web.Form) bool { return f["grant_type"] == grant },
			Serve: func(w http.ResponseWriter, r *http.Request, f web.Form) error {
				if err == nil {
					web.WriteBody(w, 200, "text/plain", []byte(web.OriginOf(r.Context()).Dialect+" "+f["grant_type"]))
				}
				return err
			},
		}}
	}
	h := mount(t, dialect.Config{Dialects: []dialect.Dialect{
		toy{name: "last", claims: claim(dialect.RankAnything, "", authority.E(authority.UnsupportedGrantType, ""))},
		toy{name: "first", claims: claim(dialect.RankApplication, "app", nil)},
		toy{name: "second", claims: claim(dialect.RankPassword, "app", nil)},
	}})
	for body, want := range map[string]string{
		"grant_type=app": "first app", "grant_type=other": "last unsupported_grant_type", "grant_type=app&grant_type=app": "last invalid_request: a parameter is sent more than once",
	} {
		r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Body.String() != want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q %v, want %q", body, w.Body, w.Header(), want)
		}
	}
	if w := ask(h, "GET", "/oauth/token"); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", w.Code)
	}
}

// The bar: a verified bearer on a cheap route reaches at least 60 % of a bare
// net/http handler that writes the same bytes. Both are asked in turn, a few
// requests at a time, over loopback and behind the listeners that serve uses, so
// that a busy machine slows both alike.
func BenchmarkPipeline(b *testing.B) {
	body := []byte(`{"data":[],"total":0}`)
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		web.WriteBody(w, http.StatusOK, "application/json; charset=utf-8", body)
	}))
	defer bare.Close()
	full := serve(b, benchEdge(b, body))
	limit, ours := dial(b, bare.Listener.Addr().String()), dial(b, full)
	var atLimit, atOurs time.Duration
	for b.Loop() {
		atLimit += limit.ask(b, 50)
		atOurs += ours.ask(b, 50)
	}
	per := float64(b.N) * 50
	b.ReportMetric(float64(atLimit.Nanoseconds())/per, "bare-ns/request")
	b.ReportMetric(float64(atOurs.Nanoseconds())/per, "pipeline-ns/request")
	b.ReportMetric(100*float64(atLimit)/float64(atOurs), "%-of-bare")
}

func benchEdge(b *testing.B, body []byte) http.Handler {
	metrics, err := web.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	router, _, err := dialect.Mount(dialect.Config{
		Stand: authority.Production, Authority: fast{},
		Dialects: []dialect.Dialect{toy{name: "one", routes: []web.Route{{
			Method: "GET", Pattern: "/one/list", Fold: true, Permission: "List",
			Serve: func(w http.ResponseWriter, _ *http.Request, _ authority.Caller) error {
				web.WriteBody(w, http.StatusOK, "application/json; charset=utf-8", body)
				return nil
			},
		}}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return &web.Edge{Router: router, Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), Metrics: metrics}
}

type fast struct{}

func (fast) Authenticate(_ context.Context, o authority.Origin, _ authority.Presented) (authority.Caller, error) {
	return authority.System(o.Stand, authority.Account{}, "", "bench"), nil
}
