package testenv_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/testenv"
)

func TestConsoleUser(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	stand := authority.Production
	p := env.SignIn(t, stand, env.Fixture.Accounts[0].Console.Administrator)
	for _, bad := range [][]string{{"name", "x"}, {"login", "a:b"}, {"login", "x", "password", "short"}, {"login", "x", "group", "none"}} {
		if got := p.Post(t, "/users/new", bad...); got.Status < 400 || got.Status > 422 || !strings.Contains(got.Body, "<form") {
			t.Errorf("%q: %d", bad, got.Status)
		}
	}
	made := p.Post(t, "/users/new", "login", "Новый", "name", hostile, "group", "external_connection", "all-areas", "yes")
	password := shownSecrets(t, made)[0]
	one := regexp.MustCompile(`data-after="(/users/\d+)"`).FindStringSubmatch(made.Body)[1]
	enters := func(login, password string) bool {
		query := url.Values{"username": {login}, "password": {password}}.Encode()
		return env.Do(t, testenv.Call{Stand: stand, Path: "/api/v1/session?" + query}).Status == http.StatusOK
	}
	if !enters("новый", password) {
		t.Fatal("the new user cannot sign in")
	}
	if got := p.Get(t, "/users?q=НОВ&group=external_connection"); !got.Says(hostile) || strings.Contains(got.Body, "<script>alert") {
		t.Errorf("searching: %d", got.Status)
	}
	if got := p.Get(t, "/users?q=нов&group=mobile_user"); got.Says(hostile) || !got.Says("Nobody was found") {
		t.Error("the filter by group lets others through")
	}
	if got := p.Get(t, one); !got.Says("External connection") || strings.Contains(got.Body, password) {
		t.Errorf("the user's page: %s", got.Body)
	}
	reset := shownSecrets(t, p.Post(t, one+"/password"))[0]
	if enters("новый", password) || !enters("новый", reset) {
		t.Error("the new password is to work, and the former one not")
	}
	if got := p.Post(t, one+"/password", "password", "short"); got.Status < 400 || !strings.Contains(got.Body, "<form") {
		t.Errorf("a short password: %d", got.Status)
	}
	done(t, p, p.Post(t, one+"/password", "password", "typed by hand"))
	if !enters("новый", "typed by hand") {
		t.Error("a typed password does not work")
	}
	done(t, p, p.Post(t, one+"/edit", "login", "renamed", "name", "Renamed", "group", "external_connection"))
	if enters("новый", "typed by hand") || !enters("renamed", "typed by hand") {
		t.Error("the new login is to work, and the former one not")
	}
	done(t, p, p.Post(t, one+"/state", "state", "off"))
	if enters("renamed", "typed by hand") {
		t.Error("a disabled user is let in")
	}
	done(t, p, p.Post(t, one+"/delete"))
	if got := p.Get(t, one); got.Status != http.StatusNotFound {
		t.Errorf("a deleted user: %d", got.Status)
	}
}

// Lists by name go on where the former page ended, whatever is called alike, and
// are searched by a part of the name.
func TestConsoleListsPageByPage(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	p := env.SignIn(t, authority.Production, env.Fixture.Accounts[0].Console.Administrator)
	for list, form := range map[string][]string{
		"/users":         {"/users/new", "login", "l%d", "password", "long enough"},
		"/service-users": {"/service-users/new", "all-areas", "yes"},
		"/applications":  {"/applications/new", "type", "trusted", "access", "All"},
	} {
		t.Run(list[1:], func(t *testing.T) {
			for i := range 60 {
				sent := append([]string{"name", "Same name & more"}, form[1:]...)
				for at := range sent {
					sent[at] = strings.ReplaceAll(sent[at], "%d", page.Text(i))
				}
				if got := p.Post(t, form[0], sent...); got.Status >= 400 {
					t.Fatalf("%d %s", got.Status, got.Body)
				}
			}
			p.Post(t, form[0], append([]string{"name", "The only Иголка"}, form[1:]...)...)
			if seen := onAllPages(t, p, list); len(seen) < 61 {
				t.Errorf("%d on all pages", len(seen))
			}
			for q, want := range map[string]int{"SAME  name": 60, "иголк": 1, "only": 1, "no such": 0} {
				if seen := onAllPages(t, p, list+"?q="+url.QueryEscape(q)); len(seen) != want {
					t.Errorf("%q finds %d", q, len(seen))
				}
			}
			for _, at := range []string{"?after=x", "?after=5.Name", "?q=%00"} {
				refused(t, p.Get(t, list+at), http.StatusBadRequest)
			}
		})
	}
	for _, at := range []string{"/users/groups", "/users?group=none"} {
		if got := p.Get(t, at); got.Status != http.StatusOK {
			t.Errorf("%s: %d", at, got.Status)
		}
	}
}

