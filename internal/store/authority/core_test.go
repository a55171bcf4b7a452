package authority_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/store"
	core "propusk/internal/store/authority"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv/coretest"
	"propusk/internal/testenv/fake"
)

// stage is the core on a real database, with a clock that tests move and three
// toy dialects: one for each form of access token.
type stage struct {
	t     *testing.T
	db    *store.DB
	store *core.Store
	ring  *keys.Ring
	feed  *authority.Feed
	auth  *authority.Authority
	clock *fake.Clock

	profiles   []authority.Profile
	attempts   authority.Attempts
	account    authority.Account
	principal  authority.ID
	credential authority.ID
	secret     authority.Secret
	spared     map[*modelToken]bool // dead access tokens whose family lives
}

// keyStore keeps key records in memory.
type keyStore struct {
	mu      sync.Mutex
	records map[string]keys.Record
}

func (s *keyStore) Keys(context.Context) ([]keys.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []keys.Record
	for _, r := range s.records {
		out = append(out, r)
	}
	return out, nil
}

func (s *keyStore) AddKey(_ context.Context, r keys.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[r.ID] = r
	return nil
}

func (s *keyStore) MoveKeys(_ context.Context, moves []keys.Transition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range moves {
		r := s.records[m.ID]
		r.State, r.Retires = m.To, m.Retires
		s.records[m.ID] = r
	}
	return nil
}

// free lets every attempt run; the limit has tests of its own.
type free struct{}

func (free) Do(_ context.Context, _ authority.Attempt, try func() error) error { return try() }

func profiles() []authority.Profile {
	all := []authority.CredentialKind{authority.ServiceToken, authority.ApplicationSecret, authority.AuthorizationToken}
	return []authority.Profile{
		{
			Dialect: "jot", Credentials: all, ReplayWindow: 30 * time.Second, Family: 180 * 24 * time.Hour,
			Access:  authority.TokenSpec{Form: authority.JWT, Algorithm: keys.HS256, Typ: "JWT", Lifetime: 24 * time.Hour},
			Refresh: authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * 24 * time.Hour},
		},
		{
			Dialect: "seal", Credentials: append(all, authority.Password), Basic: []authority.CredentialKind{authority.Password},
			WeakDoors: []string{"query", "basic_raw"}, Guest: []authority.Permission{"TasksList"}, ReplayWindow: 30 * time.Second, Family: 180 * 24 * time.Hour,
			Access:  authority.TokenSpec{Form: authority.Sealed, Lifetime: 24 * time.Hour},
			Refresh: authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * 24 * time.Hour},
		},
		{
			Dialect: "short", Credentials: all, ReplayWindow: 30 * time.Second, Family: 180 * 24 * time.Hour,
			Access:  authority.TokenSpec{Form: authority.Short, Lifetime: time.Hour},
			Refresh: authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * 24 * time.Hour},
		},
		{
			Dialect: "pair", Credentials: all, Single: true, Family: 180 * 24 * time.Hour,
			Access:  authority.TokenSpec{Form: authority.JWT, Algorithm: keys.EdDSA, Lifetime: 24 * time.Hour},
			Refresh: authority.TokenSpec{Form: authority.JWT, Algorithm: keys.EdDSA, Lifetime: 25 * time.Hour},
		},
	}
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, s *stage)) {
	eachOf(t, profiles(), fn)
}

func eachOf(t *testing.T, p []authority.Profile, fn func(t *testing.T, s *stage)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newStage(t, db, p)) })
}

func newStage(t *testing.T, db *store.DB, profiles []authority.Profile) *stage {
	t.Helper()
	s := &stage{t: t, db: db, profiles: profiles, attempts: free{}, clock: fake.NewClock(time.Now()), spared: map[*modelToken]bool{}}
	ks := &keyStore{records: map[string]keys.Record{}}
	s.ring = coretest.RingOf(t, coretest.Deployment(t), keys.Config{Store: ks, Specs: authority.Uses(profiles), Now: s.clock.Now})
	s.start()
	s.populate()
	return s
}

// start makes the core anew, as after a restart: only what is stored counts.
func (s *stage) start() {
	s.t.Helper()
	s.startWith(authority.Ports{})
}

