package testenv_test

import (
	"net/http"
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

// Whoever may import something is led there, though he may do nothing else.
func TestConsoleImportIsInTheMenu(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	service, stand := env.Server.Data().Admin, authority.Production
	c := authority.System(stand, holderOf(t, env, stand, env.Fixture.Accounts[0].Console.Administrator).Account, "test", "test")
	for may, kind := range map[authority.Permission]string{"CatalogUpload": "products", "TaskAdd": "tasks", "CallsAdd": "calls"} {
		role, err := service.CreateRole(t.Context(), c, "imports "+kind, []authority.Permission{may})
		if err != nil {
			t.Fatal(err)
		}
		who := demo.Person{Login: "importer-" + kind, Password: "k7mq29zx-" + kind}
		_, err = service.CreateUser(t.Context(), c, admin.NewUser{
			Login: who.Login, Password: authority.NewSecret(who.Password), Roles: []authority.ID{role.ID}, Areas: authority.Areas{All: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		p := env.SignIn(t, stand, who)
		if got := p.Get(t, "/profile"); got.Status != http.StatusOK || !strings.Contains(got.Body, `href="/import"`) {
			t.Errorf("%s: the menu has no way to the import: %d", may, got.Status)
		}
		leads(t, p.Get(t, "/import"), "/import/"+kind)
		if got := p.Get(t, "/import/"+kind); got.Status != http.StatusOK {
			t.Errorf("%s: %d", may, got.Status)
		}
	}
	owner := env.SignIn(t, stand, env.Fixture.Owner.Person)
	other := pathOf("/in/", holderOf(t, env, stand, env.Fixture.Accounts[1].Console.Administrator).Account.ID)
	if got := owner.Get(t, other+"/users"); !strings.Contains(got.Body, `href="`+other+`/import"`) {
		t.Error("the way to the import leads the owner out of the account that he works in")
	}
}

// A place in the audit is one among the entries that were asked for.
func TestConsoleAuditPlacesKeepTheirFilter(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	for range 60 {
		p.Post(t, "/areas", "name", "")
		p.Get(t, "/accounts")
	}
	first := p.Get(t, "/audit?outcome=done")
	_, place, found := strings.Cut(found(t, first, `href="(/audit\?[^"]*after=[^"]+)"`), "after=")
	if !found {
		t.Fatal("the list has one page")
	}
	place, _, _ = strings.Cut(place, "&")
	if got := p.Get(t, "/audit?after="+place+"&outcome=done"); got.Status != http.StatusOK {
		t.Errorf("the next page: %d", got.Status)
	}
	for _, other := range []string{"/audit?after=", "/audit?outcome=refused&after=", "/audit?outcome=done&verb=token.&after="} {
		refused(t, p.Get(t, other+place), http.StatusBadRequest)
	}
}

// A refusal says in words why, and what it was about.
func TestConsoleAuditSaysWhatWasRefused(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	dev := env.SignIn(t, a.Stand, a.Console.Developer)
	refused(t, dev.Post(t, "/accounts/1234567/disable"), http.StatusForbidden)
	refused(t, dev.Post(t, "/users/7654321/state", "state", "off"), http.StatusForbidden)
	refused(t, dev.Post(t, "/users/7654321/secrets/1234/revoke"), http.StatusForbidden)
	refused(t, dev.Post(t, "/applications/1234/consents/4321/withdraw"), http.StatusForbidden)
	refused(t, dev.Get(t, "/calls/77/recording/88"), http.StatusForbidden)
	if err := env.Server.Data().Authority.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	for lang, words := range map[string]string{"en": "The permission is missing", "ru": "Нет прав"} {
		p.Lang = lang
		shows(t, p.Get(t, "/audit?verb=account.disable"), "account/1234567", ">"+words+"<")
		for _, object := range []string{"user/7654321", "credential/1234", "user/4321", "call/77"} {
			shows(t, p.Get(t, "/audit?object="+object), object, ">"+words+"<")
		}
	}
}
