package testenv_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"propusk/internal/testenv"
)

// A page that follows the audit by itself does not keep its session alive.
func TestConsoleFollowingIsNoUse(t *testing.T) {
	clock := noon()
	env := testenv.Start(t, testenv.Options{Clock: clock})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	page := p.Get(t, "/audit?live=1")
	mark := regexp.MustCompile(`newer=([^"&]+)`).FindStringSubmatch(page.Body)
	if mark == nil {
		t.Fatalf("nothing is followed: %s", mainOf(page))
	}
	for range 2 {
		clock.Advance(14 * time.Minute)
		if got := p.Get(t, "/audit?live=1&newer="+mark[1], "HX-Request", "true"); got.Status >= http.StatusBadRequest || got.To != "" {
			t.Fatalf("%d %s", got.Status, got.To)
		}
	}
	clock.Advance(5 * time.Minute)
	if got := p.Get(t, "/audit"); got.Status != http.StatusSeeOther {
		t.Errorf("the session lives on: %d", got.Status)
	}
}
