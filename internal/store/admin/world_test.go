package admin_test

import (
	"context"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/audit"
	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/store"
	rows "propusk/internal/store/admin"
	core "propusk/internal/store/authority"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv/coretest"
	"propusk/internal/testenv/fake"
)

// world is the whole core on a real database: what admin changes, authority
// must obey.
type world struct {
	t      *testing.T
	db     *store.DB
	clock  *fake.Clock
	ring   *keys.Ring
	feed   *authority.Feed
	auth   *authority.Authority
	admin  *admin.Service
	hashes *authority.Passwords
	files  *files
}

// files notes which recordings are deleted.
type files struct{ gone []string }

func (f *files) Delete(_ context.Context, name string) error {
	f.gone = append(f.gone, name)
	return nil
}

// free lets every attempt run; the limit has tests of its own.
type free struct{}

func (free) Do(_ context.Context, _ authority.Attempt, try func() error) error { return try() }

func everyKind() []authority.CredentialKind {
	return []authority.CredentialKind{
		authority.Password, authority.ServiceToken, authority.AccessKey, authority.ApplicationSecret, authority.AuthorizationToken,
	}
}

func profiles() []authority.Profile {
	return []authority.Profile{{
		Dialect: "toy", Credentials: everyKind(), WeakDoors: []string{"query"}, Guest: []authority.Permission{tasksList},
		Secret: func(f authority.SecretFacts) map[string]any {
			return map[string]any{"contract": f.Account.Contract, "roles": "authorization"}
		},
		Codes: &authority.CodeRules{
			Takes: func(authority.Principal) bool { return true },
			Scope: func(string) ([]authority.Permission, error) { return nil, nil },
		},
		ReplayWindow: 30 * time.Second, Family: 180 * 24 * time.Hour,
		Access:  authority.TokenSpec{Form: authority.JWT, Algorithm: keys.HS256, Typ: "JWT", Lifetime: 24 * time.Hour},
		Refresh: authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * 24 * time.Hour},
	}}
}

const tasksList authority.Permission = "TasksList"

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: fake.NewClock(time.Now()), files: &files{}}
	w.hashes = coretest.Passwords()
	w.ring = coretest.Ring(t, db, append(authority.Uses(profiles()), audit.Specs()...), w.clock.Now)
	w.must(db.SealAudit(t.Context(), audit.NewSealer(w.ring)))
	coretest.Stands(t, db)
	w.start()
	return w
}

