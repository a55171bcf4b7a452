package testenv_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

func TestConsoleSession(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		t.Run(string(stand), func(t *testing.T) {
			who := env.Fixture.On(stand)[0].Console.Administrator
			visitor := env.Pages(stand)
			if got := visitor.Get(t, "/"); got.Status != http.StatusSeeOther || !strings.HasSuffix(got.To, "/sign-in") {
				t.Errorf("a stranger at /: %d %s", got.Status, got.To)
			}
			if got := visitor.Post(t, "/sign-in", "login", who.Login, "password", "wrong"); got.Status < 400 || visitor.Cookie != "" {
				t.Errorf("a wrong password: %d", got.Status)
			}
			p := env.SignIn(t, stand, who)
			if got := p.Get(t, "/"); got.Status != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("signed in at /: %d %v", got.Status, got.Header)
			}
			former := p.Cookie
			if got := p.Post(t, "/sign-out"); got.Status != http.StatusSeeOther || p.Cookie != "" {
				t.Errorf("sign-out: %d, cookie %q", got.Status, p.Cookie)
			}
			p.Cookie = former
			if got := p.Get(t, "/"); got.Status != http.StatusSeeOther {
				t.Errorf("after sign-out the former cookie shows %d", got.Status)
			}
		})
	}
}

func TestConsoleWalls(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	for name, site := range map[string][]string{
		"another site's page": {"Sec-Fetch-Site", "cross-site"}, "another origin": {"Origin", "https://evil.example"},
	} {
		if got := p.Send(t, "/sign-out", url.Values{}, site...); got.Status != http.StatusForbidden {
			t.Errorf("a form of %s: %d", name, got.Status)
		}
	}
	if got := p.Get(t, "/", "Host", "x"); got.Status != http.StatusOK {
		t.Fatalf("the session has ended: %d", got.Status)
	}
	other := env.Pages(authority.Test)
	other.Cookie = p.Cookie
	if got := other.Get(t, "/"); got.Status != http.StatusSeeOther {
		t.Errorf("production's session on the test stand: %d", got.Status)
	}
	call := testenv.Call{Stand: a.Stand, Method: http.MethodGet, Path: "/console/api/v2/me"}
	if got := env.Do(t, call.With(testenv.Bearer(p.Cookie)...)); got.Status != http.StatusUnauthorized {
		t.Errorf("a session as the API's bearer: %d %s", got.Status, got.Body)
	}
	for _, at := range []string{"/nowhere", "/static/none.js", "/%2e%2e/x", "/sign-in/x"} {
		if got := p.Get(t, at); got.Status != http.StatusNotFound || !strings.Contains(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", at, got.Status, got.Header.Get("Content-Type"))
		}
	}
}