// startWith is start with other ports; the zero Ports are the store's.
func (s *stage) startWith(ports authority.Ports, passwords ...*authority.Passwords) {
	s.t.Helper()
	if s.feed == nil || ports.Credentials == nil {
		s.feed = coretest.Feed(s.t, s.db)
		s.store = core.New(s.db, s.feed.Apply)
		ports = authority.Ports{
			Credentials: s.store, Grants: s.store, Revocations: s.store, Callers: s.store, Auditor: s.store,
			Doors: s.store, Accounts: s.store, Codes: s.store,
		}
	}
	_, epochs := coretest.Stands(s.t, s.db)
	passwords = append(passwords, coretest.Passwords())
	var err error
	s.auth, err = authority.New(authority.Config{
		Profiles: s.profiles, Ring: s.ring, Feed: s.feed, Ports: ports,
		Attempts: s.attempts, Passwords: passwords[0], Epochs: epochs,
		Issuer: func(stand authority.Stand, dialect string) string { return string(stand) + "/" + dialect },
		Now:    s.clock.Now,
	})
	s.must(err)
}

// populate makes one account with a service user that holds one right.
func (s *stage) populate() {
	s.t.Helper()
	s.account = authority.Account{ID: authority.NewID(), Stand: authority.Production}
	s.principal, s.credential = authority.NewID(), authority.NewID()
	role := authority.NewID()
	s.exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
		VALUES ($1, 'production', 'Ромашка', 'D-1', 1, 0, '{}', 0, 1)`, s.account.ID)
	s.exec(`INSERT INTO roles (id, account, name, permissions) VALUES ($1, $2, 'reader', '["TasksList"]')`, role, s.account.ID)
	s.exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
		VALUES ($1, $2, 'production', 'service_user', 'CRM', '', NULL, '', 0, 1, 0, 1)`, s.principal, s.account.ID)
	s.exec(`INSERT INTO principal_roles (principal, role) VALUES ($1, $2)`, s.principal, role)
	s.secret = authority.NewSecretText(authority.ServiceToken, s.credential)
	digest, pepper, err := s.auth.Digest(authority.Production, authority.ServiceToken, s.secret)
	s.must(err)
	s.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', 'service_token', '', '', '', $4, $5, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		s.credential, s.account.ID, s.principal, digest, pepper)
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

func (s *stage) origin(dialect string) authority.Origin {
	return authority.Origin{Stand: authority.Production, Dialect: dialect, Door: "service_token", RequestID: "r1"}
}

func (s *stage) issueRequest(dialect string) authority.IssueRequest {
	return authority.IssueRequest{Origin: s.origin(dialect), Kind: authority.ServiceToken, Secret: s.secret}
}

func (s *stage) issue(dialect string) authority.Issued {
	s.t.Helper()
	out, err := s.auth.Issue(s.t.Context(), s.issueRequest(dialect))
	s.must(err)
	return out
}

func (s *stage) refresh(dialect string, token authority.Secret) (authority.Issued, error) {
	return s.auth.Refresh(s.t.Context(), authority.RefreshRequest{Origin: s.origin(dialect), Token: token})
}

func (s *stage) enter(dialect string, token authority.Secret) error {
	_, err := s.auth.Authenticate(s.t.Context(), s.origin(dialect), authority.Presented{Scheme: authority.Bearer, Token: token})
	return err
}

func (s *stage) alive(dialect string, token authority.Secret) {
	s.t.Helper()
	if err := s.enter(dialect, token); err != nil {
		s.t.Errorf("the %s token should live: %v", dialect, err)
	}
}

func (s *stage) dead(dialect string, token authority.Secret) {
	s.t.Helper()
	if err := s.enter(dialect, token); authority.CodeOf(err) != authority.InvalidToken {
		s.t.Errorf("the %s token should be refused, got %v", dialect, err)
	}
}

func (s *stage) system() authority.Caller {
	return authority.System(authority.Production, s.account, authority.VerbRevoke, "test")
}

func (s *stage) revoke(targets ...authority.Target) {
	s.t.Helper()
	s.must(s.auth.Revoke(s.t.Context(), s.system(), targets...))
}

func dialects() []string { return []string{"jot", "seal", "short", "pair"} }

func TestIssueGivesATokenThatEnters(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, dialect := range dialects() {
			out := s.issue(dialect)
			s.alive(dialect, out.Access)
			s.alive(dialect, out.Access) // from the cache
			for _, other := range dialects() {
				if other != dialect {
					s.dead(other, out.Access)
				}
			}
			s.dead(dialect, out.Refresh)
		}
	})
}