// start makes the core anew, as after a restart: only what is stored counts.
func (w *world) start() {
	w.t.Helper()
	w.feed = coretest.Feed(w.t, w.db)
	var err error
	st := core.New(w.db, w.feed.Apply)
	w.auth, err = authority.New(authority.Config{
		Profiles: profiles(), Ring: w.ring, Feed: w.feed,
		Ports:    authority.Ports{Credentials: st, Grants: st, Revocations: st, Callers: st, Auditor: st, Doors: st, Accounts: st, Usage: st, Codes: st},
		Attempts: free{}, Passwords: w.hashes,
		Epochs: map[authority.Stand]uint64{authority.Production: 1, authority.Test: 1},
		Issuer: func(stand authority.Stand, dialect string) string { return string(stand) + "/" + dialect },
		Now:    w.clock.Now,
	})
	w.must(err)
	a := rows.New(w.db, w.feed.Apply).WithFiles(w.files)
	w.admin = admin.New(admin.Config{
		Ports: admin.Ports{
			Accounts: a, Principals: a, Owners: a, Roles: a, Areas: a, Credentials: a, Grants: a, Audit: a, Revocations: st,
			Consents: a, Doors: a, People: a, Hosts: a, Integrations: a, Imports: a, Usage: a, Figures: a, Names: a,
		},
		Digests: authority.NewDigests(w.ring), Passwords: w.hashes, Secrets: w.auth, Now: w.clock.Now,
		Dialects:    []admin.Dialect{{Name: "toy", Shapes: []string{"map"}, Integration: true, Guests: true, Owned: true}, {Name: "other"}},
		Permissions: []authority.Permission{tasksList},
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused wants an error of the code.
func (w *world) refused(err error, want authority.Code) {
	w.t.Helper()
	if authority.CodeOf(err) != want {
		w.t.Errorf("got error %v, want %s", err, want)
	}
}

func (w *world) system() authority.Caller {
	return authority.System(authority.Production, authority.Account{}, "", "command_line")
}

// tenant is one account with an administrator who has signed in.
type tenant struct {
	*world

	account  authority.Account
	admin    authority.Caller
	login    string
	password authority.Secret
	roles    map[string]authority.ID
}

func (w *world) tenant(contract string) *tenant {
	w.t.Helper()
	made, err := w.admin.CreateAccount(w.t.Context(), w.system(), admin.NewAccount{
		Name: "Ромашка " + contract, Contract: contract, Login: "admin-" + contract,
	})
	w.must(err)
	p := &tenant{world: w, account: made.Account, login: "admin-" + contract, password: made.Password, roles: map[string]authority.ID{}}
	p.admin = w.signIn(p.login, made.Password)
	list, err := w.admin.Roles(w.t.Context(), p.admin, admin.Page{})
	w.must(err)
	for _, r := range list.Items {
		p.roles[r.Name] = r.ID
	}
	return p
}

func (w *world) origin() authority.Origin {
	return authority.Origin{Stand: authority.Production, Dialect: "toy", Door: "door", RequestID: "r1"}
}

// issue exchanges a secret for tokens.
func (w *world) issue(kind authority.CredentialKind, client string, secret authority.Secret) (authority.Issued, error) {
	return w.auth.Issue(w.t.Context(), authority.IssueRequest{Origin: w.origin(), Kind: kind, ClientID: client, Secret: secret})
}

func (w *world) enter(token authority.Secret) (authority.Caller, error) {
	return w.auth.Authenticate(w.t.Context(), w.origin(), authority.Presented{Scheme: authority.Bearer, Token: token})
}

func (w *world) signIn(login string, password authority.Secret) authority.Caller {
	w.t.Helper()
	out, err := w.issue(authority.Password, login, password)
	w.must(err)
	c, err := w.enter(out.Access)
	w.must(err)
	return c
}

func (w *world) alive(token authority.Secret) {
	w.t.Helper()
	if _, err := w.enter(token); err != nil {
		w.t.Errorf("the token should live: %v", err)
	}
}

func (w *world) dead(token authority.Secret) {
	w.t.Helper()
	if _, err := w.enter(token); authority.CodeOf(err) != authority.InvalidToken {
		w.t.Errorf("the token should be refused, got %v", err)
	}
	w.start() // after a restart too
	if _, err := w.enter(token); authority.CodeOf(err) != authority.InvalidToken {
		w.t.Errorf("the token should be refused after a restart, got %v", err)
	}
}

// serviceUser makes one that may list tasks, with its token.
func (p *tenant) serviceUser(name string) (authority.Principal, authority.Secret) {
	p.t.Helper()
	user, err := p.world.admin.CreateServiceUser(p.t.Context(), p.admin, admin.NewServiceUser{
		Name: name, Roles: []authority.ID{p.roles[admin.DeveloperRole]}, Areas: authority.Areas{All: true},
	})
	p.must(err)
	return user, p.serviceToken(user.ID, 0).Secret
}

func (p *tenant) serviceToken(user authority.ID, overlap time.Duration) admin.NewSecret {
	p.t.Helper()
	made, err := p.world.admin.GenerateServiceToken(p.t.Context(), p.admin, admin.Generate{Principal: user, Overlap: overlap})
	p.must(err)
	return made
}

// token exchanges a service token.
func (w *world) token(secret authority.Secret) authority.Secret {
	w.t.Helper()
	out, err := w.issue(authority.ServiceToken, "", secret)
	w.must(err)
	return out.Access
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.ReadOne(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func ptr[T any](v T) *T { return &v }
