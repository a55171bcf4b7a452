package element_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/element"
	"propusk/internal/testenv"
)

const base = "/console/api/v2"

// world is a server with both stands, and on each an account with people who
// hold access keys.
type world struct {
	*testenv.Env

	t     *testing.T
	clock *testenv.Clock
	ours  *place
	away  *place // another account of the same stand
	trial *place // on the test stand
}

// place is an account with its people.
type place struct {
	stand   authority.Stand
	account authority.Account
	people  map[string]person
	gateway authority.ID // an application
}

type person struct {
	authority.Principal

	key    [2]string // Client-Id and Client-Secret
	bearer string    // an id token, when it was first asked for
}

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, o testenv.Options) *world {
	t.Helper()
	w := &world{t: t, clock: testenv.NewClock(epoch)}
	o.Clock, o.Tasks = w.clock, 1
	w.Env = testenv.Start(t, o)
	w.ours = w.place(authority.Production, 0)
	w.away = w.place(authority.Production, 1)
	w.trial = w.place(authority.Test, 0)
	return w
}

// under is w for a part of its test.
func (w *world) under(t *testing.T) *world {
	part := *w
	part.t = t
	return &part
}

func (w *world) admin() *admin.Service { return w.Server.Data().Admin }

func (w *world) system(p *place) authority.Caller {
	return authority.System(p.stand, p.account, "", "test")
}

// place gives the i-th account of the demo new people: an owner, an
// administrator, a developer, a user without any right, and a user of an
// application who holds the administrator's role.
func (w *world) place(stand authority.Stand, i int) *place {
	w.t.Helper()
	contract := w.Fixture.On(stand)[i].Contract
	a, err := w.admin().AccountByContract(w.t.Context(), authority.System(stand, authority.Account{}, "", "test"), contract)
	w.must(err)
	p := &place{stand: stand, account: a, people: map[string]person{}}
	roles, err := w.admin().Roles(w.t.Context(), w.system(p), admin.Page{Size: 1000})
	w.must(err)
	byName := map[string]authority.ID{}
	for _, r := range roles.Items {
		byName[r.Name] = r.ID
	}
	owner, err := w.admin().CreateRole(w.t.Context(), w.system(p), "Хозяин", []authority.Permission{admin.AccountsManage})
	w.must(err)
	apps, err := w.admin().Applications(w.t.Context(), w.system(p), admin.Page{})
	w.must(err)
	p.gateway = apps.Items[0].ID
	boss, dev := byName[admin.AdministratorRole], byName[admin.DeveloperRole]
	w.person(p, "owner", 0, owner.ID, boss)
	w.person(p, "administrator", 0, boss)
	w.person(p, "developer", 0, dev)
	w.person(p, "nobody", 0)
	w.person(p, "visitor", p.gateway, boss)
	return p
}

func (w *world) person(p *place, name string, of authority.ID, roles ...authority.ID) {
	w.t.Helper()
	u, err := w.admin().CreateUser(w.t.Context(), w.system(p), admin.NewUser{
		Login: name + "@" + p.account.Contract + ".test", Name: name, Password: authority.NewSecret("correct horse " + name),
		Roles: roles, Areas: authority.Areas{All: true}, Of: of,
	})
	w.must(err)
	made, err := w.admin().GenerateAccessKey(w.t.Context(), w.system(p), admin.Generate{Principal: u.ID, Description: "test"})
	w.must(err)
	p.people[name] = person{Principal: u, key: [2]string{made.Credential.ClientID, made.Secret.Reveal()}}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// exchange asks for a token with a key.
func (w *world) exchange(p *place, key [2]string) testenv.Answer {
	w.t.Helper()
	call := testenv.Call{Stand: p.stand, Path: "/console/sys/token", Type: testenv.Form, Body: "grant_type=CLIENT_CREDENTIALS"}
	return w.Do(w.t, call.With(testenv.Basic(key[0], key[1])...))
}

// token gives a new id token of a person.
func (w *world) token(p *place, name string) string {
	w.t.Helper()
	a := w.exchange(p, p.people[name].key)
	if a.Status != 200 {
		w.t.Fatalf("%s: %d %s", name, a.Status, a.Body)
	}
	return a.Field(w.t, "id_token")
}

// as calls below base as a person, with a token that is kept.
func (w *world) as(p *place, name, method, path, body string) testenv.Answer {
	w.t.Helper()
	who := p.people[name]
	if who.bearer == "" {
		who.bearer = w.token(p, name)
		p.people[name] = who
	}
	return w.with(p, who.bearer, method, path, body)
}

// with calls below base with a bearer.
func (w *world) with(p *place, token, method, path, body string) testenv.Answer {
	w.t.Helper()
	call := testenv.Call{Stand: p.stand, Method: method, Path: base + path, Body: body}
	a := w.Do(w.t, call.With(testenv.Bearer(token)...))
	w.shape(method+" "+path, a)
	return a
}

// shape holds every answer to what all of them keep to.
func (w *world) shape(what string, a testenv.Answer) {
	w.t.Helper()
	if a.Status >= 500 {
		w.t.Errorf("%s: %d %s", what, a.Status, a.Body)
	}
	if a.Status < 400 || a.Body == "" {
		return
	}
	if err := checkShape(a); err != nil {
		w.t.Errorf("%s: %v", what, err)
	}
}

// want checks a status and, of a refusal, the number in its body.
func (w *world) want(what string, a testenv.Answer, status, number int) {
	w.t.Helper()
	var body struct{ Code int }
	if a.Status >= 400 {
		_ = json.Unmarshal([]byte(a.Body), &body)
	}
	if a.Status != status || body.Code != number {
		w.t.Errorf("%s: %d %d %s, want %d %d", what, a.Status, body.Code, a.Body, status, number)
	}
}

func id(n authority.ID) string { return element.FormatUUID(n) }

// own is the path of a place's own user list.
func own(p *place) string { return "/user-lists/" + id(p.account.ID) + "/users" }

// claims opens a JWT without verifying it.
func claims(t *testing.T, text string) (header, payload map[string]any) {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %s", text)
	}
	for i, into := range []*map[string]any{&header, &payload} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, payload
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}
