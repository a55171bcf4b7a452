package testenv_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv"
)

// found gives the first group of a pattern in a page.
func found(t *testing.T, s testenv.Shown, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(s.Body)
	if m == nil {
		t.Fatalf("%d: nothing like %s in %s", s.Status, pattern, mainOf(s))
	}
	return m[1]
}

// mainOf is what a page is about, without its frame.
func mainOf(s testenv.Shown) string {
	_, text, _ := strings.Cut(s.Body, "<main")
	return text
}

// shows fails unless the page is there and says each of words.
func shows(t *testing.T, s testenv.Shown, words ...string) {
	t.Helper()
	if s.Status != http.StatusOK {
		t.Fatalf("%d %s", s.Status, mainOf(s))
	}
	for _, w := range words {
		if !s.Says(w) {
			t.Errorf("the page does not say %q: %s", w, mainOf(s))
		}
	}
}

// leads fails unless the answer is a redirect to path.
func leads(t *testing.T, s testenv.Shown, path string) {
	t.Helper()
	if s.Status != http.StatusSeeOther || s.To != path {
		t.Fatalf("%d to %q, not to %q: %s", s.Status, s.To, path, mainOf(s))
	}
}

func refused(t *testing.T, s testenv.Shown, status int) {
	t.Helper()
	if s.Status != status {
		t.Errorf("%d, not %d: %s", s.Status, status, mainOf(s))
	}
}

func listTasks(env *testenv.Env, t *testing.T, stand authority.Stand, token string) int {
	t.Helper()
	return env.Do(t, testenv.Call{Stand: stand, Path: "/fsm/WORK/Tasks"}.With(testenv.Bearer(token)...)).Status
}

// audited gives the newest audit entries of a verb, as the account's own
// administrator reads them through the API.
func audited(t *testing.T, c *testenv.Client, a demo.Account, verb string) []map[string]any {
	t.Helper()
	token := c.Do(t, elementDoor(a.Stand, "/console/sys/token", a.Element.Key)).Field(t, "id_token")
	var out []map[string]any
	c.Do(t, testenv.Call{Stand: a.Stand, Path: panel + "/audit?verb=" + verb}.With(testenv.Bearer(token)...)).JSON(t, &out)
	return out
}

// Of an account with very many tokens the pages say that there are more than they
// count, in both languages, and end them all.
func TestConsoleEndsVeryManyTokens(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	token := env.HubEx(t, a.Stand, a.HubEx.ServiceToken).Access
	p, owner := env.SignIn(t, a.Stand, a.Console.Administrator), env.SignIn(t, a.Stand, env.Fixture.Owner.Person)
	account := env.System(t, a).Account()
	storetest.Crowd(t, env.Server.Data().DB, account.ID, admin.CountedGrants+1)
	one := pathOf("/accounts/", account.ID)
	shows(t, owner.Get(t, "/signing-keys/hubex/rotate?leaked=x"), "more than 1,000 of them")
	shows(t, owner.Get(t, one), "not looked for among so many tokens")
	shows(t, owner.Get(t, one+"/disable"), "More than 1,000 living tokens stop working at once")
	shows(t, p.Get(t, "/tokens/revoke?all=yes"), "More than 1,000 tokens stop working at once", "Your own session is among them", "Revoke all tokens", "too many to name")
	p.Post(t, "/preferences", "language", "ru")
	shows(t, p.Get(t, "/tokens/revoke?all=yes"), "Отозвать все токены")
	p.Post(t, "/tokens/revoke-all", "all", "yes")
	if got := listTasks(env, t, a.Stand, token); got != http.StatusUnauthorized {
		t.Errorf("a revoked account's token: %d", got)
	}
}

func TestConsoleTokens(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		t.Run(string(stand), func(t *testing.T) {
			a := env.Fixture.On(stand)[0]
			base := map[authority.Stand]string{authority.Test: "/test"}[stand]
			p := env.SignIn(t, stand, a.Console.Administrator)
			token := env.HubEx(t, stand, a.HubEx.ServiceToken).Access
			of := "/tokens?principal=" + strconv.FormatInt(int64(a.HubEx.ServiceUserID), 10)
			list := p.Get(t, of)
			shows(t, list, "service token", "Revoke all theirs")
			grant := found(t, list, `name="grant" value="(\d+)"`)

			preview := p.Get(t, "/tokens/revoke?grant="+grant, "Referer", env.Fixture.ConsoleURL+base+of)
			shows(t, preview, "1 token (holders: 1) stops working at once", "Revoke 1 token")
			if got := listTasks(env, t, stand, token); got != http.StatusOK {
				t.Errorf("before: %d", got)
			}
			leads(t, p.Post(t, "/tokens/revoke", "grant", grant, "next", of), base+of)
			if got := listTasks(env, t, stand, token); got != http.StatusUnauthorized {
				t.Errorf("a revoked token: %d", got)
			}
			shows(t, p.Get(t, "/tokens/revoke?grant="+grant), "Nothing of this is alive any more")
			if e := audited(t, env.Client, a, "grant.revoke"); len(e) != 1 || e[0]["dialect"] != "console" {
				t.Errorf("audit: %v", e)
			}

			token = env.HubEx(t, stand, a.HubEx.ServiceToken).Access
			principal := strconv.FormatInt(int64(a.HubEx.ServiceUserID), 10)
			shows(t, p.Get(t, "/tokens/revoke?principal="+principal), "Revoke 1 token")
			leads(t, p.Post(t, "/tokens/revoke-all", "principal", principal, "next", "//evil.example/"), base+"/tokens")
			if got := listTasks(env, t, stand, token); got != http.StatusUnauthorized {
				t.Errorf("a revoked principal's token: %d", got)
			}

			token = env.HubEx(t, stand, a.HubEx.ServiceToken).Access
			shows(t, p.Get(t, "/tokens/revoke?all=yes"), "Your own session is among them")
			leads(t, p.Post(t, "/tokens/revoke-all", "all", "yes"), base+"/tokens")
			if got := p.Get(t, "/tokens"); got.Status != http.StatusSeeOther {
				t.Errorf("the own session lives on: %d", got.Status)
			}
			if got := listTasks(env, t, stand, token); got != http.StatusUnauthorized {
				t.Errorf("a revoked account's token: %d", got)
			}
		})
	}
}

