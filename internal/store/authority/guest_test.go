package authority_test

import (
	"context"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// addAccount makes one more account of a stand.
func (s *stage) addAccount(stand authority.Stand, contract string, number, created int64) authority.ID {
	s.t.Helper()
	id := authority.NewID()
	s.exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
		VALUES ($1, $2, 'Лютик', $3, $4, 0, '{}', 0, $5)`, id, stand, contract, number, created)
	return id
}

// tell appends a changed entry, as whoever changes a row does.
func (s *stage) tell(query string, target authority.Target, args ...any) {
	s.t.Helper()
	s.must(s.db.Write(s.t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(query, args...); err != nil {
			return err
		}
		_, err := store.AppendFeed(tx, s.feed.Apply, authority.FeedEntry{
			Stand: authority.Production, Kind: authority.FeedChanged, Until: s.clock.Now().Add(time.Hour), Target: target,
		})
		return err
	}))
}

func (s *stage) switchGuests(settings string) {
	s.t.Helper()
	s.tell(`UPDATE accounts SET settings = $1 WHERE id = $2`,
		authority.Target{Scope: authority.ScopeAccount, ID: s.account.ID}, settings, s.account.ID)
}

func TestGuestsGetInWhereAuthorizationIsOff(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		guest := func(dialect string, account authority.ID) (authority.Caller, error) {
			return s.auth.Guest(t.Context(), s.origin(dialect), account)
		}
		refused := func(name string, c authority.Caller, err error) {
			t.Helper()
			if authority.CodeOf(err) != authority.Unauthenticated || c.Principal().Name != "" || c.Can("") {
				t.Errorf("%s: %v", name, err)
			}
		}
		c, err := guest("seal", s.account.ID)
		refused("by default", c, err)
		s.switchGuests(`{"guest":{"seal":true,"jot":true}}`)
		c, err = guest("seal", s.account.ID)
		s.must(err)
		if c.Principal().Name != "guest" || !c.Can("TasksList") || c.Can("TasksCreate") || c.Account().ID != s.account.ID ||
			c.Principal().ID != 0 || c.Credential() != 0 || c.Stand() != authority.Production {
			t.Errorf("guest %+v", c)
		}
		c, err = guest("jot", s.account.ID)
		refused("a dialect without guests", c, err)
		c, err = guest("seal", authority.NewID())
		refused("of nobody's account", c, err)
		c, err = guest("seal", s.addAccount(authority.Test, "T-1", 9, 1))
		refused("of an account of the other stand", c, err)
		s.switchGuests(`{}`)
		c, err = guest("seal", s.account.ID)
		refused("switched on again", c, err)
		s.switchGuests(`{"guest":{"seal":true}}`)
		s.exec(`UPDATE accounts SET disabled = 1 WHERE id = $1`, s.account.ID)
		s.revoke(authority.Target{Scope: authority.ScopeAccount, ID: s.account.ID})
		c, err = guest("seal", s.account.ID)
		refused("of a disabled account", c, err)
	})
}

func TestAccountForHeedsHostContractAndDefault(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		second := s.addAccount(authority.Production, "D-2", 2, 2)
		s.addAccount(authority.Test, "T-1", 1, 1)
		everything := authority.Target{Scope: authority.ScopeStand}
		check := func(host, contract string, want authority.ID) {
			t.Helper()
			for range 2 { // the second time from memory
				a, err := s.auth.AccountFor(t.Context(), s.origin("seal"), host, contract)
				if want == 0 && authority.CodeOf(err) != authority.NotFound {
					t.Errorf("%q %q: %v, %v, want not found", host, contract, a.ID, err)
				}
				if want != 0 && (err != nil || a.ID != want) {
					t.Errorf("%q %q: %v, %v, want %v", host, contract, a.ID, err, want)
				}
			}
		}
		check("", "", s.account.ID) // the first that was made
		check("api.example.com", "D-2", second)
		check("api.example.com", "", s.account.ID)
		check("", "d-2", 0)
		check("", "T-1", 0)
		s.tell(`INSERT INTO account_hosts (stand, host, account) VALUES ('production', 'api.example.com', $1)`, everything, second)
		check("API.Example.com.:8443", "", second)
		check("api.example.com", "D-2", second)
		check("api.example.com", "D-1", 0)
		check("other.example.com", "D-1", s.account.ID)
		check("other.example.com", "", s.account.ID)
		check("/", "", s.account.ID)
		s.tell(`UPDATE stands SET default_account = $1 WHERE stand = 'production'`, everything, second)
		check("", "", second)
		s.tell(`DELETE FROM account_hosts`, everything)
		s.tell(`UPDATE stands SET default_account = 0`, everything)
		check("api.example.com", "", s.account.ID)
	})
}

func TestHostNames(t *testing.T) {
	for host, want := range map[string]string{
		"": "", "a": "a", "A.B": "a.b", "a.b:80": "a.b", "a.b.": "a.b", "[::1]:8080": "::1", "[::1]": "::1", "127.0.0.1:1": "127.0.0.1",
		"xn--80ak6aa92e.com": "xn--80ak6aa92e.com", "a/b": "", "a b": "", "а.рф": "", "name/api/session": "", "a,b": "",
	} {
		if got, ok := authority.HostName(host); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", host, got, ok, want)
		}
	}
}

// hostLooks counts how often a host name is read.
type hostLooks struct {
	authority.Accounts

	n int
}

func (l *hostLooks) AccountByHost(ctx context.Context, stand authority.Stand, host string) (authority.Account, error) {
	l.n++
	return l.Accounts.AccountByHost(ctx, stand, host)
}

func TestHostNamesAreRememberedUntilOneIsBound(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		l := &hostLooks{Accounts: s.store}
		s.startWith(authority.Ports{
			Credentials: s.store, Grants: s.store, Revocations: s.store, Callers: s.store, Auditor: s.store, Accounts: l,
		})
		look := func(want int) {
			t.Helper()
			l.n = 0
			for range 3 {
				_, err := s.auth.AccountFor(t.Context(), s.origin("seal"), "api.example.com", "")
				s.must(err)
			}
			if l.n != want {
				t.Errorf("read %d times, want %d", l.n, want)
			}
		}
		look(1)
		look(0)
		s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: s.principal})
		look(0)
		s.tell(`INSERT INTO account_hosts (stand, host, account) VALUES ('production', 'api.example.com', $1)`,
			authority.Target{Scope: authority.ScopeStand}, s.account.ID)
		look(1)
		look(0)
	})
}
