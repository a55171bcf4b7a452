package smarts_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/dialect"
	"propusk/internal/dialect/smarts"
	"propusk/internal/store"
	storeadmin "propusk/internal/store/admin"
	storeauthority "propusk/internal/store/authority"
	storecatalog "propusk/internal/store/catalog"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv/coretest"
	"propusk/internal/testenv/fake"
	"propusk/internal/testenv/transcript"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// world is a stand with the dialect behind a real listener, over the real core
// and a real database, with a clock that tests move.
type world struct {
	t      *testing.T
	db     *store.DB
	feed   *authority.Feed
	auth   *authority.Authority
	admin  *admin.Service
	store  *storeadmin.Store
	config smarts.Config
	clock  *fake.Clock
	log    *fake.Log
	base   string
	names  map[string]string // what transcripts call by name
	ours   authority.Account
	theirs authority.Account
	users  map[string]authority.ID // ours, by login
}

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

// The people of our account: login, name, group, password.
var people = [][4]string{
	{"external", "Обмен с 1С", authority.GroupExternalConnection, "Pa$$ word 1"},
	{"mobile", "Терминал №1", authority.GroupMobileUser, "terminal-1-pass"},
	{"boss", "Анна Иванова", authority.GroupAdministrator, "администратор-1"},
	{"colon", "Двоеточие", authority.GroupExternalConnection, "pa:ss:word:"},
	{"кладовщик", "Кладовщик Ёлкин", authority.GroupExternalConnection, "складской пароль"},
}

func newWorld(t *testing.T, change ...func(*smarts.Config)) *world {
	t.Helper()
	w := &world{
		t: t, db: storetest.Open(t, store.SQLite), clock: fake.NewClock(epoch), log: &fake.Log{},
		names: map[string]string{}, users: map[string]authority.ID{},
	}
	w.openCore()
	products := storecatalog.New(w.db)
	warehouse := catalog.New(products, products, w.clock.Now)
	w.config = smarts.Config{
		Core: w.auth, Users: w.store, Catalog: warehouse, Writer: warehouse, Uploads: catalog.NewUploads(products, w.clock.Now),
		URL: func(authority.Stand) string { return w.base },
	}
	for _, c := range change {
		c(&w.config)
	}
	w.serve()
	w.ours, w.theirs = w.account("Ромашка", "D-100"), w.account("Василёк", "200")
	for _, p := range people {
		w.users[p[0]] = w.user(w.ours, p)
		w.names[p[0]] = strconv.FormatInt(int64(w.users[p[0]]), 10)
	}
	theirs := w.user(w.theirs, [4]string{"stranger", "Чужой", authority.GroupExternalConnection, "stranger-pass"})
	w.names["stranger"] = strconv.FormatInt(int64(theirs), 10)
	w.names["base"] = w.base
	return w
}

func (w *world) openCore() {
	w.t.Helper()
	profiles := []authority.Profile{smarts.Profile()}
	stands, epochs := coretest.Stands(w.t, w.db)
	ring := coretest.Ring(w.t, w.db, authority.Uses(profiles), w.clock.Now)
	w.feed = coretest.Feed(w.t, w.db)
	core := storeauthority.New(w.db, w.feed.Apply)
	w.store = storeadmin.New(w.db, w.feed.Apply)
	passwords := coretest.Passwords()
	var err error
	w.auth, err = authority.New(authority.Config{
		Profiles: profiles, Ring: ring, Feed: w.feed,
		Ports: authority.Ports{
			Credentials: core, Grants: core, Revocations: core, Callers: core, Auditor: core, Doors: core, Accounts: core,
		},
		Attempts: limit.NewAttempts(limit.AttemptsConfig{Now: w.clock.Now}), Epochs: epochs, Passwords: passwords,
		Issuer: func(stand authority.Stand, _ string) string { return stands[stand].Issuer },
		Now:    w.clock.Now, Logger: slog.New(slog.DiscardHandler),
	})
	w.must(err)
	w.admin = admin.New(admin.Config{
		Ports: admin.Ports{
			Accounts: w.store, Principals: w.store, Roles: w.store, Areas: w.store, Credentials: w.store,
			Grants: w.store, Audit: w.store, Revocations: core, Hosts: w.store,
		},
		Digests: authority.NewDigests(ring), Secrets: w.auth, Passwords: passwords, Now: w.clock.Now,
		Dialects: []admin.Dialect{{Name: smarts.Name, Guests: true, Doors: smarts.Profile().DoorsOff}, {Name: "ringme"}, {Name: "oauth"}},
	})
}

