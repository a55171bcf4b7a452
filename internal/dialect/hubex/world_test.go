package hubex_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/dialect/hubex"
	"propusk/internal/store"
	storeauthority "propusk/internal/store/authority"
	"propusk/internal/store/storetest"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
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
	tasks  *tasks.Service
	routes []web.Route
	clock  *fake.Clock
	base   string
	names  map[string]string // what transcripts call by name
	ours   account
	theirs account
}

// account is a tenant with its service users' tokens.
type account struct {
	authority.Account
	tokens map[string]authority.Secret // by name of the user
	users  map[string]authority.ID
	creds  map[string]authority.ID
	north  authority.ID // areas
	south  authority.ID
	stages []tasks.Stage
	ivan   authority.ID
	olga   authority.ID
	list   []authority.ID // tasks in order of creation
}

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

// other is a dialect whose tokens must be refused.
func other() authority.Profile {
	p := hubex.Profile()
	p.Dialect = "other"
	return p
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: storetest.Open(t, store.SQLite), clock: fake.NewClock(epoch), names: map[string]string{}}
	w.openCore()
	w.tasks = tasks.New(storetasks.New(w.db), w.clock.Now)
	w.serve()
	w.ours = w.populate("Ромашка", `{}`)
	w.theirs = w.populate("Василёк", `{}`)
	w.name()
	return w
}

func (w *world) openCore() {
	w.t.Helper()
	profiles := []authority.Profile{hubex.Profile(), other()}
	stands, epochs := coretest.Stands(w.t, w.db)
	ring := coretest.Ring(w.t, w.db, authority.Uses(profiles), w.clock.Now)
	w.feed = coretest.Feed(w.t, w.db)
	core := storeauthority.New(w.db, w.feed.Apply)
	var err error
	w.auth, err = authority.New(authority.Config{
		Profiles: profiles, Ring: ring, Feed: w.feed,
		Ports:    authority.Ports{Credentials: core, Grants: core, Revocations: core, Callers: core, Auditor: core},
		Attempts: limit.NewAttempts(limit.AttemptsConfig{Now: w.clock.Now}), Epochs: epochs,
		Passwords: coretest.Passwords(),
		Issuer:    func(stand authority.Stand, _ string) string { return stands[stand].Issuer },
		Now:       w.clock.Now, Logger: slog.New(slog.DiscardHandler),
	})
	w.must(err)
}

// serve opens a listener with edge, pipeline and dialect.
func (w *world) serve() {
	w.t.Helper()
	d := hubex.New(hubex.Config{Issuer: w.auth, Tasks: w.tasks, Conversations: w.tasks})
	router, routes, err := dialect.Mount(dialect.Config{
		Stand: authority.Production, Dialects: []dialect.Dialect{d}, Authority: w.auth,
		Refused: func(_ context.Context, e authority.Entry) { w.auth.Refuse(e) },
	})
	w.must(err)
	w.routes = routes
	w.base = coretest.Listen(w.t, web.ServerConfig{Handler: &web.Edge{Router: router, Now: w.clock.Now}})
}

