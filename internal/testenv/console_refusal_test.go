package testenv_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/testenv"
)

// What is refused is told on a page like every other: in the user's language,
// with his menu beside it where he is signed in.
func TestConsoleRefusalsHaveTheFrame(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		a := env.Fixture.On(stand)[0]
		p := env.SignIn(t, stand, a.Console.Developer)
		p.Lang = "ru"
		for what, c := range map[string]struct {
			status int
			path   string
			says   string
		}{
			"permission":      {http.StatusForbidden, "/service-users", "Нет прав"},
			"no page":         {http.StatusNotFound, "/nothing/here", "Такой страницы нет"},
			"no such thing":   {http.StatusNotFound, "/users/12345", "Такой страницы нет"},
			"no place":        {http.StatusBadRequest, "/users?after=x", "места в списке нет"},
			"negative place":  {http.StatusBadRequest, "/roles?from=-5", "места в списке нет"},
			"no such filter":  {http.StatusBadRequest, "/users?group=kings", "не отбирается"},
			"no such dialect": {http.StatusBadRequest, "/tokens?dialect=latin", "не отбирается"},
			"no such span":    {http.StatusBadRequest, "/?span=9y", "не отбирается"},
			"no such outcome": {http.StatusBadRequest, "/audit?outcome=perhaps", "не отбирается"},
			"two things":      {http.StatusBadRequest, "/audit?outcome=done&outcome=refused", "указан дважды"},
			"broken address":  {http.StatusBadRequest, "/audit?after=zz", ""},
		} {
			got := p.Get(t, c.path)
			refused(t, got, c.status)
			if !got.Says(c.says) || !strings.Contains(got.Body, `class="framed"`) || !got.Says("Выйти") || !strings.Contains(got.Body, `lang="ru"`) {
				t.Errorf("%s: %s", what, mainOf(got))
			}
		}
		got := p.Send(t, "/preferences", url.Values{}, "Sec-Fetch-Site", "cross-site")
		refused(t, got, http.StatusForbidden)
		if !got.Says("со страницы другого сайта") || !strings.Contains(got.Body, `class="framed"`) || got.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("another site's form: %s", got.Body)
		}
		stranger := env.Pages(stand)
		got = stranger.Send(t, "/sign-in", url.Values{"login": {"x"}}, "Origin", "https://evil.example")
		refused(t, got, http.StatusForbidden)
		if !got.Says("another site") || strings.Contains(got.Body, `class="framed"`) {
			t.Errorf("another site's form without a session: %s", got.Body)
		}
		refused(t, stranger.Get(t, "/nothing/here"), http.StatusNotFound)
	}
}

func TestConsoleWorkFilters(t *testing.T) {
	env := testenv.Start(t, testenv.Options{Calls: 200})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	for _, path := range []string{
		"/calls?result=MAYBE", "/calls?direction=up", "/calls?recorded=perhaps", "/calls?after=1", "/calls?after=1-2x", "/calls?after=-1-2", "/calls?since=soon",
		"/tasks?state=lost", "/tasks?stage=x", "/tasks?area=-1", "/tasks?from=many", "/tasks?till=never", "/import/tasks?mode=maybe",
	} {
		got := p.Get(t, path)
		refused(t, got, http.StatusBadRequest)
		if !strings.Contains(got.Body, `class="framed"`) {
			t.Errorf("%s: %s", path, got.Body)
		}
	}
	missed := p.Get(t, "/calls?result=NO+ANSWER")
	shows(t, missed, `value="NO ANSWER" selected`, "no answer")
	if strings.Contains(mainOf(missed), "badge good") {
		t.Error("answered calls among those that nobody took")
	}
	list := p.Get(t, "/calls")
	name := found(t, list, `<span>\d+</span> <span class="quiet">([^<]+)</span>`)
	shows(t, p.Get(t, found(t, list, `href="(/calls/\d+)"`)), "Duration")
	if name == "" {
		t.Error("extensions have no names beside them")
	}
}