// onAllPages gives what the pages of a list lead to, each once.
func onAllPages(t *testing.T, p *testenv.Pages, at string) map[string]bool {
	t.Helper()
	link := regexp.MustCompile(`<th scope="row"><a href="([^"]+)"`)
	seen := map[string]bool{}
	for pages := 0; at != "" && pages < 10; pages++ {
		got := p.Get(t, at)
		if got.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", at, got.Status, got.Body)
		}
		for _, m := range link.FindAllStringSubmatch(got.Body, -1) {
			if seen[m[1]] {
				t.Errorf("%s is there twice", m[1])
			}
			seen[m[1]] = true
		}
		at = nextPage(got)
	}
	return seen
}

// nextPage is the address of the page behind; "" on the last one.
func nextPage(got testenv.Shown) string {
	m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(got.Body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// A place in a list is good for whom it was shown to, in that list with its
// filters, and for nobody and nowhere else.
func TestConsolePlacesAreOnesOwn(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	ours, theirs := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	p := env.SignIn(t, ours.Stand, ours.Console.Administrator)
	for i := range 60 {
		p.Post(t, "/service-users/new", "name", "s"+page.Text(i), "all-areas", "yes")
	}
	const list = "/service-users"
	next := nextPage(p.Get(t, list))
	_, place, found := strings.Cut(next, "after=")
	if !found || p.Get(t, next).Status != http.StatusOK {
		t.Fatalf("goes on at %q", next)
	}
	for i := range place {
		if i%7 == 0 {
			refused(t, p.Get(t, list+"?after="+place[:i]+"-"+place[i:]), http.StatusBadRequest)
		}
	}
	for _, elsewhere := range []string{list + "?q=s&", "/users?", "/applications?", "/tokens?", "/calls?", "/audit?"} {
		refused(t, p.Get(t, elsewhere+"after="+place), http.StatusBadRequest)
		refused(t, p.Get(t, elsewhere+"after=1-2"), http.StatusBadRequest)
	}
	q := env.SignIn(t, theirs.Stand, theirs.Console.Administrator)
	refused(t, q.Get(t, list), http.StatusOK)
	refused(t, q.Get(t, next), http.StatusBadRequest)
}

func TestConsoleAccessKey(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Developer)
	got := p.Post(t, "/keys/new", "description", hostile, "expires", "2099-12-31")
	pair := shownSecrets(t, got)
	token := func() testenv.Answer {
		return env.Do(t, testenv.Call{
			Stand: a.Stand, Path: "/console/sys/token", Type: testenv.Form, Body: "grant_type=client_credentials",
			Header: testenv.Basic(pair[0], pair[1]),
		})
	}
	issued := token()
	if issued.Status != http.StatusOK {
		t.Fatalf("the new key: %d %s", issued.Status, issued.Body)
	}
	list := p.Get(t, "/keys")
	if !list.Says(hostile) || !list.Says(pair[0]) || strings.Contains(list.Body, pair[1]) {
		t.Errorf("the list: %s", list.Body)
	}
	end := ""
	for _, m := range regexp.MustCompile(`(?s)<code>([^<]+)</code>.*?href="(/keys/secrets/\d+/revoke)"`).FindAllStringSubmatch(list.Body, -1) {
		if m[1] == pair[0] {
			end = m[2]
		}
	}
	if got := p.Get(t, end); !got.Says("1 token that is alive stops") {
		t.Errorf("the preview of %q: %s", end, got.Body)
	}
	other := env.SignIn(t, a.Stand, a.Console.Administrator)
	if got := other.Get(t, end); got.Status != http.StatusNotFound {
		t.Errorf("somebody else's key as his own: %d", got.Status)
	}
	done(t, p, p.Post(t, end))
	if token().Status != http.StatusUnauthorized {
		t.Error("a deleted key works")
	}
	me := testenv.Call{Stand: a.Stand, Path: "/console/api/v2/me"}.With(testenv.Bearer(issued.Field(t, "id_token"))...)
	if got := env.Do(t, me); got.Status != http.StatusUnauthorized {
		t.Errorf("its token after that: %d", got.Status)
	}
}

func TestConsoleAuthorizationOff(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	const at, one, warning = "/users/authorization", "/authorization", "Authorization is off (Mobile SMARTS)."
	guest := func() int { return env.Do(t, testenv.Call{Stand: a.Stand, Path: "/api/v1/Products"}).Status }
	if p.Get(t, at).Says(warning) || guest() == http.StatusOK {
		t.Fatal("authorization is off to begin with")
	}
	if got := p.Get(t, one+"/off?dialect=smarts"); !got.Says("without a login") {
		t.Errorf("the page before it: %d", got.Status)
	}
	done(t, p, p.Post(t, one+"/smarts", "state", "off"))
	for _, path := range []string{"/users", "/users/groups", at} {
		if !p.Get(t, path).Says(warning) {
			t.Errorf("no standing warning on %s", path)
		}
	}
	if got := guest(); got != http.StatusOK {
		t.Errorf("without a login: %d", got)
	}
	done(t, p, p.Post(t, one+"/smarts", "state", "on"))
	if p.Get(t, "/users").Says(warning) || guest() != http.StatusUnauthorized {
		t.Error("authorization is on again, and yet not")
	}
	session := func() int {
		who := a.Smarts.External
		return env.Do(t, testenv.Call{Stand: a.Stand, Path: "/api/v1/session?username=" + who.Username + "&password=" + who.Password}).Status
	}
	if session() != http.StatusOK {
		t.Fatal("the door with the password in the address is shut to begin with")
	}
	done(t, p, p.Post(t, one+"/smarts/doors/query", "state", "off"))
	if got := session(); got == http.StatusOK {
		t.Error("a shut door lets in")
	}
	for _, wrong := range []string{one + "/hubex", one + "/none", one + "/smarts/doors/back"} {
		if got := p.Post(t, wrong, "state", "off"); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, got.Status)
		}
	}
	dev := env.SignIn(t, a.Stand, a.Console.Developer)
	if got := dev.Post(t, one+"/smarts", "state", "off"); got.Status != http.StatusForbidden {
		t.Errorf("without the permission: %d", got.Status)
	}
}

