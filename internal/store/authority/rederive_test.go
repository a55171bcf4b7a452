package authority_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
)

// bearer lets the holder of an access token in.
func (s *stage) bearer(dialect string, token authority.Secret) authority.Caller {
	s.t.Helper()
	c, err := s.auth.Authenticate(s.t.Context(), s.origin(dialect), authority.Presented{Scheme: authority.Bearer, Token: token})
	s.must(err)
	return c
}

func (s *stage) rederive(c authority.Caller) (authority.Secret, time.Duration, authority.Code) {
	s.t.Helper()
	text, left, err := s.auth.RefreshToken(s.t.Context(), c)
	return text, left, authority.CodeOf(err)
}

func TestRefreshTokenIsSaidAgainByteForByte(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, dialect := range dialects() {
			first := s.issue(dialect)
			s.clock.Advance(time.Minute)
			text, left, code := s.rederive(s.bearer(dialect, first.Access))
			if code != "" || text != first.Refresh {
				t.Errorf("%s: another text, or %q", dialect, code)
			}
			if want := first.RefreshExpires.Sub(s.clock.Now()).Truncate(time.Second); left != want {
				t.Errorf("%s: %v are left, want %v", dialect, left, want)
			}
			if _, err := s.refresh(dialect, text); err != nil {
				t.Errorf("%s: the text refreshes nothing: %v", dialect, err)
			}
			s.must(s.auth.Flush(t.Context()))
			if n := s.count(`SELECT count(*) FROM audit WHERE verb = 'token.refresh' AND reason = 'said_again' AND outcome = 'done'
				AND dialect = $1 AND actor = $2 AND grant_id = $3`, dialect, s.principal, first.Grant); n != 1 {
				t.Errorf("%s: %d entries", dialect, n)
			}
		}
	})
}

func TestRefreshTokenIsGivenToTheCurrentGenerationOnly(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		// In the same second, so that both generations end at the same time.
		for _, dialect := range []string{"jot", "seal", "short"} {
			first := s.issue(dialect)
			former := s.bearer(dialect, first.Access)
			second, err := s.refresh(dialect, first.Refresh)
			s.must(err)
			if _, _, code := s.rederive(former); code != authority.Conflict {
				t.Errorf("%s: the former bearer got %q", dialect, code)
			}
			if _, _, code := s.rederive(s.bearer(dialect, first.Access)); code != authority.Conflict {
				t.Errorf("%s: the former bearer, let in anew, got %q", dialect, code)
			}
			if text, _, code := s.rederive(s.bearer(dialect, second.Access)); code != "" || text != second.Refresh {
				t.Errorf("%s: the current bearer got %q", dialect, code)
			}
		}
	})
}

func TestRefreshTokenIsNotGivenWhereThereIsNone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		if _, _, code := s.rederive(s.system()); code != authority.Internal {
			t.Errorf("without a dialect: %q", code)
		}
		revoked := s.issue("jot")
		c := s.bearer("jot", revoked.Access)
		s.revoke(authority.Target{
			Scope: authority.ScopeToken, ID: revoked.Grant, Generation: 0, Kind: authority.RefreshToken,
		})
		if _, _, code := s.rederive(c); code != authority.Conflict {
			t.Errorf("after the refresh token was revoked: %q", code)
		}
		gone := s.issue("jot")
		c = s.bearer("jot", gone.Access)
		s.revoke(authority.Target{Scope: authority.ScopeGrant, ID: gone.Grant})
		if _, _, code := s.rederive(c); code != authority.Conflict {
			t.Errorf("after the grant was revoked: %q", code)
		}
	})
}
