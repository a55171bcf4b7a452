package testenv_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/testenv"
)

// hostile is a name that must stay text wherever it is shown.
const hostile = `<script>alert(1)</script>"'>{{.}}`

// shownSecrets gives the secrets on a page, in their order.
func shownSecrets(t *testing.T, s testenv.Shown) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`data-text>([^<]+)</code>`).FindAllStringSubmatch(s.Body, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	if s.Status != http.StatusOK || len(out) == 0 {
		t.Fatalf("no secret on the page: %d %s", s.Status, s.Body)
	}
	return out
}

// noFaults fails the test in the end for each page that could not be shown.
func noFaults(t *testing.T, env *testenv.Env) {
	t.Helper()
	t.Cleanup(func() {
		for _, line := range env.Log.Lines() {
			if strings.Contains(line, `"msg":"page"`) {
				t.Error(line)
			}
		}
	})
}

// done follows the redirect of a change that was made.
func done(t *testing.T, p *testenv.Pages, got testenv.Shown) string {
	t.Helper()
	if got.Status != http.StatusSeeOther || strings.Contains(got.To, "/prove") {
		t.Fatalf("not done: %d %s %s", got.Status, got.To, got.Body)
	}
	return strings.TrimPrefix(got.To, page.Base(p.Stand))
}

// opens reports whether a service token opens the API.
func opens(t *testing.T, env *testenv.Env, stand authority.Stand, token string) bool {
	t.Helper()
	got := env.Do(t, testenv.Call{Stand: stand, Path: accessTokens, Body: `{"serviceToken":"` + token + `"}`})
	return got.Status == http.StatusOK
}

func TestConsoleServiceUser(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	for _, stand := range authority.Stands() {
		t.Run(string(stand), func(t *testing.T) {
			p := env.SignIn(t, stand, env.Fixture.On(stand)[0].Console.Administrator)
			if got := p.Post(t, "/service-users/new", "name", "  "); got.Status != http.StatusBadRequest && got.Status != http.StatusUnprocessableEntity {
				t.Errorf("a user without a name: %d", got.Status)
			}
			one := done(t, p, p.Post(t, "/service-users/new", "name", hostile, "all-areas", "yes"))
			if got := p.Get(t, one); got.Status != http.StatusOK || !got.Says(hostile) || strings.Contains(got.Body, "<script>alert") {
				t.Fatalf("the page of a new one: %d %s", got.Status, got.Body)
			}
			first := shownSecrets(t, p.Post(t, one+"/token", "description", "first"))[0]
			if !opens(t, env, stand, first) {
				t.Fatal("the new token opens nothing")
			}
			if got := p.Get(t, one); strings.Contains(got.Body, first) || !got.Says("first") {
				t.Error("the page of the user does not name the token without showing it")
			}
			second := shownSecrets(t, p.Post(t, one+"/token", "description", "second", "overlap", "1h0m0s"))[0]
			if !opens(t, env, stand, first) || !opens(t, env, stand, second) {
				t.Error("both tokens are to work during the overlap")
			}
			end := regexp.MustCompile(one+`/secrets/\d+/revoke`).FindAllString(p.Get(t, one).Body, -1)
			if len(end) != 2 {
				t.Fatalf("ways to end a secret: %q", end)
			}
			if got := p.Get(t, end[1]); !got.Says("2 tokens that are alive stop") {
				t.Errorf("the preview names no effect: %s", got.Body)
			}
			done(t, p, p.Post(t, end[1]))
			if opens(t, env, stand, first) || !opens(t, env, stand, second) {
				t.Error("the former token is to be refused at once, and the other not")
			}
			done(t, p, p.Post(t, one+"/state", "state", "off"))
			if opens(t, env, stand, second) {
				t.Error("a disabled user is let in")
			}
			done(t, p, p.Post(t, one+"/state", "state", "on"))
			if !opens(t, env, stand, second) {
				t.Error("an enabled user is not let in")
			}
			done(t, p, p.Post(t, one+"/delete"))
			if opens(t, env, stand, second) || p.Get(t, one).Status != http.StatusNotFound {
				t.Error("a deleted user lives")
			}
		})
	}
}

func TestConsoleServiceUserWalls(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	foreign := "/service-users/" + page.Text(other.HubEx.ServiceUserID)
	for _, at := range []string{foreign, foreign + "/edit", foreign + "/token", foreign + "/delete", "/service-users/0", "/service-users/x"} {
		if got := p.Get(t, at); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", at, got.Status)
		}
	}
	for _, at := range []string{"/edit", "/token", "/delete", "/state"} {
		if got := p.Post(t, foreign+at, fitting(at)...); got.Status != http.StatusNotFound {
			t.Errorf("POST %s of another account: %d", at, got.Status)
		}
	}
	dev := env.SignIn(t, a.Stand, a.Console.Developer)
	if strings.Contains(dev.Get(t, "/").Body, `href="/service-users"`) {
		t.Error("the menu names what the user may not open")
	}
	if got := dev.Get(t, "/service-users"); got.Status != http.StatusForbidden {
		t.Errorf("without the permission: %d", got.Status)
	}
}

