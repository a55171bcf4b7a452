package testenv_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

const hostileName = `<script>alert("имя")</script>`

// inert fails where a hostile text is on a page as anything but text.
func inert(t *testing.T, s testenv.Shown) {
	t.Helper()
	if strings.Contains(s.Body, "<script>alert") {
		t.Error("a name is not escaped")
	}
	shows(t, s, hostileName)
}

func TestConsoleRolesAndAreas(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	shows(t, p.Get(t, "/roles/new"), "Work orders", "See work orders")
	made := p.Post(t, "/roles", "name", hostileName, "permission", "TasksList", "permission", "TaskAdd")
	one := made.To
	leads(t, made, one)
	inert(t, p.Get(t, one))
	inert(t, p.Get(t, "/roles"))
	refused(t, p.Post(t, "/roles", "name", hostileName), http.StatusConflict)
	refused(t, p.Post(t, one, "name", " ", "permission", "TasksList"), http.StatusBadRequest)
	leads(t, p.Post(t, one, "name", "Диспетчер", "permission", "TasksList"), one)
	shows(t, p.Get(t, one+"/delete"), "Диспетчер")
	theirs := env.SignIn(t, other.Stand, other.Console.Administrator)
	refused(t, theirs.Get(t, one), http.StatusNotFound)
	refused(t, theirs.Post(t, one+"/delete"), http.StatusNotFound)
	leads(t, p.Post(t, one+"/delete"), "/roles")
	for _, verb := range []string{"role.create", "role.change", "role.delete"} {
		if e := audited(t, env.Client, a, verb); len(e) == 0 || e[0]["dialect"] != "console" {
			t.Errorf("%s: %v", verb, e)
		}
	}
	builtin := found(t, p.Get(t, "/roles"), `href="(/roles/\d+)">Administrator<`)
	shows(t, p.Get(t, builtin), "This role is the program’s own", "Соколова")
	refused(t, p.Post(t, builtin, "name", "X"), http.StatusConflict)
	refused(t, p.Post(t, builtin+"/delete"), http.StatusConflict)

	leads(t, p.Post(t, "/areas", "name", hostileName), "/areas")
	list := p.Get(t, "/areas")
	inert(t, list)
	area := found(t, list, `&lt;script&gt;.*?</th><td class="do"><p class="actions"><a [^>]*href="(/areas/\d+)"`)
	leads(t, p.Post(t, area, "name", "Север-2"), "/areas")
	refused(t, p.Post(t, "/areas", "name", "Север-2"), http.StatusConflict)
	refused(t, theirs.Post(t, area+"/delete"), http.StatusNotFound)
	leads(t, p.Post(t, area+"/delete"), "/areas")

	dev := env.SignIn(t, a.Stand, a.Console.Developer)
	shows(t, dev.Get(t, builtin), "See work orders")
	refused(t, dev.Get(t, "/roles/new"), http.StatusForbidden)
	refused(t, dev.Post(t, "/areas", "name", "x"), http.StatusForbidden)
}