// The audit speaks in words: each act that a route writes has some, in Russian
// too, in the list and in the filter.
func TestConsoleAuditVerbs(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	p.Lang = "ru"
	got := p.Get(t, "/audit")
	words := map[string]string{}
	for _, m := range regexp.MustCompile(`<option value="([^"]+)"[^>]*>([^<]+)</option>`).FindAllStringSubmatch(got.Body, -1) {
		words[m[1]] = m[2]
	}
	for _, rt := range append(env.Server.Routes(a.Stand), env.Server.Screens()...) {
		if rt.Audit != "" && !strings.ContainsAny(words[rt.Audit], "аеио") {
			t.Errorf("%s has no words: %q", rt.Audit, words[rt.Audit])
		}
	}
	shows(t, got, "Вход в консоль</span>")
	shows(t, p.Get(t, "/audit?verb=token."), `<option value="token." selected>`)
	shows(t, p.Get(t, "/roles"), ">Администратор</a>")
}

// What the owner does in an account is there under his name.
func TestConsoleAuditNamesTheOwner(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[1]
	theirs := holderOf(t, env, a.Stand, a.Console.Administrator)
	owner := env.SignIn(t, a.Stand, env.Fixture.Owner.Person)
	made := owner.Post(t, pathOf("/in/", theirs.Account.ID)+"/service-users/new", "name", "by the owner", "all-areas", "yes")
	if made.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.Status, mainOf(made))
	}
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	list := p.Get(t, "/audit?verb=service_user.create")
	shows(t, list, "Орлова Мария Сергеевна", "server’s owner")
	if strings.Contains(list.Body, "/users/"+page.Text(holderOf(t, env, a.Stand, env.Fixture.Owner.Person).Principal.ID)) {
		t.Error("a link leads to another account's user")
	}
}

func TestConsolePublicApplicationWithoutSecret(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	form := []string{"name", "Page", "access", "Call API", "redirect-uris", "https://app.example.com/back", "no-secret", "yes"}
	refused(t, p.Post(t, "/applications/new", append(form, "type", "trusted")...), http.StatusBadRequest)
	got := p.Post(t, "/applications/new", append(form, "type", "public")...)
	id := shownSecrets(t, got)[0] // on the page that the registration ends with, though it is no secret
	shows(t, got, "There is no secret")
	one := p.Get(t, found(t, got, `data-after="(/applications/\d+)"`))
	shows(t, one, "proves itself by PKCE", id)
	got = p.Get(t, "/authorize?response_type=code&client_id="+id+"&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback&state=s")
	if !strings.Contains(got.To, "https://app.example.com/back?") || !strings.Contains(got.To, "error=invalid_request") {
		t.Errorf("without PKCE: %d %s %s", got.Status, got.To, mainOf(got))
	}
}

// A box that is ticked says yes, and one that is not says nothing.
func TestConsoleBoxes(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	for _, value := range []string{"on", "no", "true", ""} {
		refused(t, p.Post(t, "/service-users/new", "name", "box", "all-areas", value), http.StatusBadRequest)
		refused(t, p.Post(t, "/users/new", "login", "box", "keys-off", value), http.StatusBadRequest)
		refused(t, p.Post(t, "/settings", "section", "hubex", "hubex.strict", value), http.StatusBadRequest)
	}
	owner := env.SignIn(t, a.Stand, env.Fixture.Owner.Person)
	one := pathOf("/accounts/", holderOf(t, env, a.Stand, a.Console.Administrator).Account.ID)
	for _, bad := range []string{"-x", "10.0.0.1", "localhost", "пример рф"} {
		refused(t, owner.Post(t, one+"/hosts", "host", bad), http.StatusBadRequest)
	}
	leads(t, owner.Post(t, one+"/hosts", "host", "Пример.рф"), one)
	shows(t, owner.Get(t, one), "<code>пример.рф</code>", "xn--e1afmkfd.xn--p1ai")
	leads(t, owner.Post(t, one+"/hosts/delete", "host", "xn--e1afmkfd.xn--p1ai"), one)
}
