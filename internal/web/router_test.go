package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Rule 12: slash, case, HEAD, 405 with Allow. Rule 14: whose 404 it is.
func TestRouting(t *testing.T) {
	e := edge(t, table())
	for _, c := range []struct {
		method, target string
		status         int
		body           string
		allow          string
	}{
		{"GET", "/fsm/WORK/Tasks", 200, "GET /fsm/WORK/Tasks id= body=", ""},
		{"GET", "/fsm/WORK/Tasks/", 200, "GET /fsm/WORK/Tasks/ id= body=", ""},
		{"GET", "/FSM/work/tAsKs/AbC", 200, "GET /FSM/work/tAsKs/AbC id=AbC body=", ""},
		{"GET", "/fsm/WORK/Tas\u212as", 404, "folded not_found", ""},
		{"GET", "/fsm/WORK/Tasks/%D0%96", 200, "GET /fsm/WORK/Tasks/Ж id=Ж body=", ""},
		{"HEAD", "/fsm/WORK/Tasks", 200, "HEAD /fsm/WORK/Tasks id= body=", ""},
		{"GET", "/api/v1/user", 200, "GET /api/v1/user id= body=", ""},
		{"GET", "/api/v1/user/", 200, "GET /api/v1/user/ id= body=", ""},
		{"GET", "/api/v1/USER", 404, "exact not_found", ""},
		{"GET", "/api/v1/files/a/b/c", 200, "GET /api/v1/files/a/b/c id=a/b/c body=", ""},
		{"DELETE", "/fsm/work/tasks", 405, "folded method_not_allowed", "GET, HEAD, POST"},
		{"PURGE", "/fsm/work/tasks", 405, "folded method_not_allowed", "GET, HEAD, POST"},
		{"HEAD", "/api/v1/auth/create", 405, "inner method_not_allowed", "GET"},
		{"GET", "/api/v1/auth/none", 404, "inner not_found", ""},
		{"GET", "/api/v1/authors", 404, "exact not_found", ""},
		{"POST", "/api/v1/expire", 404, "exact not_found", ""},
		{"GET", "/fsmx", 404, "", ""},
		{"GET", "/", 404, "", ""},
		{"GET", "/fsm/WORK//Tasks", 404, "folded not_found", ""},
		{"GET", "/fsm/WORK/./Tasks", 404, "folded not_found", ""},
		{"GET", "/fsm/WORK/x/%2e%2e/Tasks", 404, "folded not_found", ""},
		{"GET", "/fsm/WORK/Tasks;a=b", 404, "folded not_found", ""},
		{"GET", "/fsm/WORK/Tasks//", 404, "folded not_found", ""},
		{"GET", "/fsm/WORK%2fTasks", 400, "folded malformed", ""},
		{"GET", "/fsm/WORK/Tasks/a%5Cb", 400, "folded malformed", ""},
		{"GET", "/fsm/WORK/Tasks/a%00", 400, "folded malformed", ""},
		{"GET", "/fsm/WORK/Tasks/a%0d%0ab", 400, "folded malformed", ""},
		{"GET", "/fsm/WORK/Tasks/%ff", 400, "folded malformed", ""},
		{"GET", "/fsm/WORK/Tasks/%252f", 200, "GET /fsm/WORK/Tasks/%2f id=%2f body=", ""},
	} {
		w := ask(e, c.method, c.target)
		if w.Code != c.status || c.body != "" && w.Body.String() != c.body || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s = %d %q Allow %q, want %d %q Allow %q", c.method, c.target,
				w.Code, w.Body, w.Header().Get("Allow"), c.status, c.body, c.allow)
		}
		if c.body == "" && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: nobody's path is not answered with problem details", c.method, c.target)
		}
	}
}

func TestTwoAuthorizationHeaders(t *testing.T) {
	w := ask(edge(t, table()), "GET", "/fsm/work/tasks", "Authorization", "Bearer a", "Authorization", "Bearer a")
	if w.Code != http.StatusBadRequest || w.Body.String() != "folded invalid_request" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}

func TestStandOfRoute(t *testing.T) {
	router, err := table().Router(authority.Test, toy{})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(&web.Edge{Router: router}, "POST", "/api/v1/expire"); w.Code != http.StatusOK {
		t.Errorf("a route of the test stand answers %d there", w.Code)
	}
}