func TestIssueRefusesWrongSecretsAlike(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		right := s.secret.Reveal()
		for name, text := range map[string]string{
			"empty": "", "junk": "junk", "longer": right + "0", "shorter": right[:len(right)-1],
			"other check": right[:len(right)-1] + "!", "other random": authority.NewSecretText(authority.ServiceToken, s.credential).Reveal(),
			"unknown id": authority.NewSecretText(authority.ServiceToken, authority.NewID()).Reveal(),
			"other kind": authority.NewSecretText(authority.ApplicationSecret, s.credential).Reveal(),
		} {
			req := s.issueRequest("jot")
			req.Secret = authority.NewSecret(text)
			_, err := s.auth.Issue(t.Context(), req)
			var e *authority.Error
			if !errors.As(err, &e) || e.Code != authority.InvalidGrant || e.Message != "the token is not valid" {
				t.Errorf("%s: got %v", name, err)
			}
		}
		req := s.issueRequest("jot")
		req.Origin.Stand = authority.Test
		if _, err := s.auth.Issue(t.Context(), req); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("a secret of production on the test stand: %v", err)
		}
		s.must(s.auth.Flush(t.Context()))
		if n := s.count(`SELECT count(*) FROM audit WHERE outcome = 'refused' AND reason <> ''`); n != 9 {
			t.Errorf("%d refusals in the audit, want 9", n)
		}
	})
}

func TestRefreshReplaysTheSameBytesUntilTheSuccessorIsUsed(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, dialect := range []string{"jot", "seal", "short"} {
			first := s.issue(dialect)
			second, err := s.refresh(dialect, first.Refresh)
			s.must(err)
			s.clock.Advance(10 * time.Second)
			s.start() // as after kill -9
			again, err := s.refresh(dialect, first.Refresh)
			s.must(err)
			if again.Access != second.Access || again.Refresh != second.Refresh || !again.Replayed {
				t.Errorf("%s: the retry got other tokens", dialect)
			}
			if again.ExpiresIn >= second.ExpiresIn {
				t.Errorf("%s: expires_in %v should be what is left of %v", dialect, again.ExpiresIn, second.ExpiresIn)
			}
			s.alive(dialect, first.Access)
			s.alive(dialect, second.Access) // the successor is in use now
			if _, err := s.refresh(dialect, first.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: reuse after the successor was used: %v", dialect, err)
			}
			s.dead(dialect, second.Access)
			s.dead(dialect, first.Access)
			if _, err := s.refresh(dialect, second.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: the family should be dead: %v", dialect, err)
			}
		}
		if n := s.count(`SELECT count(*) FROM audit WHERE reason = 'refresh_reused'`); n != 3 {
			t.Errorf("%d entries of reuse, want 3", n)
		}
	})
}

func TestRefreshAfterTheWindowRevokesTheFamily(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		first := s.issue("jot")
		second, err := s.refresh("jot", first.Refresh)
		s.must(err)
		s.clock.Advance(31 * time.Second)
		if _, err := s.refresh("jot", first.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("reuse after the window: %v", err)
		}
		s.dead("jot", second.Access)
	})
}

func TestAnExpiredRefreshTokenRevokesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		first := s.issue("jot")
		s.clock.Advance(29 * 24 * time.Hour)
		second, err := s.refresh("jot", first.Refresh)
		s.must(err)
		s.clock.Advance(25 * time.Hour)
		if _, err := s.refresh("jot", first.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("expired: %v", err)
		}
		if _, err := s.refresh("jot", second.Refresh); err != nil {
			t.Errorf("the family should live: %v", err)
		}
	})
}

func TestSingleKillsTheFormerPair(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		first := s.issue("pair")
		second := s.issue("pair")
		s.dead("pair", first.Access)
		s.alive("pair", second.Access)
		third, err := s.refresh("pair", second.Refresh)
		s.must(err)
		s.dead("pair", second.Access)
		s.alive("pair", third.Access)
		if _, err := s.refresh("pair", first.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("the former pair's refresh token: %v", err)
		}
		s.alive("pair", third.Access)
		s.start()
		s.dead("pair", second.Access)
		s.alive("pair", third.Access)
	})
}

// Of two that race with one token the later may have read its clock, and the
// feed, first: without a window that is no replay.
func TestNoWindowNoReplay(t *testing.T) {
	now := time.Now()
	g := authority.Grant{Dialect: "pair", Rotated: now, FamilyEnds: now.Add(time.Hour)}
	g.Current.Number = 1
	for window, replayed := range map[time.Duration]bool{0: false, time.Second: true} {
		r := authority.Rotation{Dialect: "pair", Now: now.Add(-time.Millisecond), Window: window}
		if got := r.Decide(g, authority.Standing{}, 0, 0); got.Replayed != replayed || got.Reused == replayed {
			t.Errorf("window %v: replayed %v, reused %v, refused %q", window, got.Replayed, got.Reused, got.Refusal)
		}
	}
}

