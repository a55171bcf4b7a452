package testenv_test

import (
	"net/http"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/demo"
	"propusk/internal/signin"
	storesignin "propusk/internal/store/signin"
	"propusk/internal/testenv"
)

// holderOf finds who a login is.
func holderOf(t *testing.T, env *testenv.Env, stand authority.Stand, who demo.Person) authority.Holder {
	t.Helper()
	proof, err := env.Server.Data().Authority.Prove(t.Context(), authority.Origin{Stand: stand, Dialect: "console"}, who.Login, authority.NewSecret(who.Password))
	if err != nil {
		t.Fatal(err)
	}
	return proof.Holder()
}

// Somebody who has lost his second factors is let in again by an administrator,
// who proves himself first; nobody resets those of one who may more than he.
func TestConsoleResetsFactors(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	noFaults(t, env)
	a := env.Fixture.Accounts[0]
	lost := holderOf(t, env, a.Stand, a.Console.Developer)
	owner := holderOf(t, env, a.Stand, env.Fixture.Owner.Person)
	rows := storesignin.New(env.Server.Data().DB)
	for _, h := range []authority.Holder{lost, owner} {
		now := time.Now()
		ch := signin.Change{Account: h.Account.ID, Principal: h.Principal.ID, Now: now, Entry: authority.Entry{
			Time: now, Stand: a.Stand, Account: h.Account.ID, Verb: signin.VerbAdd, Outcome: authority.Done, Count: 1,
		}}
		if err := rows.SetTOTP(t.Context(), ch, signin.TOTP{Sealed: []byte("x"), Created: now}); err != nil {
			t.Fatal(err)
		}
		if err := rows.SetRecoveryCodes(t.Context(), ch, []signin.RecoveryCode{{ID: authority.NewID(), Sealed: []byte("y")}}); err != nil {
			t.Fatal(err)
		}
	}
	stopped := env.Pages(a.Stand)
	if got := stopped.Post(t, "/sign-in", "login", a.Console.Developer.Login, "password", a.Console.Developer.Password); stopped.Cookie != "" || got.Status >= 500 {
		t.Fatalf("a password alone lets him in: %d", got.Status)
	}
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	one := pathOf("/users/", lost.Principal.ID)
	shows(t, p.Get(t, one), "Second factors", "Codes of an app, since", "Reset the second factors")
	shows(t, p.Get(t, one+"/factors"), "Recovery codes left", "</dt><dd>1</dd>", "with the password alone")
	p.Lang = "ru"
	shows(t, p.Get(t, one+"/factors"), "Сбросить вторые факторы", "Осталось кодов восстановления")
	p.Lang = "en"
	refused(t, p.Post(t, pathOf("/users/", owner.Principal.ID)+"/factors"), http.StatusForbidden)
	done(t, p, p.Post(t, one+"/factors"))
	shows(t, p.Get(t, one), "the password alone lets him in")
	refused(t, p.Post(t, one+"/factors"), http.StatusConflict)
	env.SignIn(t, a.Stand, a.Console.Developer)
	if got := audited(t, env.Client, a, "factor.reset"); len(got) == 0 {
		t.Error("nothing is in the audit")
	}
	refused(t, env.SignIn(t, a.Stand, a.Console.Developer).Get(t, one+"/factors"), http.StatusForbidden)
	other := env.Fixture.Accounts[1]
	refused(t, env.SignIn(t, other.Stand, other.Console.Administrator).Get(t, one+"/factors"), http.StatusNotFound)
}

// Whose access keys and API tokens are off signs in to the console all the same.
func TestConsoleWithoutAPITokens(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	who := holderOf(t, env, a.Stand, a.Console.Developer)
	before := env.SignIn(t, a.Stand, a.Console.Developer)
	p := env.SignIn(t, a.Stand, a.Console.Administrator)
	one := pathOf("/users/", who.Principal.ID)
	shows(t, p.Get(t, one+"/keys-off"), "he can sign in there again")
	done(t, p, p.Post(t, one+"/keys", "state", "off"))
	leads(t, before.Get(t, "/keys"), "/sign-in?next=%2Fkeys")
	shows(t, env.SignIn(t, a.Stand, a.Console.Developer).Get(t, "/keys"), "has switched your access keys off")
	key := a.Element.Developer
	got := env.Do(t, testenv.Call{
		Stand: a.Stand, Path: "/console/sys/token", Type: testenv.Form, Body: "grant_type=client_credentials",
		Header: testenv.Basic(key.ClientID, key.ClientSecret),
	})
	if got.Status != http.StatusUnauthorized {
		t.Errorf("his key still gets tokens: %d", got.Status)
	}
}

func pathOf(list string, id authority.ID) string { return list + page.Text(id) }
