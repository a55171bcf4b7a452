package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"propusk/internal/authority"
	"propusk/internal/testenv/fake"
	"propusk/internal/web"
)

// Rule 11.
func TestRequestID(t *testing.T) {
	e := edge(t, table())
	for sent, echoed := range map[string]bool{
		"abc-1": true, strings.Repeat("a", 128): true, "{\"a\"}": true,
		"": false, strings.Repeat("a", 129): false, "a b": false, "a\tb": false, "Ж": false, "a\x1b[0m": false,
	} {
		w := ask(e, "GET", "/fsm/work/tasks", "X-Request-ID", sent)
		if got := w.Header().Get("X-Request-ID"); (got == sent) != echoed || got == "" {
			t.Errorf("%q gives %q", sent, got)
		}
	}
	a, b := ask(e, "GET", "/none"), ask(e, "GET", "/none")
	if a.Header().Get("X-Request-ID") == b.Header().Get("X-Request-ID") {
		t.Error("two requests have one id")
	}
	w := ask(e, "GET", "/none", "X-Request-ID", "a", "X-Request-ID", "b")
	if got := w.Header().Get("X-Request-ID"); got == "a" || got == "b" {
		t.Errorf("two ids are echoed as %q", got)
	}
}

// B41: nobody but a trusted proxy says who the client is.
func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer, header string
		sent         []string
		want         string
	}{
		{"192.0.2.1:5", "", []string{"X-Forwarded-For", "198.51.100.1"}, "192.0.2.1"},
		{"[::ffff:192.0.2.1]:5", "", nil, "192.0.2.1"},
		{"10.0.0.1:5", "", nil, "10.0.0.1"},
		{"10.0.0.1:5", "", []string{"X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1:5", "", []string{"X-Forwarded-For", "1.1.1.1, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"10.0.0.1:5", "", []string{"X-Forwarded-For", "1.1.1.1", "X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1:5", "", []string{"X-Forwarded-For", "1.1.1.1, junk"}, "10.0.0.1"},
		{"10.0.0.1:5", "", []string{"X-Forwarded-For", "[2001:db8::1]:80"}, "2001:db8::1"},
		{"[fd00::1]:5", "", []string{"X-Forwarded-For", "::ffff:198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1:5", "", []string{"X_Forwarded_For", "1.1.1.1", "Forwarded", "for=1.1.1.1", "X-Real-IP", "1.1.1.1"}, "10.0.0.1"},
		{"10.0.0.1:5", "Forwarded", []string{"Forwarded", `for=1.1.1.1, For="[2001:db8::1]:80";proto=https`}, "2001:db8::1"},
		{"10.0.0.1:5", "Forwarded", []string{"Forwarded", "for=unknown"}, "10.0.0.1"},
		{"10.0.0.1:5", "X-Real-IP", []string{"X-Real-IP", "198.51.100.1"}, "198.51.100.1"},
		{"@", "", []string{"X-Forwarded-For", "198.51.100.1"}, ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		for i := 0; i < len(c.sent); i += 2 {
			r.Header.Add(c.sent[i], c.sent[i+1])
		}
		got := web.Proxies{Trusted: trusted, Header: c.header}.Client(r)
		if got.IsValid() != (c.want != "") || c.want != "" && got.String() != c.want {
			t.Errorf("%s %v: %v, want %s", c.peer, c.sent, got, c.want)
		}
	}
}

// B65, B67: one line of JSON per request, nothing of the client's text in it.
func TestAccessLog(t *testing.T) {
	var log fake.Log
	e := edge(t, table())
	e.Logger = logger(&log)
	evil := "secret\r\n{\"msg\":\"x\"}\x1b[31m\u2028"
	ask(e, "GET", "/fsm/work/tasks/secret1?token=secret2", "Authorization", "Bearer secret3", "User-Agent", evil, "X-Request-ID", evil)
	send(e, "SECRET", "/fsm/secret", "secret", "Referer", evil)
	got := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(got) != 2 || strings.Contains(strings.ToLower(log.String()), "secret") {
		t.Fatalf("log: %s", log.String())
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(got[0]), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"route": "/fsm/WORK/Tasks/{id}", "method": "GET", "status": 200.0, "dialect": "folded", "stand": "production", "address": "192.0.2.1",
	} {
		if line[name] != want {
			t.Errorf("%s = %v, want %v", name, line[name], want)
		}
	}
	if !strings.Contains(got[1], `"method":"OTHER"`) || !strings.Contains(got[1], `"refusal":"not_found"`) {
		t.Errorf("second line %s", got[1])
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	var log fake.Log
	e := edge(t, table())
	e.Logger = logger(&log)
	w := ask(e, "GET", "/api/v1/panic")
	if w.Code != http.StatusInternalServerError || w.Body.String() != "exact internal" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "a defect") || !strings.Contains(log.String(), "stack") {
		t.Errorf("the log does not say what happened: %s", log.String())
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	m, err := web.NewMetrics(reg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := web.NewMetrics(reg); err == nil {
		t.Error("registered twice")
	}
	e := edge(t, table())
	e.Metrics = m
	ask(e, "GET", "/fsm/work/tasks/a")
	ask(e, "GET", "/fsm/work/tasks/b")
	ask(e, "ODD", "/none/of/these")
	in := web.Internal{Metrics: promhttp.HandlerFor(reg, promhttp.HandlerOpts{})}
	text := ask(in, "GET", "/metrics").Body.String()
	for _, want := range []string{
		`propusk_http_requests_total{dialect="folded",method="GET",route="/fsm/WORK/Tasks/{id}",stand="production",status="2xx"} 2`,
		`propusk_http_requests_total{dialect="",method="OTHER",route="",stand="production",status="4xx"} 1`,
		`propusk_http_refusals_total{code="not_found",dialect="",stand="production"} 1`,
		`propusk_http_requests_in_flight 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s", want)
		}
	}
}

func TestInternalHandler(t *testing.T) {
	broken := false
	in := web.Internal{Metrics: http.NotFoundHandler(), Ready: func(*http.Request) error {
		if broken {
			return authority.E(authority.Unavailable, "the database is away: host=db")
		}
		return nil
	}}
	for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/debug/pprof/": 404, "/": 404} {
		if w := ask(in, "GET", path); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	broken = true
	if w := ask(in, "GET", "/readyz"); w.Code != 503 || strings.Contains(w.Body.String(), "db") || w.Header().Get("Retry-After") == "" {
		t.Errorf("not ready: %d %q", w.Code, w.Body)
	}
	if w := ask(in, "POST", "/livez", "X-Request-ID", "mine"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" ||
		w.Header().Get("X-Request-ID") != "mine" || !strings.Contains(w.Body.String(), `"mine"`) {
		t.Errorf("POST: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// Every code has a status, and only defects are 500.
func TestStatusOfEveryCode(t *testing.T) {
	for _, c := range authority.Codes() {
		if s := web.Status(c); (s == http.StatusInternalServerError) != (c == authority.Internal) || http.StatusText(s) == "" {
			t.Errorf("%s: %d", c, s)
		}
	}
}