// What is answered is what the row says, so that it can be written again.
func TestSinglePairHoldsThePositionOfItsRow(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		next, err := s.refresh("pair", s.issue("pair").Refresh)
		s.must(err)
		row := s.count(`SELECT gen_position FROM grants WHERE id = $1`, next.Grant)
		for _, token := range []authority.Secret{next.Access, next.Refresh} {
			text, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Reveal(), ".")[1])
			s.must(err)
			var claims struct {
				JTI     string
				Propusk struct{ Pos string }
			}
			s.must(json.Unmarshal(text, &claims))
			plain, err := s.ring.Open(string(authority.Production), "token", []byte("position/"+claims.JTI), claims.Propusk.Pos)
			s.must(err)
			if said := binary.BigEndian.Uint64(plain); said != uint64(row) || row == 0 {
				t.Errorf("the token says position %d, its row %d", said, row)
			}
		}
	})
}

func TestParallelRefreshesGiveOneChain(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		first := s.issue("jot")
		var mu sync.Mutex
		got := map[authority.Secret]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				out, err := s.refresh("jot", first.Refresh)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("parallel refresh: %v", err)
				}
				got[out.Refresh]++
			})
		}
		wg.Wait()
		if len(got) != 1 {
			t.Errorf("%d chains, want 1", len(got))
		}
	})
}

func TestRevokeRefusesWhatWasIssuedBeforeAndNothingAfter(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, dialect := range []string{"jot", "seal", "short"} {
			before := s.issue(dialect)
			s.alive(dialect, before.Access)
			s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: s.principal})
			s.dead(dialect, before.Access)
			if _, err := s.refresh(dialect, before.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: refresh after revoke: %v", dialect, err)
			}
			after := s.issue(dialect)
			s.alive(dialect, after.Access)
			s.revoke(authority.Target{Scope: authority.ScopeGrant, ID: after.Grant})
			s.dead(dialect, after.Access)
			s.start()
			s.dead(dialect, before.Access)
			s.dead(dialect, after.Access)
		}
	})
}

func TestRevokeLeavesForeignAccountsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		mine := s.issue("jot")
		stranger := authority.System(authority.Production, authority.Account{ID: authority.NewID()}, "token.revoke", "test")
		for _, target := range []authority.Target{
			{Scope: authority.ScopeGrant, ID: mine.Grant},
			{Scope: authority.ScopePrincipal, ID: s.principal},
			{Scope: authority.ScopeCredential, ID: s.credential},
			{Scope: authority.ScopeAccount, ID: s.account.ID},
			{Scope: authority.ScopeToken, ID: mine.Grant, Kind: authority.AccessToken},
		} {
			if err := s.auth.Revoke(t.Context(), stranger, target); authority.CodeOf(err) != authority.NotFound {
				t.Errorf("%s of another account: %v", target.Scope, err)
			}
		}
		s.must(s.auth.RevokeToken(t.Context(), stranger, mine.Access))
		s.alive("jot", mine.Access)
	})
}

func TestTheLongestUnusedGrantEndsAtTheBound(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.exec(`UPDATE credentials SET live_grants = 9999 WHERE id = $1`, s.credential)
		first := s.issue("jot")
		s.clock.Advance(time.Second)
		second := s.issue("jot")
		s.dead("jot", first.Access)
		s.alive("jot", second.Access)
		if n := s.count(`SELECT count(*) FROM audit WHERE verb = 'grant.evict'`); n != 1 {
			t.Errorf("%d evictions in the audit, want 1", n)
		}
	})
}

func TestRoutineIssuesPastSixtyAMinuteShareALine(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for range 75 {
			s.issue("jot")
		}
		lines := s.count(`SELECT count(*) FROM audit WHERE verb = 'token.issue'`)
		acts := s.count(`SELECT sum(count) FROM audit WHERE verb = 'token.issue'`)
		if lines != 61 || acts != 75 {
			t.Errorf("%d lines for %d issues, want 61 for 75", lines, acts)
		}
	})
}

func TestIntrospectTellsOnlyWhoMayAsk(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		out := s.issue("jot")
		got, err := s.auth.Introspect(t.Context(), s.system(), out.Access)
		s.must(err)
		if !got.Active || got.Dialect != "jot" || got.Subject != s.principal || got.Kind != authority.AccessToken {
			t.Errorf("introspection: %+v", got)
		}
		stranger := authority.System(authority.Production, authority.Account{ID: authority.NewID()}, "", "test")
		got, err = s.auth.Introspect(t.Context(), stranger, out.Access)
		s.must(err)
		if got.Active || got.Subject != 0 {
			t.Errorf("a stranger learned %+v", got)
		}
		refresh, err := s.auth.Introspect(t.Context(), s.system(), out.Refresh)
		s.must(err)
		if !refresh.Active || refresh.Kind != authority.RefreshToken {
			t.Errorf("refresh token: %+v", refresh)
		}
	})
}