func TestConsoleApplication(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	stand := authority.Test
	p := env.SignIn(t, stand, env.Fixture.On(stand)[0].Console.Administrator)
	for _, bad := range [][]string{
		{"type", "trusted"},
		{"name", "x"},
		{"name", "x", "type", "none"},
		{"name", "x", "type", "trusted", "access", "Everything"},
		{"name", "x", "type", "public", "redirect-uris", "http://example.com/"},
		{"name", "x", "type", "public", "redirect-uris", "https://a.example/*"},
		{"name", "x", "type", "public", "redirect-uris", "https://a.example:99999/"},
		{"name", "x", "type", "public", "redirect-uris", "https://a.example/%0d%0a"},
		{"name", "x", "type", "public", "redirect-uris", "https://a.example/\nhttps://a.example/"},
		{"name", "x", "type", "oauth", "expires", "yesterday"},
		{"name", "x", "type", "oauth", "expires", "2001-01-01"},
	} {
		if got := p.Post(t, "/applications/new", bad...); got.Status < 400 || got.Status > 422 || !strings.Contains(got.Body, "<form") {
			t.Errorf("%q: %d", bad, got.Status)
		}
	}
	got := p.Post(t, "/applications/new", "name", hostile, "type", "trusted", "access", "All", "redirect-uris", "https://a.example/x\r\nhttps://b.example/")
	pair := shownSecrets(t, got)
	one := regexp.MustCompile(`data-after="/test(/applications/\d+)"`).FindStringSubmatch(got.Body)[1]
	token := func(id, secret string) testenv.Answer {
		return env.Do(t, testenv.Call{
			Stand: stand, Path: "/oauth/token", Type: testenv.Form,
			Body: "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret,
		})
	}
	access := token(pair[0], pair[1])
	if access.Status != http.StatusOK {
		t.Fatalf("the new pair: %d %s", access.Status, access.Body)
	}
	if got := p.Get(t, one); !got.Says(hostile) || !got.Says("https://b.example/") || strings.Contains(got.Body, pair[1]) || !got.Says(pair[0]) {
		t.Errorf("the application's page: %s", got.Body)
	}
	done(t, p, p.Post(t, one+"/edit", "name", "Renamed", "access", "Call API", "redirect-uris", "https://c.example/"))
	if got := p.Get(t, one); !got.Says("Renamed") || got.Says("https://b.example/") || !got.Says("https://c.example/") {
		t.Errorf("a change is not there: %s", got.Body)
	}
	next := shownSecrets(t, p.Post(t, one+"/secret", "overlap", "24h0m0s"))
	if next[0] != pair[0] || token(pair[0], pair[1]).Status != http.StatusOK || token(next[0], next[1]).Status != http.StatusOK {
		t.Error("both secrets are to work during the overlap, under one id")
	}
	if got := p.Get(t, one+"/delete"); !got.Says("3 tokens that are alive stop") {
		t.Errorf("the preview names no effect: %s", got.Body)
	}
	done(t, p, p.Post(t, one+"/delete"))
	if token(next[0], next[1]).Status == http.StatusOK || p.Get(t, one).Status != http.StatusNotFound {
		t.Error("a deleted application lives")
	}
	call := testenv.Call{Stand: stand, Path: "/v1/accounts/self"}
	if got := env.Do(t, call.With(testenv.Bearer(access.Field(t, "access_token"))...)); got.Status < 400 {
		t.Errorf("its token after that: %d %s", got.Status, got.Body)
	}
}

func TestConsoleAuthorizationToken(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	stand := authority.Production
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, stand, a.Console.Administrator)
	create := func(token string) int {
		return env.Do(t, testenv.Call{Stand: stand, Path: "/api/v1/auth/integrationapi/create"}.With(testenv.Bearer(token)...)).Status
	}
	if create(a.Operator.AuthorizationToken) != http.StatusOK {
		t.Fatal("the demo's token opens nothing")
	}
	if got := p.Get(t, "/integration-api/token"); got.Status != http.StatusOK || !got.Says("alive stop") || !got.Says("127.0.0.1") {
		t.Errorf("nothing says what will stop: %d %s", got.Status, got.Body)
	}
	fresh := shownSecrets(t, p.Post(t, "/integration-api/token", "description", hostile))[0]
	if create(a.Operator.AuthorizationToken) != http.StatusUnauthorized || create(fresh) != http.StatusOK {
		t.Error("the new token is to work, and the former one not")
	}
	if got := p.Get(t, "/integration-api"); !got.Says(hostile) || strings.Contains(got.Body, fresh) {
		t.Errorf("the page: %s", got.Body)
	}
	if got := p.Get(t, "/integration-api/revoke"); !got.Says("alive stops working") {
		t.Errorf("the preview: %s", got.Body)
	}
	done(t, p, p.Post(t, "/integration-api/revoke"))
	if create(fresh) != http.StatusUnauthorized {
		t.Error("a revoked token works")
	}
	if got := p.Get(t, "/integration-api/revoke"); got.Status != http.StatusNotFound {
		t.Errorf("revoking nothing: %d", got.Status)
	}
	dev := env.SignIn(t, stand, a.Console.Developer)
	if got := dev.Get(t, "/integration-api"); got.Status != http.StatusOK || got.Says("Get an authorization token") {
		t.Errorf("somebody who may only read: %d", got.Status)
	}
	if got := dev.Post(t, "/integration-api/token"); got.Status != http.StatusForbidden {
		t.Errorf("without the permission: %d", got.Status)
	}
}
