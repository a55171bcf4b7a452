package demo_test

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// panel calls the control panel with the administrator's key of an account.
func (r *running) panel(t *testing.T, a demo.Account, call testenv.Call) testenv.Answer {
	t.Helper()
	key := url.Values{"grant_type": {"client_credentials"}, "client_id": {a.Element.ClientID}, "client_secret": {a.Element.ClientSecret}}
	var token struct {
		Access string `json:"access_token"`
	}
	r.client.Do(t, testenv.Call{
		Stand: a.Stand, Method: "POST", Path: "/console/sys/token", Body: key.Encode(), Type: testenv.Form,
	}).JSON(t, &token)
	call.Stand, call.Path = a.Stand, "/console/api/v2"+call.Path
	answer := r.client.Do(t, call.With(testenv.Bearer(token.Access)...))
	if answer.Status/100 != 2 {
		t.Fatalf("%s %s: %d %s", call.Method, call.Path, answer.Status, answer.Body)
	}
	return answer
}

// ids gives those of a list of the control panel by their logins or names.
func (r *running) ids(t *testing.T, a demo.Account, path, member string) map[string]string {
	t.Helper()
	var list []map[string]json.RawMessage
	r.panel(t, a, testenv.Call{Path: path}).JSON(t, &list)
	out := map[string]string{}
	for _, one := range list {
		var name, id string
		if json.Unmarshal(one[member], &name) == nil && json.Unmarshal(one["id"], &id) == nil {
			out[name] = id
		}
	}
	return out
}

// opens reports every secret of an account that does not open it.
func (r *running) opens(t *testing.T, a demo.Account) {
	t.Helper()
	for _, token := range []string{a.HubEx.ServiceToken, a.HubEx.LimitedServiceToken, a.HubEx.AreaServiceToken} {
		r.client.HubEx(t, a.Stand, token)
	}
	r.panel(t, a, testenv.Call{Path: "/me"})
	r.client.OAuth(t, a)
	asked := func(path string, body url.Values) {
		t.Helper()
		got := r.client.Do(t, testenv.Call{Stand: a.Stand, Method: "POST", Path: path, Body: body.Encode(), Type: testenv.Form})
		if got.Status != 200 {
			t.Errorf("%s %s: %v: %d %s", a.Stand, a.Contract, body, got.Status, got.Body)
		}
	}
	for _, p := range []demo.Pair{a.Smarts.External, a.Smarts.Administrator, a.Smarts.Colon, a.Smarts.Cyrillic} {
		asked("/api/session", url.Values{"grant_type": {"password"}, "username": {p.Username}, "password": {p.Password}})
	}
	for _, p := range []demo.RingmeApplication{a.Ringme.Trusted, a.Ringme.CallAPI, a.Ringme.ReadOnly} {
		asked("/oauth/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {p.ApplicationID}, "client_secret": {p.ApplicationSecret}})
	}
}

func (r *running) allOpen(t *testing.T) {
	t.Helper()
	for _, stand := range authority.Stands() {
		for _, a := range r.fixture.On(stand) {
			r.opens(t, a)
		}
	}
	if owner := r.fixture.Owner; owner.Login == "" || owner.Element.ClientID == "" {
		t.Errorf("the owner is %+v", owner)
	}
}

// upset renames and deletes what somebody who tries the product may: the
// administrator's login, users, service users, applications, a role.
func (r *running) upset(t *testing.T, a demo.Account) {
	t.Helper()
	list := r.panel(t, a, testenv.Call{Path: "/me"}).Field(t, "user-list-id")
	users := "/user-lists/" + list + "/users"
	logins := r.ids(t, a, users, "login")
	r.panel(t, a, testenv.Call{Method: "DELETE", Path: users + "/" + logins[a.Ringme.User.Login]})
	r.panel(t, a, testenv.Call{Method: "DELETE", Path: users + "/" + logins[a.Smarts.Colon.Username]})
	r.panel(t, a, testenv.Call{Method: "PATCH", Path: users + "/" + logins[a.Smarts.External.Username], Body: `{"login":"yy"}`})
	machines := r.ids(t, a, "/service-users", "name")
	r.panel(t, a, testenv.Call{Method: "DELETE", Path: "/service-users/" + machines["Подрядчик участка"]})
	programs := r.ids(t, a, "/applications", "name")
	r.panel(t, a, testenv.Call{Method: "DELETE", Path: "/applications/" + programs["Телефония: табло"]})
	r.panel(t, a, testenv.Call{Method: "PATCH", Path: "/applications/" + programs["Шлюз API"], Body: `{"name":"xx"}`})
	r.panel(t, a, testenv.Call{Method: "PATCH", Path: users + "/" + logins[a.Console.Administrator.Login], Body: `{"login":"zz"}`})
}

// Whatever has been renamed or deleted, --rotate leaves a folder all of whose
// secrets work, once more and once more.
func TestRotateAfterChanges(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	first := start(t, demo.Config{Data: data, Tasks: 10, Calls: 10})
	first.upset(t, first.fixture.Accounts[1])
	first.upset(t, first.fixture.Test.Accounts[0])
	stopped(t, first)
	for range 2 {
		again := start(t, demo.Config{Data: data, Rotate: true})
		again.allOpen(t)
		if got := again.fixture.Accounts[1]; got.Console.Administrator.Login != "zz" || got.Smarts.External.Username != "yy" {
			t.Errorf("%+v %+v: not the renamed ones", got.Console, got.Smarts)
		}
		stopped(t, again)
	}
	kept := start(t, demo.Config{Data: data})
	kept.allOpen(t)
}

// A folder of a version that knew holders by their logins alone, which a
// rotation has broken, is mended by another one.
func TestRotateMendsFormerFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	first := start(t, demo.Config{Data: data, Tasks: 10, Calls: 10})
	first.upset(t, first.fixture.Accounts[0])
	stopped(t, first)
	stopped(t, start(t, demo.Config{Data: data, Rotate: true}))
	former := *first.fixture // its secrets are dead
	for _, stand := range authority.Stands() {
		for i := range former.On(stand) {
			former.On(stand)[i].Holders = nil
		}
	}
	if err := former.Write(filepath.Join(data, server.DemoFixture)); err != nil {
		t.Fatal(err)
	}
	start(t, demo.Config{Data: data, Rotate: true}).allOpen(t)
}

// A rotation that was cut off is done again by the next start, --rotate or not.
func TestRotationCutOff(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	first := start(t, demo.Config{Data: data, Tasks: 10, Calls: 10})
	stopped(t, first)
	cut := *first.fixture
	cut.Unfinished = true
	if err := cut.Write(filepath.Join(data, server.DemoFixture)); err != nil {
		t.Fatal(err)
	}
	second := start(t, demo.Config{Data: data})
	second.allOpen(t)
	if second.fixture.Unfinished || second.fixture.Accounts[0].HubEx.ServiceToken == first.fixture.Accounts[0].HubEx.ServiceToken {
		t.Error("the rotation was not done again")
	}
}

func stopped(t *testing.T, r *running) {
	t.Helper()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}