func TestConsoleSettings(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	shows(t, p.Get(t, "/settings"), "Empty: as documented, 24 hours (24h)", "a refresh token lives: shorter than 30 days (30d)", "shorter than 25 hours (25h)", "Also take tokens of")
	wrong := p.Post(t, "/settings", "section", "hubex", "hubex.lifetime", "soon", "hubex.shape", "map")
	if wrong.Status != http.StatusBadRequest || !strings.Contains(wrong.Body, `value="soon"`) || !strings.Contains(wrong.Body, `id="f-hubex.lifetime" name="hubex.lifetime" type="text" value="soon" autocomplete="off" placeholder="24h" aria-invalid="true"`) {
		t.Errorf("%d %s", wrong.Status, mainOf(wrong))
	}
	for _, bad := range []string{"40d", "5s", "-1h", "1d1d"} {
		refused(t, p.Post(t, "/settings", "section", "hubex", "hubex.lifetime", bad), http.StatusBadRequest)
	}
	refused(t, p.Post(t, "/settings", "section", "general", "general.zone", "Nowhere/Land"), http.StatusBadRequest)
	refused(t, p.Post(t, "/settings", "section", "general", "general.calls", "many"), http.StatusBadRequest)
	refused(t, p.Post(t, "/settings", "section", "general", "general.calls", "0"), http.StatusBadRequest)
	refused(t, p.Post(t, "/settings", "section", "general", "general.results", "8"), http.StatusBadRequest)
	refused(t, p.Post(t, "/settings", "section", "general", "general.calls", "30", "general.calls", "40"), http.StatusBadRequest)
	refused(t, p.Post(t, "/settings", "section", "nothing"), http.StatusBadRequest)
	leads(t, p.Post(t, "/settings", "section", "hubex", "hubex.lifetime", "1h30m", "hubex.accept", "oauth"), "/settings#hubex")
	if pair := env.HubEx(t, a.Stand, a.HubEx.ServiceToken); pair.Expires != 5400 {
		t.Errorf("a token lives %d seconds", pair.Expires)
	}
	if got := listTasks(env, t, a.Stand, env.OAuth(t, a)); got == http.StatusUnauthorized {
		t.Error("oauth's token is not taken")
	}
	shows(t, p.Get(t, "/settings"), "1h30m")
	leads(t, p.Post(t, "/settings", "section", "hubex"), "/settings#hubex")
	if pair := env.HubEx(t, a.Stand, a.HubEx.ServiceToken); pair.Expires != 86400 {
		t.Errorf("a token lives %d seconds", pair.Expires)
	}
	leads(t, p.Post(t, "/settings", "section", "smarts", "smarts.guest", "yes"), "/settings#smarts")
	p.Lang = "ru"
	shows(t, p.Get(t, "/settings"), "Авторизация отключена: данные этой учётной записи")
	dev := env.SignIn(t, a.Stand, a.Console.Developer)
	shows(t, dev.Get(t, "/settings"), "Your roles let you see the settings, not change them")
	refused(t, dev.Post(t, "/settings", "section", "hubex"), http.StatusForbidden)
}

// A shorter retention deletes for good: it is asked about once.
func TestConsoleRetention(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	form := []string{"section", "general", "general.calls", "90", "general.audit", "400"}
	asked := p.Post(t, "/settings", form...)
	shows(t, asked, "Calls that are older than 90 days.", "Audit entries that are older than 400 days.", `name="general.calls" value="90"`)
	if strings.Contains(p.Get(t, "/settings").Body, `value="400"`) {
		t.Error("it was saved without an answer")
	}
	leads(t, p.Post(t, "/settings", append(form, "sure", "yes")...), "/settings#general")
	shows(t, p.Get(t, "/settings"), `value="400"`)
	leads(t, p.Post(t, "/settings", "section", "general", "general.calls", "91"), "/settings#general")
	p.Lang = "ru"
	shows(t, p.Post(t, "/settings", "section", "general", "general.calls", "22", "general.results", "3"), "Звонки старше 22 дней", "Подготовленные ответы старше 3 дней")
}

func TestConsoleSigningKeys(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	owner := env.SignIn(t, authority.Production, env.Fixture.Owner.Person)
	before := found(t, owner.Get(t, "/signing-keys"), `id="hubex"[\s\S]*?<code>([^<]+)</code></th><td data-label="State"><span class="badge good">`)
	token := env.HubEx(t, a.Stand, a.HubEx.ServiceToken).Access
	shows(t, owner.Get(t, "/signing-keys/hubex/rotate"), "Nothing stops")
	shows(t, owner.Get(t, "/signing-keys/hubex/rotate?leaked="+before), "stops working at once")
	leads(t, owner.Post(t, "/signing-keys/hubex/rotate", "leaked", before), "/signing-keys")
	if got := listTasks(env, t, a.Stand, token); got != http.StatusUnauthorized {
		t.Errorf("a token of a leaked key: %d", got)
	}
	if list := owner.Get(t, "/signing-keys"); !strings.Contains(list.Body, before) || !list.Says("revoked") {
		t.Errorf("the leaked key is not shown as revoked: %s", mainOf(list))
	}
	refused(t, owner.Get(t, "/signing-keys/nothing/rotate"), http.StatusNotFound)
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	shows(t, p.Get(t, "/signing-keys"), "Signing keys")
	refused(t, p.Post(t, "/signing-keys/hubex/rotate"), http.StatusForbidden)
}

