package authority_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
)

// six are profiles of the forms that the documented dialects and the standard
// door have: every form of token that there is, twice the same form among them.
func six() []authority.Profile {
	all := []authority.CredentialKind{authority.ServiceToken}
	const day = 24 * time.Hour
	sealed := authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * day}
	jwt := func(a keys.Algorithm, typ string, lifetime time.Duration) authority.TokenSpec {
		return authority.TokenSpec{Form: authority.JWT, Algorithm: a, Typ: typ, Lifetime: lifetime}
	}
	return []authority.Profile{
		{Dialect: "hubex", Credentials: all, Access: jwt(keys.HS256, "JWT", day), Refresh: sealed, Family: 180 * day, ReplayWindow: 30 * time.Second},
		{Dialect: "smarts", Credentials: all, Access: authority.TokenSpec{Form: authority.Sealed, Lifetime: day}, Refresh: sealed, Family: 180 * day, ReplayWindow: 30 * time.Second},
		{Dialect: "element", Credentials: all, Access: authority.TokenSpec{Form: authority.Sealed, Lifetime: time.Hour}, ID: jwt(keys.RS512, "", time.Hour)},
		{Dialect: "operator", Credentials: all, Access: jwt(keys.RS256, "JWT", day), Refresh: jwt(keys.RS256, "JWT", 25*time.Hour), Family: 180 * day},
		{Dialect: "ringme", Credentials: all, Access: authority.TokenSpec{Form: authority.Short, Lifetime: time.Hour}, Refresh: sealed, Family: 180 * day, ReplayWindow: 30 * time.Second},
		{Dialect: "oauth", Credentials: all, Access: jwt(keys.EdDSA, "at+jwt", time.Hour), Scoped: true},
	}
}

// Rule 2, B8: a token of one dialect is refused by every other, whatever the
// forms, unless the account lets it in.
func TestForeignPairsAreRefused(t *testing.T) {
	eachOf(t, six(), func(t *testing.T, s *stage) {
		issued := map[string]authority.Issued{}
		for _, p := range six() {
			issued[p.Dialect] = s.issue(p.Dialect)
		}
		pairs := 0
		for from, out := range issued {
			for _, token := range []authority.Secret{out.Access, out.ID} {
				if token.Empty() {
					continue
				}
				s.alive(from, token)
				pairs += s.foreign(from, token)
			}
			if out.Refresh.Empty() {
				continue
			}
			for _, p := range six() {
				s.dead(p.Dialect, out.Refresh) // opens nothing anywhere
				if _, err := s.refresh(p.Dialect, out.Access); authority.CodeOf(err) != authority.InvalidGrant {
					t.Errorf("the access token of %s refreshes at %s: %v", from, p.Dialect, err)
				}
				if p.Dialect == from {
					continue
				}
				if _, err := s.refresh(p.Dialect, out.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
					t.Errorf("the refresh token of %s refreshes at %s: %v", from, p.Dialect, err)
				}
			}
			if _, err := s.refresh(from, out.Refresh); err != nil {
				t.Errorf("%s: its own refresh token after all that: %v", from, err)
			}
		}
		if pairs < 30 {
			t.Errorf("%d foreign pairs, want 30 and those of id tokens", pairs)
		}
	})
}

// foreign shows token to every dialect but its own, and to its own on the other
// stand; then again when the account lets one in.
func (s *stage) foreign(from string, token authority.Secret) (pairs int) {
	s.t.Helper()
	if _, err := s.enterTest(from, token); authority.CodeOf(err) != authority.InvalidToken {
		s.t.Errorf("a token of %s on the other stand: %v", from, err)
	}
	for _, p := range six() {
		if p.Dialect == from {
			continue
		}
		pairs++
		s.dead(p.Dialect, token)
		s.switchGuests(`{"accept_tokens_from":{"` + p.Dialect + `":["` + from + `"]}}`)
		s.alive(p.Dialect, token)
		s.alive(from, token)
		s.switchGuests(`{}`)
		s.dead(p.Dialect, token)
	}
	return pairs
}

// A refresh token says which dialect issued it, and only a refresh token does.
func TestRefreshDialect(t *testing.T) {
	eachOf(t, six(), func(t *testing.T, s *stage) {
		for _, p := range six() {
			out := s.issue(p.Dialect)
			for token, want := range map[authority.Secret]string{out.Access: "", out.ID: "", out.Refresh: p.Dialect} {
				if token.Empty() {
					continue
				}
				got, ok, err := s.auth.RefreshDialect(t.Context(), authority.Production, token)
				if err != nil || got != want || ok != (want != "") {
					t.Errorf("%s: %q, %v, %v, want %q", p.Dialect, got, ok, err, want)
				}
				if got, ok, _ := s.auth.RefreshDialect(t.Context(), authority.Test, token); ok {
					t.Errorf("%s: the other stand reads %q", p.Dialect, got)
				}
			}
		}
		if _, ok, err := s.auth.RefreshDialect(t.Context(), authority.Production, authority.NewSecret("junk")); ok || err != nil {
			t.Errorf("junk: %v %v", ok, err)
		}
	})
}
