package signin_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/signin"
	"propusk/internal/store"
	core "propusk/internal/store/authority"
	storekeys "propusk/internal/store/keys"
	rows "propusk/internal/store/signin"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv/coretest"
	"propusk/internal/testenv/fake"
	"propusk/internal/web/limit"
)

const (
	consoleURL = "https://console.example.com"
	password   = "верный пароль"
)

// stage is the Service over the core on a real database, with a clock that tests
// move and two users: anna, whom the console has a page for, and boris, whom it
// has none for.
type stage struct {
	t     *testing.T
	db    *store.DB
	core  *core.Store
	auth  *authority.Authority
	in    *signin.Service
	feed  *authority.Feed
	hash  *authority.Passwords
	seal  *keys.Sealer
	clock *fake.Clock

	account     authority.ID
	anna, boris authority.ID
}

func profiles() []authority.Profile {
	return []authority.Profile{{
		Dialect: "console", Credentials: []authority.CredentialKind{authority.Password},
		Access: authority.TokenSpec{Form: authority.Sealed, Lifetime: 12 * time.Hour},
	}}
}

func each(t *testing.T, fn func(t *testing.T, s *stage)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newStage(t, db)) })
}

func newStage(t *testing.T, db *store.DB) *stage {
	t.Helper()
	s := &stage{t: t, db: db, clock: fake.NewClock(time.Now().Truncate(time.Second))}
	key := coretest.Deployment(t)
	ring := coretest.RingOf(t, key, keys.Config{Store: storekeys.New(db), Specs: authority.Uses(profiles()), Now: s.clock.Now})
	var err error
	s.seal, err = keys.NewSealer(key, signin.PurposeSealer)
	s.must(err)
	_, epochs := coretest.Stands(t, db)
	s.feed = authority.NewFeed(0)
	s.core = core.New(db, s.feed.Apply)
	s.hash = coretest.Passwords()
	s.auth, err = authority.New(authority.Config{
		Profiles: profiles(), Ring: ring, Feed: s.feed, Ports: authority.Ports{
			Credentials: s.core, Grants: s.core, Revocations: s.core, Callers: s.core, Auditor: s.core,
		},
		Attempts: limit.NewAttempts(limit.AttemptsConfig{Now: s.clock.Now}), Passwords: s.hash, Epochs: epochs,
		Issuer: func(stand authority.Stand, _ string) string { return string(stand) }, Now: s.clock.Now,
	})
	s.must(err)
	s.start(nil)
	s.populate()
	return s
}

// start makes the Service anew, as another node or the next process has it.
func (s *stage) start(p *signin.ProviderConfig) {
	s.in = signin.New(signin.Config{
		Core: s.auth, Store: rows.New(s.db), Sealer: s.seal, Pages: func() []authority.Permission { return []authority.Permission{"KeysManage"} },
		URL: func() string { return consoleURL }, Provider: p, Now: s.clock.Now,
	})
}

func (s *stage) populate() {
	s.t.Helper()
	s.account = authority.NewID()
	s.exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
		VALUES ($1, 'production', 'Ромашка', 'D-1', 1, 0, '{}', 0, 1)`, s.account)
	s.anna = s.user("anna@example.com", `["KeysManage","TasksList"]`)
	s.boris = s.user("boris", `["TasksList"]`)
}

// user makes one with a role of his own.
func (s *stage) user(login, permissions string) authority.ID {
	s.t.Helper()
	id, role := authority.NewID(), authority.NewID()
	hash, err := s.hash.Hash(s.t.Context(), authority.NewSecret(password))
	s.must(err)
	s.exec(`INSERT INTO roles (id, account, name, permissions) VALUES ($1, $2, $3, $4)`, role, s.account, login, permissions)
	s.exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
		VALUES ($1, $2, 'production', 'user', $3, $3, $3, '', 0, 1, 0, 1)`, id, s.account, login)
	s.exec(`INSERT INTO principal_roles (principal, role) VALUES ($1, $2)`, id, role)
	s.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', 'password', $4, '', '', NULL, 0, $5, 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		authority.NewID(), s.account, id, login, hash)
	return id
}

func (s *stage) exec(query string, args ...any) {
	s.t.Helper()
	storetest.Exec(s.t, s.db, query, args...)
}

func (s *stage) count(query string, args ...any) int {
	s.t.Helper()
	return storetest.Count(s.t, s.db, query, args...)
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// refused checks how an act was refused.
func (s *stage) refused(err error, code authority.Code) {
	s.t.Helper()
	if authority.CodeOf(err) != code {
		s.t.Errorf("got %v, want %s", err, code)
	}
}

func (s *stage) ctx() context.Context { return s.t.Context() }

func visit() signin.Visit {
	return signin.Visit{Agent: "Firefox", Origin: authority.Origin{
		Stand: authority.Production, Dialect: "console", Address: netip.MustParseAddr("192.0.2.7"), RequestID: "r1",
		Verb: "a.page", // the route's
	}}
}

// enter signs anna in with what she has besides her password: nothing.
func (s *stage) enter() (signin.Opened, authority.Caller) {
	s.t.Helper()
	step, err := s.in.Password(s.ctx(), visit(), "Anna@example.com", authority.NewSecret(password))
	s.must(err)
	if !step.Pending.Empty() {
		s.t.Fatal("a second step is asked for")
	}
	return step.Opened, s.caller(step.Token)
}

// step gets anna to her second step.
func (s *stage) step() authority.Secret {
	s.t.Helper()
	step, err := s.in.Password(s.ctx(), visit(), "anna@example.com", authority.NewSecret(password))
	s.must(err)
	if step.Pending.Empty() || !step.Token.Empty() {
		s.t.Fatal("no second step is asked for")
	}
	return step.Pending
}

func (s *stage) caller(token authority.Secret) authority.Caller {
	s.t.Helper()
	c, err := s.authenticate(token)
	s.must(err)
	return c
}

func (s *stage) authenticate(token authority.Secret) (authority.Caller, error) {
	return s.auth.Authenticate(s.ctx(), visit().Origin, authority.Presented{Scheme: authority.Bearer, Token: token})
}

// audited counts entries of the audit, refusals of this moment included.
func (s *stage) audited(where string, args ...any) int {
	s.t.Helper()
	s.must(s.auth.Flush(s.ctx()))
	return s.count(`SELECT count(*) FROM audit WHERE `+where, args...)
}
