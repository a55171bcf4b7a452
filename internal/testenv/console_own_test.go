package testenv_test

import (
	"net/http"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

const ownApplications = "/profile/applications"

// ringmeToken asks for a token of a trusted application.
func ringmeToken(t *testing.T, env *testenv.Env, stand authority.Stand, pair []string) testenv.Answer {
	t.Helper()
	return env.Do(t, testenv.Call{
		Stand: stand, Path: "/oauth/token", Type: testenv.Form,
		Body: "grant_type=client_credentials&client_id=" + pair[0] + "&client_secret=" + pair[1],
	})
}

// whoIs asks as whom a token acts.
func whoIs(t *testing.T, env *testenv.Env, stand authority.Stand, token string) testenv.Answer {
	t.Helper()
	return env.Do(t, testenv.Call{Stand: stand, Method: http.MethodGet, Path: "/api/ver1.0/user/"}.With(testenv.Bearer(token)...))
}

// registered registers a trusted application of one's own: its page and pair.
func registered(t *testing.T, p *testenv.Pages, name string) (one string, pair []string) {
	t.Helper()
	got := p.Post(t, ownApplications+"/new", "name", name, "type", "trusted", "access", "Call API")
	pair = shownSecrets(t, got)
	return strings.TrimPrefix(found(t, got, `data-after="([^"]+)"`), page.Base(p.Stand)), pair
}

// A user of the telephone exchange, who manages nothing, registers an application
// that acts as him.
func TestConsoleOwnApplication(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	for _, stand := range authority.Stands() {
		t.Run(string(stand), func(t *testing.T) {
			a := env.Fixture.On(stand)[0]
			p := env.SignIn(t, stand, a.Ringme.User)
			leads(t, p.Get(t, "/app/register"), page.Base(stand)+ownApplications+"/new")
			form := p.Get(t, ownApplications+"/new")
			shows(t, form, "Trusted", "My applications")
			if form.Says("Roles and areas") || form.Says("OAuth 2.0:") {
				t.Errorf("the form offers what no application of a user has: %s", mainOf(form))
			}
			one, pair := registered(t, p, hostile)
			access := ringmeToken(t, env, stand, pair)
			if access.Status != http.StatusOK {
				t.Fatalf("the new pair: %d %s", access.Status, access.Body)
			}
			token := access.Field(t, "access_token")
			if got := whoIs(t, env, stand, token); got.Status != http.StatusOK || got.Field(t, "login") != a.Ringme.User.Login {
				t.Errorf("the token acts as %d %s", got.Status, got.Body)
			}
			shows(t, p.Get(t, ownApplications), hostile, "Trusted")
			got := p.Get(t, one)
			shows(t, got, pair[0], hostile)
			if strings.Contains(got.Body, pair[1]) || strings.Contains(got.Body, "<script>alert") || strings.Contains(mainOf(got), "/consents") {
				t.Errorf("the page: %s", mainOf(got))
			}
			leads(t, p.Post(t, one+"/edit", "name", "Renamed", "access", "All", "redirect-uris", "https://c.example/"), page.Base(stand)+one)
			shows(t, p.Get(t, one), "Renamed", "https://c.example/")
			next := shownSecrets(t, p.Post(t, one+"/secret", "overlap", "1h0m0s"))
			if ringmeToken(t, env, stand, pair).Status != http.StatusOK || ringmeToken(t, env, stand, next).Status != http.StatusOK {
				t.Error("both secrets are to work during the overlap")
			}
			shows(t, p.Get(t, one+"/delete"), "3 tokens that are alive stop")
			shows(t, p.Get(t, found(t, p.Get(t, one), `href="`+page.Base(stand)+`(`+one+`/secrets/\d+/revoke)"`)), "stop")
			leads(t, p.Post(t, one+"/delete"), page.Base(stand)+ownApplications)
			if ringmeToken(t, env, stand, next).Status == http.StatusOK || whoIs(t, env, stand, token).Status != http.StatusUnauthorized {
				t.Error("a deleted application lives")
			}
			refused(t, p.Get(t, one), http.StatusNotFound)
		})
	}
}

// Nobody reaches another's application through his own: a colleague, an
// administrator, or somebody of another account.
func TestConsoleOwnApplicationWalls(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Ringme.User)
	one, pair := registered(t, p, "mine")
	secret := found(t, p.Get(t, one), `href="(`+one+`/secrets/\d+/revoke)"`)
	for name, who := range map[string]demo.Person{
		"colleague": a.Console.Developer, "administrator": a.Console.Administrator, "foreigner": env.Fixture.Accounts[1].Ringme.User,
	} {
		other := env.SignIn(t, a.Stand, who)
		for _, path := range []string{one, one + "/edit", one + "/disable", one + "/delete", one + "/secret", secret} {
			if got := other.Get(t, path); got.Status != http.StatusNotFound {
				t.Errorf("%s: GET %s: %d", name, path, got.Status)
			}
		}
		for _, path := range []string{one + "/edit", one + "/state", one + "/delete", one + "/secret", secret} {
			if got := other.Post(t, path, fitting(path)...); got.Status != http.StatusNotFound {
				t.Errorf("%s: POST %s: %d", name, path, got.Status)
			}
		}
		if other.Get(t, ownApplications).Says(">mine<") {
			t.Errorf("%s sees it among his own", name)
		}
	}
	shows(t, p.Get(t, one), "mine")
	if ringmeToken(t, env, a.Stand, pair).Status != http.StatusOK {
		t.Error("the application has suffered")
	}
	all := strings.TrimPrefix(one, "/profile")
	refused(t, p.Get(t, all), http.StatusForbidden)
	refused(t, p.Post(t, all+"/delete"), http.StatusForbidden)
	refused(t, p.Post(t, "/applications/new", "name", "x", "type", "trusted"), http.StatusForbidden)
	refused(t, p.Post(t, ownApplications+"/new", "name", "x", "type", "oauth"), http.StatusBadRequest)
	boss := env.SignIn(t, a.Stand, a.Console.Administrator)
	shows(t, boss.Get(t, all), "mine", pair[0])
	leads(t, boss.Get(t, "/app/register"), "/applications/new")
	leads(t, boss.Post(t, all+"/delete"), "/applications")
	refused(t, p.Get(t, one), http.StatusNotFound)
}

