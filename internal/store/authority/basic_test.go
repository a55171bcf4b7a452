package authority_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

// person is a user of the stage's account with his password.
type person struct {
	id, credential  authority.ID
	login, password string
}

// addUser gives the account one more user.
func (s *stage) addUser(login, password string) person {
	s.t.Helper()
	p := person{authority.NewID(), authority.NewID(), login, password}
	s.must(s.db.Write(s.t.Context(), func(tx *store.Tx) error { return s.insertUser(tx, p) }))
	return p
}

func (s *stage) insertUser(tx *store.Tx, p person) error {
	_, err := tx.Exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
		VALUES ($1, $2, 'production', 'user', $3, $3, $4, 'external_connection', 0, 1, 0, 1)`,
		p.id, s.account.ID, p.login, spelling.Fold(p.login))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', 'password', $4, '', '', NULL, 0, $5, 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		p.credential, s.account.ID, p.id, spelling.Fold(p.login), s.hash(p.password))
	return err
}

func (s *stage) hash(password string) string {
	s.t.Helper()
	h, err := cheap().Hash(context.Background(), authority.NewSecret(password))
	s.must(err)
	return h
}

func cheap() *authority.Passwords {
	return authority.NewPasswords(authority.PasswordCost{MemoryKiB: 8, Passes: 1, PerCore: 64})
}

// setPassword does what the admin slice does: the row and the entry together.
func (s *stage) setPassword(p *person, password string) {
	s.t.Helper()
	hash := s.hash(password)
	s.must(s.db.Write(s.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE credentials SET hash = $1, revision = revision + 1 WHERE id = $2`, hash, p.credential)
		if err != nil {
			return err
		}
		_, err = store.AppendFeed(tx, s.feed.Apply, authority.FeedEntry{
			Stand: authority.Production, Kind: authority.FeedRevoke, Until: s.clock.Now().Add(time.Hour),
			Target: authority.Target{Scope: authority.ScopePrincipal, ID: p.id},
		})
		return err
	}))
	p.password = password
}

func from(o authority.Origin, address string) authority.Origin {
	o.Address = netip.MustParseAddr(address)
	return o
}

func (s *stage) basic(o authority.Origin, login, password string) (authority.Caller, error) {
	return s.auth.Authenticate(s.t.Context(), o, authority.Presented{
		Scheme: authority.Basic, Login: login, Secret: authority.NewSecret(password), Door: "basic_raw",
	})
}

func (s *stage) basicOrigin() authority.Origin {
	o := from(s.origin("seal"), "192.0.2.1")
	o.Door = ""
	return o
}

func TestBasicLetsTheOwnerIn(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.addUser("Иван", "пароль:с двоеточием")
		for range 3 {
			c, err := s.basic(s.basicOrigin(), "ИВАН", p.password)
			if err != nil || c.Principal().ID != p.id || c.Credential() != p.credential || c.Grant() != 0 || c.Door() != "basic_raw" {
				t.Fatalf("%+v, %v", c.Principal(), err)
			}
		}
		for name, wrong := range map[string][2]string{
			"wrong password": {"Иван", p.password + "x"}, "shorter": {"Иван", p.password[:len(p.password)-1]},
			"unknown login": {"Пётр", p.password}, "no login": {"", p.password}, "no password": {"Иван", ""},
			"another case of the password": {"Иван", strings.ToUpper(p.password)}, "the other way round": {p.password, "Иван"},
		} {
			c, err := s.basic(s.basicOrigin(), wrong[0], wrong[1])
			if authority.CodeOf(err) != authority.InvalidClient || c.Principal().ID != 0 || err.Error() != "invalid_client: wrong login or password" {
				t.Errorf("%s: %v", name, err)
			}
		}
		o := s.basicOrigin()
		o.Dialect = "jot"
		if _, err := s.basic(o, "Иван", p.password); authority.CodeOf(err) != authority.InvalidToken {
			t.Errorf("a dialect without Basic: %v", err)
		}
		o = s.basicOrigin()
		o.Stand = authority.Test
		if _, err := s.basic(o, "Иван", p.password); authority.CodeOf(err) != authority.InvalidClient {
			t.Errorf("the other stand: %v", err)
		}
	})
}

// looks counts how often passwords are read, which is how often they are hashed.
type looks struct {
	authority.Credentials

	mu sync.Mutex
	n  int
}

func (l *looks) CredentialsByClient(ctx context.Context, stand authority.Stand, kind authority.CredentialKind, id string) ([]authority.Standing, error) {
	l.mu.Lock()
	l.n++
	l.mu.Unlock()
	return l.Credentials.CredentialsByClient(ctx, stand, kind, id)
}

