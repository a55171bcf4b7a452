package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// keyed serves every route with its key.
type keyed struct{}

func (keyed) Run(w http.ResponseWriter, r *http.Request, rt *web.Route) {
	_, _ = w.Write([]byte(rt.Pattern + " " + r.PathValue("key") + " " + r.PathValue("type")))
}

func (keyed) Refuse(w http.ResponseWriter, _ *http.Request, _ string, err error) {
	w.WriteHeader(web.Status(authority.CodeOf(err)))
}

func (keyed) Cross(string) web.CORS { return web.AnyOrigin() }

// A key in parentheses, as OData spells it.
func TestKeyInParentheses(t *testing.T) {
	mux := web.NewMux()
	for _, pattern := range []string{"/v/Users", "/v/Users({key})", "/v/Docs/{type}", "/v/Docs/{type}({key})"} {
		mux.Handle(web.Route{Method: "GET", Pattern: pattern, Fold: true, Serve: func(http.ResponseWriter, *http.Request, authority.Caller) error { return nil }})
	}
	ro, err := mux.Router(authority.Production, keyed{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/v/Users": "/v/Users  ", "/v/Users('A1')": "/v/Users({key}) 'A1' ", "/V/USERS('A1')/": "/v/Users({key}) 'A1' ",
		"/v/Users(%27%D0%B6(%27)": "/v/Users({key}) 'ж(' ", "/v/Docs/In('5')": "/v/Docs/{type}({key}) '5' In",
		"/v/Users('..')": "/v/Users({key}) '..' ", "/v/Docs/In": "/v/Docs/{type}  In",
		"/v/Users('%D0%9D%2F12')": "/v/Users({key}) 'Н/12' ", "/v/docs/In('a%5cb%2Fc')/": "/v/Docs/{type}({key}) 'a\\b/c' In",
		"/v/Users('a%2F..%2Fb')": "404", "/v/Users('a%2F%2Fb')": "404", "/v/Users('a%5C..%5Cb')": "404", "/v/Users(a%2Fb)": "Bad Request",
		"/v/Users('a%2Fb": "Bad Request", "/v/Nobody('a%2Fb')": "Bad Request", "/v%2FUsers('a%2Fb')": "Bad Request", "/v/Users('a%01b')": "Bad Request",
		"/v/Users('a%01%2Fb')": "Bad Request", "/v/('a%2Fb')": "Bad Request", "/v/Users('a%2Fb')x": "Bad Request",
		"/v/Users/'A1'": "404", "/v/Users()": "404", "/v/Users(..)": "404", "/v/Users('a": "404", "/v/('a')": "404", "/v/Users('a')x": "404",
	} {
		w := httptest.NewRecorder()
		ro.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		got := w.Body.String()
		if w.Code != 200 {
			got = http.StatusText(w.Code)
			if w.Code == 404 {
				got = "404"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	w := httptest.NewRecorder()
	ro.ServeHTTP(w, httptest.NewRequest("PUT", "/v/Users('1')", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("another method: %d", w.Code)
	}
}

// Who answers for a path that no route takes.
func TestClaimsAnywhere(t *testing.T) {
	mux := web.NewMux()
	mux.Claim("/fsm", "hubex")
	mux.Claim("/*/api/v1", "smarts")
	mux.Claim("/a/api", "element")
	var owner string
	ro, err := mux.Router(authority.Production, claimed{owner: &owner})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/x/api/v1": "smarts", "/%2f/API/v1/y": "smarts", "/x/y/api/v1/z": "smarts", "/x/api/v10": "", "/api/v1": "", "/x": "",
		"/fsm/api/v1": "hubex", "/a/api/v1": "element",
	} {
		ro.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		if owner != want {
			t.Errorf("%s: %q, want %q", path, owner, want)
		}
	}
}

// claimed notes who is asked to refuse.
type claimed struct {
	keyed

	owner *string
}

func (c claimed) Refuse(_ http.ResponseWriter, _ *http.Request, dialect string, _ error) {
	*c.owner = dialect
}
