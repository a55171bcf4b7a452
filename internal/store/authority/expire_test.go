package authority_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
)

// onTest gives the stage's principal a secret on the test stand too.
func (s *stage) onTest() (authority.IssueRequest, authority.Caller) {
	s.t.Helper()
	account := s.addAccount(authority.Test, "T-1", 1, 1)
	principal, credential := authority.NewID(), authority.NewID()
	s.exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
		VALUES ($1, $2, 'test', 'service_user', 'CRM', '', NULL, '', 0, 1, 0, 1)`, principal, account)
	secret := authority.NewSecretText(authority.ServiceToken, credential)
	digest, pepper, err := s.auth.Digest(authority.Test, authority.ServiceToken, secret)
	s.must(err)
	s.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'test', 'service_token', '', '', '', $4, $5, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		credential, account, principal, digest, pepper)
	o := authority.Origin{Stand: authority.Test, Door: "service_token", RequestID: "r1"}
	caller := authority.System(authority.Test, authority.Account{ID: account}, "", "test")
	return authority.IssueRequest{Origin: o, Kind: authority.ServiceToken, Secret: secret}, caller
}

func (s *stage) issueAs(req authority.IssueRequest, dialect string) authority.Issued {
	s.t.Helper()
	req.Origin.Dialect = dialect
	out, err := s.auth.Issue(s.t.Context(), req)
	s.must(err)
	return out
}

func (s *stage) enterTest(dialect string, token authority.Secret) (authority.Caller, error) {
	o := authority.Origin{Stand: authority.Test, Dialect: dialect}
	return s.auth.Authenticate(s.t.Context(), o, authority.Presented{Scheme: authority.Bearer, Token: token})
}

func TestExpireEndsATokenAtOnceAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		req, admin := s.onTest()
		for i, dialect := range dialects() {
			first := s.issueAs(req, dialect)
			caller, err := s.enterTest(dialect, first.Access)
			s.must(err)
			who := []authority.Caller{caller, admin}[i%2] // one's own, or any of the account
			s.must(s.auth.Expire(t.Context(), who, first.Access))
			if _, err := s.enterTest(dialect, first.Access); authority.CodeOf(err) != authority.InvalidToken {
				t.Errorf("%s: an expired token: %v", dialect, err)
			}
			r := authority.RefreshRequest{Origin: authority.Origin{Stand: authority.Test, Dialect: dialect}, Token: first.Refresh}
			second, err := s.auth.Refresh(t.Context(), r)
			s.must(err)
			if _, err := s.enterTest(dialect, second.Access); err != nil {
				t.Errorf("%s: the next token: %v", dialect, err)
			}
			older := second
			for range 2 {
				r.Token = second.Refresh
				second, err = s.auth.Refresh(t.Context(), r)
				s.must(err)
			}
			s.must(s.auth.ExpireGrant(t.Context(), admin, second.Grant))
			for _, token := range []authority.Secret{older.Access, second.Access} {
				if _, err := s.enterTest(dialect, token); authority.CodeOf(err) != authority.InvalidToken {
					t.Errorf("%s: a token of an expired grant: %v", dialect, err)
				}
			}
			s.must(s.auth.Expire(t.Context(), admin, second.Refresh))
			r.Token = second.Refresh
			if _, err := s.auth.Refresh(t.Context(), r); authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: an expired refresh token: %v", dialect, err)
			}
			s.start()
			if _, err := s.enterTest(dialect, second.Access); authority.CodeOf(err) != authority.InvalidToken {
				t.Errorf("%s: after a restart: %v", dialect, err)
			}
		}
		s.must(s.auth.Flush(t.Context()))
		if n := s.count(`SELECT count(*) FROM audit WHERE verb = 'token.expire' AND outcome = 'done'`); n != 3*len(dialects()) {
			t.Errorf("%d entries", n)
		}
		if n := s.count(`SELECT count(*) FROM audit WHERE verb = 'token.authenticate' AND reason = 'expired'`); n == 0 {
			t.Error("the audit does not call it expired")
		}
	})
}

func TestExpireReachesNoFurtherThanItsCaller(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		req, admin := s.onTest()
		mine, other := s.issueAs(req, "jot"), s.issueAs(req, "seal")
		stranger := authority.System(authority.Test, authority.Account{ID: authority.NewID()}, "", "test")
		for name, err := range map[string]error{
			"a stranger":               s.auth.Expire(t.Context(), stranger, mine.Access),
			"a stranger, of a grant":   s.auth.ExpireGrant(t.Context(), stranger, mine.Grant),
			"no token":                 s.auth.Expire(t.Context(), admin, authority.NewSecret("junk")),
			"no grant":                 s.auth.ExpireGrant(t.Context(), admin, authority.NewGrantID()),
			"production":               s.auth.Expire(t.Context(), s.system(), s.issue("jot").Access),
			"production, of a grant":   s.auth.ExpireGrant(t.Context(), s.system(), s.issue("jot").Grant),
			"production, of the other": s.auth.Expire(t.Context(), s.system(), other.Access),
		} {
			if authority.CodeOf(err) != authority.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		for dialect, token := range map[string]authority.Secret{"jot": mine.Access, "seal": other.Access} {
			if _, err := s.enterTest(dialect, token); err != nil {
				t.Errorf("%s: %v", dialect, err)
			}
		}
	})
}

func TestALifetimeIsChosenOnTheTestStandAlone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		req, _ := s.onTest()
		req.Origin.Lifetime = 2 * time.Second
		for _, dialect := range dialects() {
			out := s.issueAs(req, dialect)
			if out.ExpiresIn != 2*time.Second {
				t.Errorf("%s: %v", dialect, out.ExpiresIn)
			}
			o := authority.Origin{Stand: authority.Test, Dialect: dialect}
			next, err := s.auth.Refresh(t.Context(), authority.RefreshRequest{Origin: o, Token: out.Refresh})
			s.must(err)
			if next.ExpiresIn != 2*time.Second {
				t.Errorf("%s: a refresh that asks for nothing: %v", dialect, next.ExpiresIn)
			}
			o.Lifetime = 7 * time.Second
			next, err = s.auth.Refresh(t.Context(), authority.RefreshRequest{Origin: o, Token: next.Refresh})
			s.must(err)
			if next.ExpiresIn != 7*time.Second {
				t.Errorf("%s: a refresh that asks for 7 s: %v", dialect, next.ExpiresIn)
			}
			s.clock.Advance(8 * time.Second)
			if _, err := s.enterTest(dialect, next.Access); authority.CodeOf(err) != authority.InvalidToken {
				t.Errorf("%s: after its time: %v", dialect, err)
			}
			on := s.issueRequest(dialect)
			on.Origin.Lifetime, on.Lifetime = 2*time.Second, 2*time.Second
			if out, err := s.auth.Issue(t.Context(), on); err != nil || out.ExpiresIn < time.Hour {
				t.Errorf("%s on production: %v, %v", dialect, out.ExpiresIn, err)
			}
		}
	})
}

// Rule 8: whatever is asked for, the refresh token lives longer.
func TestARefreshTokenOutlivesItsAccessToken(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		req, _ := s.onTest()
		req.Origin.Lifetime = 31 * 24 * time.Hour
		for _, dialect := range dialects() {
			out := s.issueAs(req, dialect)
			o := authority.Origin{Stand: authority.Test, Dialect: dialect, Lifetime: req.Origin.Lifetime}
			next, err := s.auth.Refresh(t.Context(), authority.RefreshRequest{Origin: o, Token: out.Refresh})
			s.must(err)
			for _, i := range []authority.Issued{out, next} {
				if !i.RefreshExpires.After(i.AccessExpires) {
					t.Errorf("%s: access until %v, refresh until %v", dialect, i.AccessExpires, i.RefreshExpires)
				}
			}
		}
	})
}