func TestAVerifiedPairIsRememberedForMinutes(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.addUser("ivan", "secret-1")
		l := &looks{Credentials: s.store}
		s.startWith(authority.Ports{
			Credentials: l, Grants: s.store, Revocations: s.store, Callers: s.store, Auditor: s.store, Doors: s.store,
		})
		for _, step := range []struct {
			name    string
			before  func()
			address string
			hashed  int
			refused bool
		}{
			{"first", func() {}, "192.0.2.1", 1, false},
			{"again", func() {}, "192.0.2.1", 0, false},
			{"from another address", func() {}, "192.0.2.2", 1, false},
			{"after four minutes", func() { s.clock.Advance(4 * time.Minute) }, "192.0.2.1", 0, false},
			{"after five", func() { s.clock.Advance(time.Minute) }, "192.0.2.1", 1, false},
			{"after an entry about somebody else", func() {
				s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: s.principal})
			}, "192.0.2.1", 0, false},
			{"after one about its owner", func() {
				s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: p.id})
			}, "192.0.2.1", 1, false},
			{"after one about the account", func() {
				s.revoke(authority.Target{Scope: authority.ScopeAccount, ID: s.account.ID})
			}, "192.0.2.1", 1, false},
			{"when another password is set", func() { s.setPassword(&p, "secret-2"); p.password = "secret-1" }, "192.0.2.1", 1, true},
			{"the new one", func() { p.password = "secret-2" }, "192.0.2.1", 1, false},
			{"when the secret is revoked", func() {
				s.revoke(authority.Target{Scope: authority.ScopeCredential, ID: p.credential})
			}, "192.0.2.1", 1, true},
		} {
			step.before()
			l.n = 0
			_, err := s.basic(from(s.basicOrigin(), step.address), p.login, p.password)
			if (err != nil) != step.refused || l.n != step.hashed {
				t.Errorf("%s: %v, hashed %d times, want %d", step.name, err, l.n, step.hashed)
			}
		}
	})
}

// B26: pairs that join to one text, long names, right and wrong mixed, in
// parallel; and a password that changes meanwhile.
func TestParallelPairsGetTheirOwnAnswer(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.startWith(authority.Ports{
			Credentials: s.store, Grants: s.store, Revocations: s.store, Callers: s.store, Auditor: s.store,
		}, cheap())
		const joined = "ab0c0d0e0f0g0h0i0j0"
		var people []person
		for i := range len(joined) - 2 {
			people = append(people, person{authority.NewID(), authority.NewID(), joined[:i+1], joined[i+1:]})
		}
		for _, n := range []int{52, 71, 72, 73, 128, 300} {
			long := strings.Repeat("n", n)
			people = append(people, person{authority.NewID(), authority.NewID(), long, long + "!"})
		}
		changing := person{authority.NewID(), authority.NewID(), "changing", "former"}
		people = append(people, changing)
		s.must(s.db.Write(t.Context(), func(tx *store.Tx) error {
			for _, p := range people {
				if err := s.insertUser(tx, p); err != nil {
					return err
				}
			}
			return nil
		}))
		people = people[:len(people)-1]
		var wg sync.WaitGroup
		for i := range 2000 {
			wg.Go(func() { s.tryPair(people, i) })
		}
		wg.Go(func() { s.changeMeanwhile(changing) })
		wg.Wait()
	})
}

// tryPair shows a right pair, or the login of one with the password of another.
func (s *stage) tryPair(people []person, i int) {
	owner, other := people[i%len(people)], people[rand.IntN(len(people))]
	c, err := s.basic(s.basicOrigin(), owner.login, other.password)
	switch {
	case owner.id == other.id && (err != nil || c.Principal().ID != owner.id):
		s.t.Errorf("%.20s: %v, %v", owner.login, c.Principal().ID, err)
	case owner.id != other.id && (err == nil || c.Principal().ID != 0):
		s.t.Errorf("%.20s with the password of %.20s: let in as %v", owner.login, other.login, c.Principal().Login)
	}
}

// changeMeanwhile gives another password a few times; the former one is refused
// from then on.
func (s *stage) changeMeanwhile(p person) {
	for i := range 5 {
		if _, err := s.basic(s.basicOrigin(), p.login, p.password); err != nil {
			s.t.Errorf("password %d: %v", i, err)
		}
		former := p.password
		s.setPassword(&p, fmt.Sprintf("next-%d", i))
		if _, err := s.basic(s.basicOrigin(), p.login, former); err == nil {
			s.t.Errorf("password %d is let in after the next was set", i)
		}
	}
}

func TestWeakDoorsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.addUser("ivan", "secret-1")
		for i := range 3 {
			s.clock.Advance(time.Second)
			_, err := s.basic(from(s.basicOrigin(), fmt.Sprintf("192.0.2.%d", i+1)), p.login, p.password)
			s.must(err)
		}
		for _, door := range []string{"query", "password_grant", "query"} {
			o := from(s.origin("seal"), "2001:db8::1")
			o.Door = door
			_, err := s.auth.Issue(t.Context(), authority.IssueRequest{
				Origin: o, Kind: authority.Password, ClientID: p.login, Secret: authority.NewSecret(p.password),
			})
			s.must(err)
		}
		s.must(s.auth.Flush(t.Context()))
		_, err := s.basic(from(s.basicOrigin(), "192.0.2.9"), p.login, p.password)
		s.must(err)
		s.must(s.auth.Flush(t.Context()))
		if n := s.count(`SELECT count(*) FROM door_uses`); n != 2 {
			t.Errorf("%d doors noted, want 2: strong ones are not counted", n)
		}
		if n := s.count(`SELECT count(*) FROM door_uses WHERE door = 'basic_raw' AND uses = 4 AND last_address = '192.0.2.9'
			AND credential = $1 AND principal = $2 AND account = $3 AND last_ms = $4`,
			p.credential, p.id, s.account.ID, store.Millis(s.clock.Now())); n != 1 {
			t.Error("four raw pairs were not noted as they were")
		}
		if n := s.count(`SELECT count(*) FROM door_uses WHERE door = 'query' AND uses = 2 AND last_address = '2001:db8::1'`); n != 1 {
			t.Error("two passwords in the query were not noted")
		}
		if n := s.count(`SELECT count(*) FROM audit WHERE verb = 'token.authenticate' AND outcome = 'done' AND door = 'basic_raw'`); n != 4 {
			t.Errorf("%d sign-ins in the audit, want 4: one an address", n)
		}
	})
}