// What lies in another account is as what is not there.
func TestConsolePeopleWalls(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	foreign := "/users/" + page.Text(other.Ringme.UserID)
	for _, at := range []string{foreign, foreign + "/edit", foreign + "/password", foreign + "/disable", foreign + "/keys-off", foreign + "/delete"} {
		if got := p.Get(t, at); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", at, got.Status)
		}
	}
	for _, at := range []string{"/edit", "/password", "/state", "/keys", "/delete"} {
		if got := p.Post(t, foreign+at, fitting(at)...); got.Status != http.StatusNotFound {
			t.Errorf("POST %s of another account: %d", at, got.Status)
		}
	}
}

// API hosts serve no page of the console: they lead to its own origin.
func TestConsoleIsElsewhere(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		for at, to := range map[string]string{
			"/admin": "/", "/admin/": "/", "/app/register": "/app/register", "/login": "/sign-in",
		} {
			got := env.Do(t, testenv.Call{Stand: stand, Path: at})
			want := env.Fixture.ConsoleURL + page.Base(stand) + to
			if got.Status != http.StatusFound || got.Header.Get("Location") != want || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s on %s: %d to %q, want %q", at, stand, got.Status, got.Header.Get("Location"), want)
			}
			if got := env.Do(t, testenv.Call{Stand: stand, Method: http.MethodPost, Path: at}); got.Status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s on %s: %d", at, stand, got.Status)
			}
		}
	}
}

// A change in the console leaves the entry that the same change leaves by the
// API: verb, object and who did it; by which way, it says too.
func TestConsoleLeavesTheAuditOfTheAPI(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	one := done(t, p, p.Post(t, "/service-users/new", "name", "audited", "all-areas", "yes"))
	shownSecrets(t, p.Post(t, one+"/token"))
	end := regexp.MustCompile(one + `/secrets/(\d+)/revoke`).FindStringSubmatch(p.Get(t, one).Body)
	done(t, p, p.Post(t, end[0]))
	done(t, p, p.Post(t, one+"/edit", "name", "changed"))
	done(t, p, p.Post(t, one+"/delete"))
	done(t, p, p.Post(t, "/authorization/smarts/doors/query", "state", "off"))
	user := strings.Replace(strings.TrimPrefix(one, "/"), "service-users", "service_user", 1)
	system := env.System(t, a)
	entries, err := env.Server.Data().Admin.Audit(t.Context(), system, admin.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Dialect == page.Dialect && e.Actor != 0 && !strings.HasPrefix(e.Verb, "token.") && !strings.HasPrefix(e.Verb, "session.") {
			got = append(got, e.Verb+" "+e.Object)
		}
	}
	want := []string{
		"settings.change account/" + page.Text(system.Account().ID), "service_user.delete " + user, "service_user.change " + user,
		"credential.revoke credential/" + end[1], "service_token.generate credential/" + end[1], "service_user.create " + user,
	}
	if !slices.Equal(got, want) {
		t.Errorf("audit:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
