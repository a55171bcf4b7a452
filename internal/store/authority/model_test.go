package authority_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/authority"
)

// modelToken is what the model knows of one token that was handed out.
type modelToken struct {
	dialect string
	grant   authority.ID
	gen     int
	access  authority.Secret
	refresh authority.Secret
	dead    bool
}

// model is the specification of rule 7 in a few lines: what is revoked stays
// refused, what is issued afterwards lives, and nothing else changes that.
type model struct {
	tokens   []*modelToken
	disabled bool
}

func (m *model) kill(dies func(*modelToken) bool) {
	for _, t := range m.tokens {
		t.dead = t.dead || dies(t)
	}
}

// newest gives the last generation of a family.
func (m *model) newest(grant authority.ID) *modelToken {
	for _, t := range slices.Backward(m.tokens) {
		if t.grant == grant {
			return t
		}
	}
	return nil
}

// TestNoOrderRevivesAToken runs random orders of issue, refresh, revoke,
// disable, re-enable, restart, restore and re-read against the model.
func TestNoOrderRevivesAToken(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		rapid.Check(t, func(rt *rapid.T) {
			s.exec(`UPDATE principals SET disabled = 0`)
			m := &model{}
			for range rapid.IntRange(4, 20).Draw(rt, "steps") {
				s.step(rt, m)
			}
			for _, token := range m.tokens {
				err := s.enter(token.dialect, token.access)
				if (err != nil) != (token.dead || m.disabled) {
					rt.Fatalf("%s token, generation %d: dead %v, disabled %v, but entering gave %v",
						token.dialect, token.gen, token.dead, m.disabled, err)
				}
			}
		})
	})
}

func (s *stage) step(rt *rapid.T, m *model) {
	steps := []string{"issue", "issue", "refresh", "token", "generation", "grant", "principal", "account", "key", "disable", "enable", "restart", "restore", "reread", "use"}
	switch step := rapid.SampledFrom(steps).Draw(rt, "step"); step {
	case "issue":
		s.modelIssue(rt, m)
	case "refresh":
		s.modelRefresh(rt, m)
	case "token", "generation", "grant":
		s.modelRevokeOne(rt, m, step)
	case "principal", "account", "key":
		s.modelRevokeAll(m, step)
	case "disable":
		// As the admin slice does it: the flag and the entry together.
		s.exec(`UPDATE principals SET disabled = 1`)
		s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: s.principal})
		m.disabled = true
		m.kill(func(t *modelToken) bool { s.spared[t] = false; return true })
	case "enable":
		s.exec(`UPDATE principals SET disabled = 0`)
		s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: s.principal})
		m.disabled = false
		m.kill(func(t *modelToken) bool { s.spared[t] = false; return true })
	case "restart":
		s.start()
	case "restore":
		s.exec(`UPDATE stands SET epoch = epoch + 1`)
		s.start()
		m.kill(func(t *modelToken) bool { s.spared[t] = false; return true })
	case "reread":
		_, entries, err := s.db.FeedAfter(s.t.Context(), 0)
		s.must(err)
		s.feed.Apply(entries)
	case "use":
		if len(m.tokens) > 0 {
			token := rapid.SampledFrom(m.tokens).Draw(rt, "used")
			_ = s.enter(token.dialect, token.access)
		}
	}
}

func (s *stage) modelIssue(rt *rapid.T, m *model) {
	dialect := rapid.SampledFrom([]string{"jot", "seal", "short"}).Draw(rt, "dialect")
	out, err := s.auth.Issue(s.t.Context(), s.issueRequest(dialect))
	if (err != nil) != m.disabled {
		rt.Fatalf("issue while disabled %v: %v", m.disabled, err)
	}
	if err == nil {
		m.tokens = append(m.tokens, &modelToken{dialect: dialect, grant: out.Grant, access: out.Access, refresh: out.Refresh})
	}
}

func (s *stage) modelRefresh(rt *rapid.T, m *model) {
	if len(m.tokens) == 0 {
		return
	}
	token := m.newest(rapid.SampledFrom(m.tokens).Draw(rt, "family").grant)
	out, err := s.refresh(token.dialect, token.refresh)
	if err != nil {
		if !token.dead {
			rt.Fatalf("refresh of a living token: %v", err)
		}
		return
	}
	if token.dead && !s.onlyAccessDied(token) {
		rt.Fatalf("a dead family was refreshed")
	}
	next := &modelToken{dialect: token.dialect, grant: token.grant, gen: token.gen + 1, access: out.Access, refresh: out.Refresh}
	m.tokens = append(m.tokens, next)
}