func TestBadTables(t *testing.T) {
	good := web.Route{Method: "GET", Pattern: "/a/{x}", Serve: echo}
	for name, change := range map[string]func(*web.Route){
		"conflict":           func(r *web.Route) { r.Pattern = "/{x}/b" },
		"twice":              func(r *web.Route) { r.Pattern = "/a/{y}" },
		"syntax":             func(r *web.Route) { r.Pattern = "/a/{x" },
		"no slash":           func(r *web.Route) { r.Pattern = "a" },
		"method":             func(r *web.Route) { r.Method = "BREW" },
		"no handler":         func(r *web.Route) { r.Pattern, r.Serve = "/n", nil },
		"public, permission": func(r *web.Route) { r.Pattern, r.Public, r.Permission = "/n", true, "P" },
		"NoHead on POST":     func(r *web.Route) { r.Pattern, r.Method, r.NoHead = "/n", "POST", true },
	} {
		m := web.NewMux()
		m.Handle(good)
		second := good
		change(&second)
		m.Handle(second)
		if _, err := m.Router(authority.Production, toy{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	m := web.NewMux()
	m.Claim("/a", "one")
	m.Claim("/a/", "two")
	if _, err := m.Router(authority.Production, toy{}); err == nil {
		t.Error("two claims on one prefix: no error")
	}
}

func TestCORS(t *testing.T) {
	e := edge(t, table())
	pre := []string{"Origin", "https://app.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization, x-\x01, x-application-id"}
	w := ask(e, "OPTIONS", "/fsm/work/tasks", pre...)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, HEAD, POST",
		"Access-Control-Allow-Headers": "authorization, x-application-id", "Allow": "GET, HEAD, POST, OPTIONS",
		"Access-Control-Allow-Credentials": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("preflight: %s = %q, want %q", name, got, want)
		}
	}
	if w.Code != http.StatusNoContent {
		t.Errorf("preflight = %d", w.Code)
	}
	for _, target := range []string{"/fsm/work/tasks", "/fsm/none", "/fsm/%2f"} {
		if w := ask(e, "GET", target); w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: not open to other origins", target)
		}
	}
	if w := ask(e, "GET", "/none"); w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error("a path that nobody claims is open to other origins")
	}
}

func TestCORSList(t *testing.T) {
	router, err := table().Router(authority.Production, toy{cors: web.CORS{Origins: []string{"https://a.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	e := &web.Edge{Router: router}
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://b.example": "", "null": ""} {
		w := ask(e, "GET", "/fsm/work/tasks", "Origin", origin)
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != want || w.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: allowed %q, Vary %q", origin, got, w.Header().Get("Vary"))
		}
	}
}

func TestRoutesAreListed(t *testing.T) {
	routes := table().Routes()
	if len(routes) != 9 || routes[2].Pattern != "/fsm/WORK/Tasks/{id}" {
		t.Errorf("got %d routes, third %q", len(routes), routes[2].Pattern)
	}
}

// Whatever is sent, a normalised path hides no separator, and normalising it
// again changes nothing.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"/", "/a/b/", "/a%2fb", "/a//b", "/%2e%2e/x", "/a;b", "/%252f", "/\xff", "*", "//x", "/Ж", "/a\\b", "/a('b%2fc')"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		path, err := web.Normalise(u)
		if err != nil {
			return
		}
		if path[0] != '/' || !utf8.ValidString(path) || strings.ContainsAny(path, "\\;\x00\r\n") {
			t.Fatalf("%q gives %q", target, path)
		}
		segs := strings.Split(path[1:], "/")
		if path != "/" && (slices.Contains(segs, "") || slices.Contains(segs, ".") || slices.Contains(segs, "..")) {
			t.Fatalf("%q gives %q", target, path)
		}
		if strings.ContainsAny(path, "\x01\x02") {
			return // a separator inside a quoted key
		}
		again, err := web.Normalise(&url.URL{Path: path})
		if err != nil || again != path {
			t.Fatalf("%q gives %q, then %q %v", target, path, again, err)
		}
	})
}