// Who may only read registers nothing, and sees no line of it.
func TestConsoleOwnApplicationReadOnly(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	service := env.Server.Data().Admin
	c := env.System(t, a)
	reader := demo.Person{Login: strings.ToLower(a.Contract) + ".board", Password: "long-enough-for-all-rules-7"}
	if err := service.SetPassword(t.Context(), c, env.UserID(t, c, reader.Login), authority.NewSecret(reader.Password)); err != nil {
		t.Fatal(err)
	}
	p := env.SignIn(t, a.Stand, reader)
	if p.Get(t, "/profile").Says("My applications") {
		t.Error("the menu has a line that leads to a refusal")
	}
	list := p.Get(t, ownApplications)
	one := found(t, list, `href="(/profile/applications/\d+)"`)
	if got := p.Get(t, one); got.Status != http.StatusOK || strings.Contains(got.Body, one+"/delete") || strings.Contains(list.Body, ownApplications+"/new") {
		t.Errorf("his pages: %d %s", got.Status, mainOf(got))
	}
	refused(t, p.Get(t, ownApplications+"/new"), http.StatusForbidden)
	for _, path := range []string{"/new", strings.TrimPrefix(one, ownApplications) + "/delete", strings.TrimPrefix(one, ownApplications) + "/secret"} {
		if got := p.Post(t, ownApplications+path, fitting(path)...); got.Status != http.StatusForbidden {
			t.Errorf("POST %s: %d", path, got.Status)
		}
	}
	if ringmeToken(t, env, a.Stand, []string{a.Ringme.ReadOnly.ApplicationID, a.Ringme.ReadOnly.ApplicationSecret}).Status != http.StatusOK {
		t.Error("his application has suffered")
	}
}
