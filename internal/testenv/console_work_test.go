package testenv_test

import (
	"net/http"
	"strings"
	"testing"

	"propusk/internal/testenv"
)

func TestConsoleWork(t *testing.T) {
	env := testenv.Start(t, testenv.Options{Tasks: 60, Calls: 60})
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	theirs := env.SignIn(t, other.Stand, other.Console.Administrator)

	list := p.Get(t, "/tasks")
	shows(t, list, "Work orders", "Next")
	one := found(t, list, `href="(/tasks/\d+)"`)
	shows(t, p.Get(t, one), "Conversation")
	refused(t, theirs.Get(t, one), http.StatusNotFound)
	shows(t, p.Get(t, "/tasks?state=closed&since=2020-01-01&till=2099-01-01"), "Work orders", "Reset")
	shows(t, p.Get(t, "/tasks?text=%3Cscript%3Ealert(1)%3C/script%3E"), "Nothing fits the filter", "<script>alert(1)</script>")
	for _, bad := range []string{"/tasks?since=x", "/tasks?stage=x", "/calls?after=x", "/calls?till=2020-13-01", "/calls/x", "/tasks/0"} {
		if got := p.Get(t, bad); got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s: %d", bad, got.Status)
		}
	}

	calls := p.Get(t, "/calls?recorded=yes")
	shows(t, calls, "Calls")
	call := found(t, calls, `href="(/calls/\d+)"`)
	page := p.Get(t, call)
	sound := found(t, page, `<audio controls preload="none" src="([^"]+)"`)
	got := p.Get(t, sound, "Range", "bytes=0-9")
	if got.Status != http.StatusPartialContent || len(got.Body) != 10 {
		t.Errorf("a part of a recording: %d, %d bytes", got.Status, len(got.Body))
	}
	for name, want := range map[string]string{"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", "Content-Type": "audio/"} {
		if !strings.Contains(got.Header.Get(name), want) {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
	refused(t, theirs.Get(t, call), http.StatusNotFound)
	refused(t, theirs.Get(t, sound), http.StatusNotFound)
	shows(t, p.Get(t, "/calls?number=%2B7"), "Calls")
	p.Lang = "ru"
	shows(t, p.Get(t, call), "Запись разговора", "Направление")
	shows(t, p.Get(t, one), "Переписка")
}
