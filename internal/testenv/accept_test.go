package testenv_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

// Rule 2: a token opens another dialect only where the account's administrator
// has said so, and then whatever form it has.
func TestRule02AcceptTokensFrom(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 5})
	home := e.Fixture.Accounts[0]
	doors := map[string]string{
		"hubex": taskPath + "?fetch=1", "element": panel + "/me", "ringme": "/api/ver1.0/user/", "smarts": "/api/v1/UserGroups",
	}
	tokens := map[string]map[string]string{} // by dialect and kind
	for _, sub := range subjects() {
		if !slices.ContainsFunc(e.Server.Data().Profiles(), func(p authority.Profile) bool { return p.Dialect == sub.Dialect }) {
			continue // it has no tokens
		}
		secrets := sub.Secrets(t, e.Client, home)
		tokens[sub.Dialect] = map[string]string{}
		for _, kind := range []string{hubexAccess, elementToken, elementAccess, operatorAccess, ringmeAccess, smartsAccess, oauthAccess} {
			if token := secrets[kind]; token != "" {
				tokens[sub.Dialect][kind] = token
			}
		}
		if len(tokens[sub.Dialect]) == 0 {
			t.Fatalf("%s has no access token", sub.Dialect)
		}
	}
	for door, path := range doors {
		var others []string
		for dialect := range tokens {
			if dialect != door {
				others = append(others, dialect)
			}
		}
		ask := func(want bool) {
			for _, dialect := range others {
				for kind, token := range tokens[dialect] {
					a := e.Do(t, testenv.Call{Method: "GET", Path: path}.With(testenv.Bearer(token)...))
					if taken := a.Status != 401; taken != want {
						t.Errorf("%s with a %s: %d %s; accepted by the account: %t", door, kind, a.Status, a.Body, want)
					}
				}
			}
		}
		ask(false)
		accept(t, e.Client, home, door, others)
		ask(true)
		accept(t, e.Client, home, door, nil)
		ask(false)
	}
}

func accept(t *testing.T, c *testenv.Client, a demo.Account, door string, from []string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{door: map[string]any{"accept-tokens-from": append([]string{}, from...)}})
	if err != nil {
		t.Fatal(err)
	}
	token := c.Do(t, elementDoor(a.Stand, "/console/sys/token", a.Element.Key)).Field(t, "id_token")
	answer := c.Do(t, testenv.Call{Method: "PATCH", Path: panel + "/settings", Body: string(body)}.With(testenv.Bearer(token)...))
	if answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
}

// B25: an administrator's password opens no application, and the refusal does
// not tell that it was right.
func TestAdministratorsAndThePasswordGrant(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 5})
	home := e.Fixture.Accounts[0]
	ask := func(login, password string) testenv.Answer {
		form := url.Values{
			"grant_type": {"password"}, "client_id": {home.Ringme.Password.ApplicationID}, "client_secret": {home.Ringme.Password.ApplicationSecret},
			"username": {login}, "password": {password},
		}
		return e.Do(t, testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: form.Encode()})
	}
	user := home.Ringme.User
	if a := ask(user.Login, user.Password); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	wrong := ask(user.Login, "wrong")
	for name, p := range map[string]demo.Person{"administrator": home.Console.Administrator, "owner": e.Fixture.Owner.Person} {
		if a := ask(p.Login, p.Password); a.Status != wrong.Status || a.Body != wrong.Body {
			t.Errorf("%s: %d %s, a wrong password gets %d %s", name, a.Status, a.Body, wrong.Status, wrong.Body)
		}
	}
}

// B32: what acts as a user ends with him, for gateways too.
func TestTokensOfAnApplicationEndWithItsOwner(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 5})
	home := e.Fixture.Accounts[0]
	trusted := home.Ringme.Trusted
	issue := func() testenv.Answer {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {trusted.ApplicationID}, "client_secret": {trusted.ApplicationSecret}}
		return e.Do(t, testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: form.Encode()})
	}
	token := issue().Field(t, "access_token")
	boss := testenv.Bearer(e.Do(t, elementDoor(home.Stand, "/console/sys/token", home.Element.Key)).Field(t, "id_token"))
	me := e.Do(t, testenv.Call{Method: "GET", Path: "/api/ver1.0/user/"}.With(testenv.Bearer(token)...))
	login := me.Field(t, "login")
	if a := e.Ask(t, home, token); !strings.Contains(a.Body, `"active":true`) {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	list := e.Do(t, testenv.Call{Method: "GET", Path: panel + "/me"}.With(boss...)).Field(t, "user-list-id")
	users := panel + "/user-lists/" + list + "/users"
	var found []struct{ ID, Login string }
	e.Do(t, testenv.Call{Method: "GET", Path: users + "?size=1000&result=array"}.With(boss...)).JSON(t, &found)
	at := slices.IndexFunc(found, func(u struct{ ID, Login string }) bool { return u.Login == login })
	if at < 0 {
		t.Fatalf("%s is not among %d users", login, len(found))
	}
	one := users + "/" + found[at].ID
	if a := e.Do(t, testenv.Call{Method: "PATCH", Path: one, Body: `{"disabled":true}`}.With(boss...)); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := e.Ask(t, home, token); !strings.Contains(a.Body, `"active":false`) {
		t.Errorf("disabled: %s", a.Body)
	}
	if a := issue(); a.Status != 401 {
		t.Errorf("disabled: %d %s", a.Status, a.Body)
	}
}
