package authority_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/hubex"
	"propusk/internal/dialect/operator"
	"propusk/internal/dialect/ringme"
	"propusk/internal/dialect/smarts"
)

// racers are how many ask at once.
const racers = 50

// documented are the profiles of the dialects that refresh, as they declare them;
// the stage's service token opens each.
func documented() []authority.Profile {
	all := []authority.Profile{hubex.Profile(), smarts.Profile(), ringme.Profile(), operator.Profile()}
	for i := range all {
		all[i].Credentials = append(slices.Clone(all[i].Credentials), authority.ServiceToken)
	}
	return all
}

// names lists the dialects of a stage; single are those whose new pair kills the
// former one.
func (s *stage) names(single bool) []string {
	var out []string
	for _, p := range s.profiles {
		if p.Single == single {
			out = append(out, p.Dialect)
		}
	}
	return out
}

// raceRefreshes is B28: one token, refreshed by many at once, gives one chain.
func raceRefreshes(t *testing.T, s *stage, rounds int) {
	for range rounds {
		for _, dialect := range s.names(false) {
			first := s.issue(dialect)
			got := s.together(dialect, first.Refresh)
			if len(got) != 1 || got[tokens{}] != 0 {
				t.Fatalf("%s: %d chains of one token", dialect, len(got))
			}
			for next := range got {
				s.alive(dialect, next.access)
				if _, err := s.refresh(dialect, next.refresh); err != nil {
					t.Errorf("%s: the chain does not go on: %v", dialect, err)
				}
			}
		}
		for _, dialect := range s.names(true) {
			s.raceSingle(t, dialect)
		}
	}
}

// raceSingle is the same where no answer is given again: one of them gets a pair,
// and what the others did was theft, so that it does not live.
func (s *stage) raceSingle(t *testing.T, dialect string) {
	first := s.issue(dialect)
	got := s.together(dialect, first.Refresh)
	delete(got, tokens{})
	if len(got) != 1 {
		t.Fatalf("%s: %d chains of one token", dialect, len(got))
	}
	for next := range got {
		s.dead(dialect, next.access)
	}
	s.dead(dialect, first.Access)
	s.alive(dialect, s.issue(dialect).Access) // the way back
}

// together refreshes one token many times at once and counts the answers; the
// zero tokens are a refusal.
func (s *stage) together(dialect string, token authority.Secret) map[tokens]int {
	var mu sync.Mutex
	got := map[tokens]int{}
	var wg sync.WaitGroup
	for range racers {
		wg.Go(func() {
			out, err := s.refresh(dialect, token)
			if err != nil && authority.CodeOf(err) != authority.InvalidGrant {
				s.t.Errorf("%s: %v", dialect, err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[tokens{out.Access, out.Refresh}]++
		})
	}
	wg.Wait()
	return got
}

// raceCreates is the dialect whose new pair kills the former one: of many made
// at once exactly one lives.
func raceCreates(t *testing.T, s *stage, dialect string, rounds int) {
	for range rounds {
		var mu sync.Mutex
		var all []authority.Issued
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				out, err := s.auth.Issue(s.t.Context(), s.issueRequest(dialect))
				if err != nil {
					t.Errorf("create: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				all = append(all, out)
			})
		}
		wg.Wait()
		living := 0
		for _, out := range all {
			if s.enter(dialect, out.Access) == nil {
				living++
				if _, err := s.refresh(dialect, out.Refresh); err != nil {
					t.Errorf("the living pair does not refresh: %v", err)
				}
			}
		}
		if living != 1 {
			t.Fatalf("%d pairs live, want 1", living)
		}
	}
}

// raceRevoke is B29: from the answer to a revocation on nothing of the family
// lives, whoever was refreshing meanwhile.
func raceRevoke(t *testing.T, s *stage, rounds int) {
	for round := range rounds {
		dialect := s.profiles[round%len(s.profiles)].Dialect
		first := s.issue(dialect)
		var mu sync.Mutex
		all := []authority.Issued{first}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for token, more := first.Refresh, true; more; {
					out, err := s.refresh(dialect, token)
					if more = err == nil; !more {
						break
					}
					token = out.Refresh
					mu.Lock()
					all = append(all, out)
					more = len(all) < 40
					mu.Unlock()
				}
			})
		}
		if rand.IntN(2) == 0 {
			_, _ = s.refresh(dialect, first.Refresh)
		}
		s.revoke(authority.Target{Scope: authority.ScopeGrant, ID: first.Grant})
		mu.Lock()
		seen := append([]authority.Issued(nil), all...)
		mu.Unlock()
		for _, out := range seen {
			s.dead(dialect, out.Access)
		}
		wg.Wait()
		for _, out := range all {
			s.dead(dialect, out.Access)
			if _, err := s.refresh(dialect, out.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
				t.Fatalf("%s: a revoked family refreshes: %v", dialect, err)
			}
		}
	}
}

func TestRaces(t *testing.T) {
	for _, set := range [][]authority.Profile{profiles(), documented()} {
		t.Run(set[0].Dialect, func(t *testing.T) {
			eachOf(t, set, func(t *testing.T, s *stage) {
				raceRefreshes(t, s, 2)
				raceCreates(t, s, s.names(true)[0], 2)
				raceRevoke(t, s, 12)
			})
		})
	}
}
