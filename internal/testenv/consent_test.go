package testenv_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// Users let applications act as them, once, and take that back.
func TestConsentPage(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		t.Run(string(stand), func(t *testing.T) { consents(t, env, stand) })
	}
}

func consents(t *testing.T, env *testenv.Env, stand authority.Stand) {
	a := env.Fixture.On(stand)[0]
	public := a.Ringme.Public
	q := testenv.Authorize(public.ApplicationID, public.RedirectURI)
	ask := func(p *testenv.Pages, header ...string) testenv.Shown {
		return p.Get(t, "/authorize?"+q.Encode(), header...)
	}
	if got := ask(env.Pages(stand)); got.Status != http.StatusSeeOther || !strings.Contains(got.To, "/sign-in?next=%2Fauthorize%3F") {
		t.Errorf("a stranger: %d %s", got.Status, got.To)
	}
	p := env.SignIn(t, stand, a.Ringme.User)
	got := ask(p)
	policy := got.Header.Get("Content-Security-Policy")
	if got.Status != http.StatusOK || !got.Says("Телефония: мобильный помощник") || !got.Says(a.Name) || !got.Says("Listen to recordings") ||
		!strings.Contains(policy, "form-action 'self' http://127.0.0.1:8765") || got.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("the page: %d %s\n%s", got.Status, policy, got.Body)
	}
	back := func(got testenv.Shown) url.Values {
		t.Helper()
		to, err := url.Parse(got.To)
		if err != nil || got.Status != http.StatusSeeOther || !strings.HasPrefix(got.To, public.RedirectURI+"?") ||
			to.Query().Get("state") != "a state" || to.Query().Get("iss") != env.Fixture.URL(stand) {
			t.Fatalf("%d %s %s", got.Status, got.To, got.Body)
		}
		return to.Query()
	}
	form := testenv.Authorize(public.ApplicationID, public.RedirectURI)
	form.Set("answer", "deny")
	if word := back(p.Send(t, "/authorize", form)).Get("error"); word != "access_denied" {
		t.Errorf("denied: %s", word)
	}
	form.Set("answer", "allow")
	if got := p.Send(t, "/authorize", form, "Sec-Fetch-Site", "cross-site"); got.Status != http.StatusForbidden {
		t.Errorf("another site's form: %d", got.Status)
	}
	code := back(p.Send(t, "/authorize", form)).Get("code")
	if code == "" || back(ask(p)).Get("code") == code {
		t.Error("straight through there is no other code")
	}
	if got := ask(p, "Sec-Fetch-Site", "same-origin"); got.Status != http.StatusOK || !got.Says("0;url="+public.RedirectURI) {
		t.Errorf("behind a form of ours: %d %s", got.Status, got.Body)
	}
	q.Set("prompt", "consent")
	if got := ask(p); got.Status != http.StatusOK {
		t.Errorf("with prompt: %d", got.Status)
	}
	q.Del("prompt")
	withdraws(t, env, stand, p, code)
	if got := ask(p); got.Status != http.StatusOK || got.To != "" {
		t.Errorf("after the withdrawal: %d %s", got.Status, got.To)
	}
	unredirected(t, env, stand, p)
}

// withdraws takes the consent back that code stands on.
func withdraws(t *testing.T, env *testenv.Env, stand authority.Stand, p *testenv.Pages, code string) {
	t.Helper()
	public := env.Fixture.On(stand)[0].Ringme.Public
	token := env.Do(t, testenv.Call{
		Stand: stand, Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=authorization_code&client_id=" + public.ApplicationID +
			"&redirect_uri=" + testenv.Escape(public.RedirectURI) + "&code_verifier=" + testenv.Verifier + "&code=" + code,
	}).Field(t, "access_token")
	call := testenv.Call{Stand: stand, Path: "/api/ver1.0/user/"}.With(testenv.Bearer(token)...)
	if got := env.Do(t, call); got.Status != http.StatusOK {
		t.Fatalf("with the token: %d %s", got.Status, got.Body)
	}
	list := p.Get(t, "/consents")
	_, rest, _ := strings.Cut(list.Body, "/consents/")
	id, _, found := strings.Cut(rest, "/withdraw")
	if !found || !list.Says("Телефония: мобильный помощник") {
		t.Fatalf("%d %s", list.Status, list.Body)
	}
	boss := env.SignIn(t, stand, env.Fixture.On(stand)[0].Console.Administrator)
	if got := boss.Get(t, "/applications/"+id+"/consents"); got.Status != http.StatusOK || !got.Says(env.Fixture.On(stand)[0].Ringme.User.Login) {
		t.Errorf("the application's list: %d %s", got.Status, got.Body)
	}
	away := env.SignIn(t, stand, env.Fixture.On(stand)[1].Console.Administrator)
	if got := away.Get(t, "/applications/"+id+"/consents"); got.Status != http.StatusNotFound {
		t.Errorf("another account's list: %d", got.Status)
	}
	if got := p.Get(t, "/applications/"+id+"/consents"); got.Status != http.StatusForbidden {
		t.Errorf("without the permission: %d", got.Status)
	}
	if got := p.Get(t, "/consents/"+id+"/withdraw"); got.Status != http.StatusOK {
		t.Errorf("the question: %d", got.Status)
	}
	if got := p.Post(t, "/consents/"+id+"/withdraw"); got.Status != http.StatusSeeOther {
		t.Errorf("withdrawing: %d %s", got.Status, got.Body)
	}
	if got := env.Do(t, call); got.Status != http.StatusUnauthorized {
		t.Errorf("afterwards: %d %s", got.Status, got.Body)
	}
}

// unredirected are requests that no browser is sent on with.
func unredirected(t *testing.T, env *testenv.Env, stand authority.Stand, p *testenv.Pages) {
	t.Helper()
	own, theirs := env.Fixture.On(stand)[0].Ringme.Public, env.Fixture.On(stand)[1].Ringme.Public
	var bodies []string
	for name, q := range map[string]url.Values{
		"nobody's": testenv.Authorize("nobody", own.RedirectURI), "another account's": testenv.Authorize(theirs.ApplicationID, theirs.RedirectURI),
		"another address": testenv.Authorize(own.ApplicationID, "https://evil.example/"),
	} {
		got := p.Get(t, "/authorize?"+q.Encode(), "X-Request-ID", "same")
		if got.Status != http.StatusBadRequest || got.To != "" || strings.Contains(got.Body, "evil.example") && name != "another address" {
			t.Errorf("%s: %d %s", name, got.Status, got.To)
		}
		if name != "another address" {
			bodies = append(bodies, strings.NewReplacer(own.ApplicationID, "", theirs.ApplicationID, "", "nobody", "").Replace(got.Body))
		}
		q.Set("answer", "allow")
		if got := p.Send(t, "/authorize", q); got.Status != http.StatusBadRequest || got.To != "" {
			t.Errorf("%s, approved: %d %s", name, got.Status, got.To)
		}
	}
	if bodies[0] != bodies[1] {
		t.Error("an application of another account can be told from none (rule 9)")
	}
}