// onlyAccessDied reports whether the family may go on although its newest
// access token is refused: that token or its key alone was revoked.
func (s *stage) onlyAccessDied(token *modelToken) bool { return s.spared[token] }

func (s *stage) modelRevokeOne(rt *rapid.T, m *model, scope string) {
	if len(m.tokens) == 0 {
		return
	}
	token := rapid.SampledFrom(m.tokens).Draw(rt, "target")
	target := authority.Target{Scope: authority.Scope(scope), ID: token.grant}
	dies := func(t *modelToken) bool { return t.grant == token.grant }
	switch target.Scope {
	case authority.ScopeToken:
		target.Generation, target.Kind = uint32(token.gen), authority.AccessToken
		dies = func(t *modelToken) bool { return t == token }
		if !token.dead {
			s.spared[token] = true
		}
	case authority.ScopeGeneration:
		target.Generation = uint32(token.gen)
		dies = func(t *modelToken) bool { return t == token }
		s.spared[token] = false
	default:
		s.condemn(m, token.grant)
	}
	s.revoke(target)
	m.kill(dies)
}

func (s *stage) condemn(m *model, grant authority.ID) {
	for _, t := range m.tokens {
		if t.grant == grant {
			s.spared[t] = false
		}
	}
}

func (s *stage) modelRevokeAll(m *model, scope string) {
	switch scope {
	case "principal":
		s.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: s.principal})
	case "account":
		s.revoke(authority.Target{Scope: authority.ScopeAccount, ID: s.account.ID})
	case "key":
		kid, err := s.ring.Active(string(authority.Production), "jot")
		s.must(err)
		s.revoke(authority.Target{Scope: authority.ScopeKey, Key: kid})
		m.kill(func(t *modelToken) bool {
			if t.dialect == "jot" && !t.dead {
				s.spared[t] = true
			}
			return t.dialect == "jot"
		})
		return
	}
	m.kill(func(t *modelToken) bool { s.spared[t] = false; return true })
}

// TestAccessTokensOutliveTheirSuccessors: a family that was refreshed often
// leaves each access token its own end, on a node that never saw it, too.
func TestAccessTokensOutliveTheirSuccessors(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, dialect := range []string{"jot", "seal", "short"} {
			out := s.issue(dialect)
			all := []authority.Issued{out}
			for range 5 {
				s.clock.Advance(time.Minute)
				var err error
				out, err = s.refresh(dialect, out.Refresh)
				s.must(err)
				all = append(all, out)
			}
			s.start()
			for _, out := range all {
				s.alive(dialect, out.Access)
			}
			for _, out := range all {
				s.clock.Advance(out.AccessExpires.Sub(s.clock.Now()) - time.Millisecond)
				s.start()
				s.alive(dialect, out.Access)
				s.clock.Advance(time.Millisecond)
				s.dead(dialect, out.Access)
			}
		}
	})
}

// TestShortTokensOfOneFamilyAreBounded: the row keeps what lives, and of a client
// that refreshes faster than its tokens expire the newest.
func TestShortTokensOfOneFamilyAreBounded(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		out := s.issue("short")
		first := out
		for range 258 {
			next, err := s.refresh("short", out.Refresh)
			s.must(err)
			out = next
		}
		s.start()
		s.dead("short", first.Access)
		if n := s.count(`SELECT length(earlier) - length(replace(earlier, '],[', '],')) + 1 FROM grants WHERE id = $1`, first.Grant); n != 256 {
			t.Errorf("%d generations are kept", n)
		}
		s.clock.Advance(30 * time.Minute)
		next, err := s.refresh("short", out.Refresh)
		s.must(err)
		s.clock.Advance(30 * time.Minute)
		s.alive("short", next.Access)
		s.dead("short", out.Access)
		_, err = s.refresh("short", next.Refresh)
		s.must(err)
		if n := s.count(`SELECT length(earlier) - length(replace(earlier, '],[', '],')) + 1 FROM grants WHERE id = $1`, first.Grant); n != 1 {
			t.Errorf("%d generations are kept after all but one expired", n)
		}
	})
}

func TestExpiryIsDecidedByTimeAlone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, dialect := range []string{"jot", "seal", "short"} {
			out := s.issue(dialect)
			s.alive(dialect, out.Access)
			s.clock.Advance(out.AccessExpires.Sub(s.clock.Now()) - time.Millisecond)
			s.alive(dialect, out.Access)
			s.clock.Advance(time.Millisecond)
			s.dead(dialect, out.Access)
		}
	})
}