func TestConsoleAccounts(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	owner := env.SignIn(t, authority.Production, env.Fixture.Owner.Person)
	made := owner.Post(t, "/accounts", "name", hostileName, "contract", "77-1", "login", "newcomer", "full-name", "Новиков")
	inert(t, made)
	password := found(t, made, `data-text>([^<]+)<`)
	one := found(t, made, `data-after="(/accounts/\d+)"`)
	newcomer := env.SignIn(t, authority.Production, demo.Person{Login: "newcomer", Password: password})
	refused(t, owner.Post(t, "/accounts", "name", "Ещё", "contract", "77-1"), http.StatusConflict)
	inert(t, owner.Get(t, "/accounts"))
	inert(t, owner.Get(t, one))
	leads(t, owner.Post(t, one, "name", "Новая"), one)
	leads(t, owner.Post(t, one+"/hosts", "host", "new.example"), one)
	refused(t, owner.Post(t, one+"/hosts", "host", "not a host"), http.StatusBadRequest)
	shows(t, owner.Get(t, one), "new.example", "Новая")
	leads(t, owner.Post(t, one+"/hosts/delete", "host", "new.example"), one)
	refused(t, newcomer.Get(t, "/accounts"), http.StatusForbidden)
	if got := newcomer.Get(t, "/"); got.Says("Accounts") {
		t.Error("the menu shows the accounts to whoever may not see them")
	}

	shows(t, owner.Get(t, one+"/disable"), "1 living token (holders: 1) stops working")
	leads(t, owner.Post(t, one+"/disable"), one)
	if got := newcomer.Get(t, "/"); got.Status != http.StatusSeeOther {
		t.Errorf("a session of a disabled account: %d", got.Status)
	}
	shows(t, owner.Get(t, one+"/delete"), "Type the contract number 77-1")
	refused(t, owner.Post(t, one+"/delete", "contract", "77"), http.StatusBadRequest)
	leads(t, owner.Post(t, one+"/enable"), one)
	refused(t, owner.Post(t, one+"/delete", "contract", "77-1"), http.StatusConflict) // not disabled
	leads(t, owner.Post(t, one+"/disable"), one)
	leads(t, owner.Post(t, one+"/delete", "contract", "77-1"), "/accounts")
	refused(t, owner.Get(t, one), http.StatusNotFound)
}

// The deployment's owner works in another account on addresses that say so, and
// nobody else does.
func TestConsoleWorkInAnotherAccount(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	owner := env.SignIn(t, authority.Production, env.Fixture.Owner.Person)
	in := found(t, owner.Get(t, "/accounts"), `href="(/in/\d+)/">Work in it`)
	banner := "You work in the account “" + other.Name + "”"
	there := owner.Get(t, in+"/areas")
	shows(t, there, banner, `href="`+in+`/roles"`)
	leads(t, owner.Send(t, in+"/areas", url.Values{"name": {"Чужой участок"}}), in+"/areas")
	shows(t, owner.Get(t, in+"/areas"), "Чужой участок")
	if owner.Get(t, "/areas").Says("Чужой участок") {
		t.Error("the area lies in the owner's own account")
	}
	shows(t, env.SignIn(t, other.Stand, other.Console.Administrator).Get(t, "/areas"), "Чужой участок")
	if e := audited(t, env.Client, other, "area.create"); len(e) == 0 || e[0]["dialect"] != "console" {
		t.Errorf("audit: %v", e)
	}
	leads(t, owner.Get(t, in+"/accounts"), "/accounts")
	leads(t, owner.Get(t, in+"/keys"), "/keys")
	if owner.Get(t, in+"/areas").Says(`href="` + in + `/keys"`) {
		t.Error("the menu leads to keys of another account")
	}
	shows(t, owner.Get(t, in+"/"), banner)
	leads(t, owner.Post(t, in+"/preferences", "language", "en", "next", in+"/areas"), in+"/areas")

	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	for _, path := range []string{in + "/areas", "/in/1/areas", "/in/x/areas", "/in/0" + in, in + in + "/areas"} {
		refused(t, p.Get(t, path), http.StatusNotFound)
	}
	refused(t, p.Post(t, in+"/areas", "name", "x"), http.StatusNotFound)
	if got := env.Pages(a.Stand).Get(t, in+"/areas"); got.Status != http.StatusSeeOther || got.To != "/sign-in?next="+url.QueryEscape(in+"/areas") {
		t.Errorf("a stranger: %d %s", got.Status, got.To)
	}
	leads(t, owner.Post(t, in+"/sign-out"), "/sign-in")
}
