package testenv_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
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