// populate makes an account with areas, stages, employees, users and tasks.
func (w *world) populate(name, settings string) account {
	w.t.Helper()
	a := account{
		Account: authority.Account{ID: authority.NewID(), Stand: authority.Production, Name: name},
		tokens:  map[string]authority.Secret{}, users: map[string]authority.ID{}, creds: map[string]authority.ID{},
		north: authority.NewID(), south: authority.NewID(), ivan: authority.NewID(), olga: authority.NewID(),
		stages: tasks.DefaultStages(),
	}
	w.exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
		VALUES ($1, 'production', $2, $2, $1, 0, $3, 0, 1)`, a.ID, name, settings)
	w.exec(`INSERT INTO areas (id, account, name) VALUES ($1, $2, 'Север'), ($3, $2, 'Юг')`, a.north, a.ID, a.south)
	w.must(tasks.NewDirectories(storetasks.New(w.db), w.clock.Now).Put(w.t.Context(), w.system(a), tasks.Directory{
		Stages: a.stages, Employees: []tasks.Employee{{ID: a.ivan, Name: "Иван"}, {ID: a.olga, Name: "Ольга"}},
	}))
	w.user(&a, "full", tasks.Permissions())
	w.user(&a, "limited", []authority.Permission{tasks.TaskAdd})
	w.user(&a, "area", tasks.Permissions(), a.south)
	w.addTasks(&a)
	return a
}

// user adds a service user with a service token; without areas it sees all.
func (w *world) user(a *account, name string, permissions []authority.Permission, areas ...authority.ID) {
	w.t.Helper()
	user, role, cred := authority.NewID(), authority.NewID(), authority.NewID()
	list, err := json.Marshal(permissions)
	w.must(err)
	w.exec(`INSERT INTO roles (id, account, name, permissions) VALUES ($1, $2, $3, $4)`, role, a.ID, name, string(list))
	w.exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
		VALUES ($1, $2, 'production', 'service_user', $3, '', NULL, '', 0, $4, 0, 1)`, user, a.ID, "CRM "+name, len(areas) == 0)
	w.exec(`INSERT INTO principal_roles (principal, role) VALUES ($1, $2)`, user, role)
	for _, area := range areas {
		w.exec(`INSERT INTO principal_areas (principal, area) VALUES ($1, $2)`, user, area)
	}
	secret := authority.NewSecretText(authority.ServiceToken, cred)
	digest, pepper, err := w.auth.Digest(authority.Production, authority.ServiceToken, secret)
	w.must(err)
	w.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', 'service_token', '', '', '', $4, $5, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		cred, a.ID, user, digest, pepper)
	a.tokens[name], a.users[name], a.creds[name] = secret, user, cred
}

// addTasks makes seven tasks, a minute apart: the fourth is closed, the fifth
// deleted, the seventh changed half an hour later.
func (w *world) addTasks(a *account) {
	w.t.Helper()
	deadline := epoch.Add(48 * time.Hour)
	drafts := []tasks.Draft{
		{Title: "Не работает принтер", Area: a.north, Assignee: a.ivan, Company: "ООО «Лютик»"},
		{Title: "Заменить картридж", Area: a.south, Assignee: a.olga, Description: "Кабинет 12"},
		{Title: "Протекает кран", Description: "Без участка"},
		{Title: "Замена счётчика", Area: a.north, Deadline: deadline},
		{Title: "Удалённая", Area: a.south},
		{Title: "Плановый осмотр", Area: a.south, Deadline: deadline.Add(24 * time.Hour), Assignee: a.ivan},
		{Title: "Ёлка у входа", Area: a.north},
	}
	c := w.system(*a)
	w.clock.Advance(epoch.Sub(w.clock.Now()))
	for _, d := range drafts {
		made, err := w.tasks.Create(w.t.Context(), c, d, tasks.Once{})
		w.must(err)
		a.list = append(a.list, made.ID)
		w.clock.Advance(time.Minute)
	}
	for _, to := range []int{2, 4} { // to work, done
		_, err := w.tasks.Move(w.t.Context(), c, a.list[3], a.stages[to].ID)
		w.must(err)
	}
	w.must(w.tasks.Remove(w.t.Context(), c, a.list[4]))
	w.clock.Advance(30 * time.Minute)
	title := "Ёлка у входа упала"
	_, err := w.tasks.Change(w.t.Context(), c, a.list[6], tasks.Patch{Title: &title})
	w.must(err)
}

// name lets transcripts speak of ids and tokens.
func (w *world) name() {
	for prefix, a := range map[string]account{"": w.ours, "their_": w.theirs} {
		w.names[prefix+"account"] = id(a.ID)
		w.names[prefix+"north"], w.names[prefix+"south"] = id(a.north), id(a.south)
		w.names[prefix+"ivan"], w.names[prefix+"olga"] = id(a.ivan), id(a.olga)
		for user := range a.tokens {
			w.names[prefix+user+"_service_token"] = a.tokens[user].Reveal()
			w.names[prefix+user+"_user"] = id(a.users[user])
		}
		for i, stage := range []string{"new", "assigned", "work", "paused", "done", "cancelled"} {
			w.names[prefix+"stage_"+stage] = id(a.stages[i].ID)
		}
		for i, task := range a.list {
			w.names[prefix+"t"+strconv.Itoa(i+1)] = id(task)
		}
	}
}