// serve opens a listener with edge, pipeline and dialect.
func (w *world) serve() {
	w.t.Helper()
	logger := slog.New(slog.NewTextHandler(w.log, nil))
	router, _, err := dialect.Mount(dialect.Config{
		Stand: authority.Production, Dialects: []dialect.Dialect{smarts.New(w.config)}, Authority: w.auth, Guests: w.auth,
		Refreshes: w.auth, Clients: dialect.NewClients(w.auth, w.clock.Now), Logger: logger,
		Refused: func(_ context.Context, e authority.Entry) { w.auth.Refuse(e) },
	})
	w.must(err)
	w.base = coretest.Listen(w.t, web.ServerConfig{
		Handler: &web.Edge{Router: router, Logger: logger, Now: w.clock.Now}, HostPath: true,
	})
}

func (w *world) account(name, contract string) authority.Account {
	w.t.Helper()
	made, err := w.admin.CreateAccount(w.t.Context(), w.system(authority.Account{}), admin.NewAccount{Name: name, Contract: contract})
	w.must(err)
	w.clock.Advance(time.Millisecond)
	return made.Account
}

func (w *world) user(a authority.Account, p [4]string) authority.ID {
	w.t.Helper()
	made, err := w.admin.CreateUser(w.t.Context(), w.system(a), admin.NewUser{
		Login: p[0], Name: p[1], Group: p[2], Password: authority.NewSecret(p[3]),
	})
	w.must(err)
	return made.ID
}

func (w *world) system(a authority.Account) authority.Caller {
	return authority.System(authority.Production, a, "test", "test")
}

// guests switches our account's authorization.
func (w *world) guests(on bool) {
	w.t.Helper()
	_, err := w.admin.ChangeSettings(w.t.Context(), w.system(w.ours), admin.SettingsPatch{Guest: map[string]bool{smarts.Name: on}})
	w.must(err)
}

// regroup puts one of our users into another group.
func (w *world) regroup(login, group string) {
	w.t.Helper()
	_, err := w.admin.ChangeUser(w.t.Context(), w.system(w.ours), admin.PrincipalEdit{ID: w.users[login], Group: &group})
	w.must(err)
}

type answer = transcript.Answer

// do sends one request; headers come as "Name: value".
func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	a := transcript.Send(w.t, method, w.base+path, body, headers...)
	w.checkShape(method, path, a)
	return a
}

// form posts pairs of names and values.
func (w *world) form(path string, pairs ...string) answer {
	w.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return w.do("POST", path, v.Encode(), "Content-Type: application/x-www-form-urlencoded")
}

// tokens are those of an answer of a door.
type tokens struct {
	Access  string `json:"Access_token"`
	Type    string `json:"Token_type"`
	Expires int    `json:"Expires_in"`
	Refresh string `json:"Refresh_token"`
}

func (w *world) tokens(a answer) tokens {
	w.t.Helper()
	var out tokens
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != http.StatusOK || out.Access == "" {
		w.t.Fatalf("no tokens: %d %s", a.Status, a.Body)
	}
	return out
}

// signIn gives tokens of one of our users.
func (w *world) signIn(login string) tokens {
	w.t.Helper()
	for _, p := range people {
		if p[0] == login {
			return w.tokens(w.form("/api/session", "grant_type", "password", "username", login, "password", p[3]))
		}
	}
	w.t.Fatal(login)
	return tokens{}
}

// checkShape holds every answer of every test to what all answers keep to: B17,
// B42, rules 4, 5 and 11.
func (w *world) checkShape(method, path string, a answer) {
	w.t.Helper()
	if a.Status >= 500 {
		w.t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	if a.Header.Get("X-Request-ID") == "" {
		w.t.Errorf("%s %s: no X-Request-ID", method, path)
	}
	for _, leak := range []string{"internal/", ".go:", "goroutine", "SELECT", "sqlite", "constraint", "panic"} {
		if a.Status >= 400 && strings.Contains(a.Body, leak) {
			w.t.Errorf("%s %s: the answer speaks of %q: %s", method, path, leak, a.Body)
		}
	}
	if a.Status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") == "" {
		w.t.Errorf("%s %s: 401 without WWW-Authenticate", method, path)
	}
	if a.Status < 400 || method == http.MethodHead {
		return
	}
	path, _, _ = strings.Cut(path, "?")
	var set struct {
		Error struct{ Code, Message string }
	}
	var session struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if path = strings.TrimSuffix(strings.ToLower(path), "/"); strings.HasSuffix(path, "/session") || strings.HasSuffix(path, "/oauth/token") {
		if err := json.Unmarshal([]byte(a.Body), &session); err != nil || session.Error == "" || session.Description == "" {
			w.t.Errorf("%s %s: %d in another shape: %s", method, path, a.Status, a.Body)
		}
		return
	}
	if err := json.Unmarshal([]byte(a.Body), &set); err != nil || set.Error.Code == "" || set.Error.Message == "" {
		w.t.Errorf("%s %s: %d in another shape: %s", method, path, a.Status, a.Body)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