// What is asked for in the address stays there, opens no wall and runs nowhere.
func TestConsoleTokensFilters(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	theirs := env.SignIn(t, other.Stand, other.Console.Administrator)
	for range 60 {
		env.HubEx(t, a.Stand, a.HubEx.ServiceToken)
	}
	p.Lang = "ru"
	first := p.Get(t, "/tokens?dialect=hubex")
	shows(t, first, "Действующие токены", "сервисный токен", "Далее")
	if n := strings.Count(first.Body, `name="grant"`); n != 50 {
		t.Errorf("%d rows", n)
	}
	next := found(t, first, `rel="next" href="([^"]+)"`)
	if !strings.Contains(next, "dialect=hubex") {
		t.Errorf("the filter is not in %s", next)
	}
	second := p.Get(t, strings.ReplaceAll(next, "&amp;", "&"))
	if n := strings.Count(second.Body, `name="grant"`); n != 10 {
		t.Errorf("%d rows on the second page", n)
	}
	shows(t, p.Get(t, "/tokens?who=%3Cscript%3Ealert(1)%3C/script%3E"), "Подходящих токенов нет", `<script>alert(1)</script>`)
	if got := p.Get(t, "/tokens?who=%3Cscript%3Ealert(1)%3C/script%3E"); strings.Contains(got.Body, "<script>alert") {
		t.Error("what was asked for is not escaped")
	}
	for _, bad := range []string{"?after=x", "?principal=x", "?credential=0", "/revoke", "/revoke?grant=x"} {
		if got := p.Get(t, "/tokens"+bad); got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s: %d", bad, got.Status)
		}
	}
	grant := found(t, first, `name="grant" value="(\d+)"`)
	shows(t, theirs.Get(t, "/tokens/revoke?grant="+grant), "Nothing of this is alive any more")
	refused(t, theirs.Post(t, "/tokens/revoke", "grant", grant), http.StatusNotFound)
	refused(t, p.Post(t, "/tokens/expire", "grant", grant), http.StatusNotFound) // on the production stand
	dev := env.SignIn(t, a.Stand, a.Console.Developer)
	if got := dev.Get(t, "/tokens"); got.Status != http.StatusOK || strings.Contains(got.Body, "/tokens/revoke") {
		t.Errorf("a developer at the list: %d", got.Status)
	}
	refused(t, dev.Get(t, "/tokens/revoke?all=yes"), http.StatusForbidden)
	refused(t, dev.Post(t, "/tokens/revoke", "grant", grant), http.StatusForbidden)
}

// On the test stand a token can be had to expire; its refresh token works on.
func TestConsoleExpireNow(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.On(authority.Test)[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	pair := env.HubEx(t, a.Stand, a.HubEx.ServiceToken)
	list := p.Get(t, "/tokens?dialect=hubex&principal="+strconv.FormatInt(int64(a.HubEx.ServiceUserID), 10))
	shows(t, list, "Expire now", "X-Propusk-Token-Lifetime")
	grant := found(t, list, `form="expire" name="grant" value="(\d+)"`)
	leads(t, p.Post(t, "/tokens/expire", "grant", grant), "/test/tokens")
	if got := listTasks(env, t, a.Stand, pair.Access); got != http.StatusUnauthorized {
		t.Errorf("an expired token: %d", got)
	}
	call := testenv.Call{Stand: a.Stand, Path: "/fsm/AUTHZ/AccessTokens", Body: `{"refreshJwt":` + testenv.Quote(pair.Refresh) + `}`}
	if got := env.Do(t, call); got.Status != http.StatusOK {
		t.Errorf("renewal: %d %s", got.Status, got.Body)
	}
	if e := audited(t, env.Client, a, "token.expire"); len(e) != 1 {
		t.Errorf("audit: %v", e)
	}
}