func (w *world) system(a account) authority.Caller {
	return authority.System(authority.Production, a.Account, "test", "test")
}

// token gives an access token of a user, through the core.
func (w *world) token(a account, user string) string {
	w.t.Helper()
	return w.tokenOf(hubex.Name, a.tokens[user])
}

func (w *world) tokenOf(name string, secret authority.Secret) string {
	w.t.Helper()
	out, err := w.auth.Issue(w.t.Context(), authority.IssueRequest{
		Origin: authority.Origin{Stand: authority.Production, Dialect: name}, Kind: authority.ServiceToken, Secret: secret,
	})
	w.must(err)
	return out.Access.Reveal()
}

// answer is what came back.
type answer struct{ transcript.Answer }

// do sends one request; headers come as "Name: value".
func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	a := answer{transcript.Send(w.t, method, w.base+path, body, headers...)}
	w.checkShape(method, path, a)
	return a
}

// as is do with a bearer.
func (w *world) as(token, method, path, body string, headers ...string) answer {
	w.t.Helper()
	return w.do(method, path, body, append(headers, "Authorization: Bearer "+token)...)
}

// checkShape holds every answer of every test to what all answers keep to: B17,
// B42, rules 4, 5 and 11.
func (w *world) checkShape(method, path string, a answer) {
	w.t.Helper()
	if a.Status >= 500 {
		w.t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	trace := a.Header.Get("X-Request-ID")
	if trace == "" {
		w.t.Errorf("%s %s: no X-Request-ID", method, path)
	}
	for _, leak := range []string{"internal/", ".go:", "goroutine", "SELECT", "sqlite", "constraint", "panic"} {
		if a.Status >= 400 && strings.Contains(a.Body, leak) {
			w.t.Errorf("%s %s: the answer speaks of %q: %s", method, path, leak, a.Body)
		}
	}
	for _, name := range []string{"Server", "Set-Cookie", "Access-Control-Allow-Credentials"} {
		if a.Header.Get(name) != "" {
			w.t.Errorf("%s %s: header %s", method, path, name)
		}
	}
	if a.Status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") == "" {
		w.t.Errorf("%s %s: 401 without WWW-Authenticate", method, path)
	}
	if a.Status < 400 || method == http.MethodHead || !strings.HasPrefix(strings.ToLower(path), "/fsm") {
		return
	}
	var models []struct {
		TraceIdentifier, Code, Message string
		Arguments                      map[string]string
	}
	if err := json.Unmarshal([]byte(a.Body), &models); err != nil || len(models) != 1 || models[0].Code == "" ||
		models[0].Message == "" || models[0].Arguments == nil || models[0].TraceIdentifier != trace {
		w.t.Errorf("%s %s: %d in another shape: %s", method, path, a.Status, a.Body)
	}
}

func (a answer) code(t *testing.T) string {
	t.Helper()
	var models []struct{ Code string }
	if err := json.Unmarshal([]byte(a.Body), &models); err != nil || len(models) != 1 {
		t.Fatalf("not an error: %d %s", a.Status, a.Body)
	}
	return models[0].Code
}

func id(n authority.ID) string { return strconv.FormatInt(int64(n), 10) }

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	storetest.Exec(w.t, w.db, query, args...)
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	return storetest.Count(w.t, w.db, query, args...)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// settings changes our account's settings, as the console would.
func (w *world) settings(text string) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE accounts SET settings = $1 WHERE id = $2`, text, w.ours.ID); err != nil {
			return err
		}
		_, err := store.AppendFeed(tx, w.feed.Apply, authority.FeedEntry{
			Stand: authority.Production, Kind: authority.FeedChanged, Until: w.clock.Now().Add(time.Hour),
			Target: authority.Target{Scope: authority.ScopeAccount, ID: w.ours.ID},
		})
		return err
	}))
}

// revoke ends the service token of one of our users.
func (w *world) revoke(user string) {
	w.t.Helper()
	w.must(w.auth.Revoke(w.t.Context(), w.system(w.ours),
		authority.Target{Scope: authority.ScopeCredential, ID: w.ours.creds[user]}))
}
