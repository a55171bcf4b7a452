package authority_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"propusk/internal/authority"
)

// call is one operation on the tokens of one credential: create, refresh,
// revoke or use.
type call struct {
	what  string
	token authority.Secret
	grant authority.ID
}

// reply is what it gave.
type reply struct {
	ok    bool
	grant authority.ID
	tokens
}

type tokens struct{ access, refresh authority.Secret }

// alone is the specification of a dialect whose new pair kills the former one:
// at most one pair lives.
type alone struct {
	grant authority.ID // 0 = nothing lives
	tokens
}

func (s alone) step(c call, r reply) (bool, alone) {
	living := s.grant != 0
	switch c.what {
	case "create":
		return r.ok, alone{r.grant, r.tokens}
	case "use":
		return r.ok == (living && c.token == s.access), s
	case "revoke":
		if c.grant == s.grant {
			return r.ok, alone{}
		}
		return true, s
	}
	if living && c.token == s.refresh {
		return r.ok && r.grant == s.grant && r.tokens != s.tokens, alone{s.grant, r.tokens}
	}
	if c.grant == s.grant { // a spent token of the living family: theft
		return !r.ok, alone{}
	}
	return !r.ok, s
}

// family is the specification of refreshing one grant: a chain in which the
// last step may be asked for again until its access token was used, and anything
// older ends it. Whether access tokens older than the former one live is the
// dialect's affair, as long as the family does.
type family struct {
	former, current tokens
	used, dead      bool
}

func (s family) step(c call, r reply) (bool, family) {
	switch {
	case c.what == "create":
		return r.ok, family{current: r.tokens}
	case c.what == "revoke":
		return r.ok, family{dead: true}
	case s.dead:
		return !r.ok, s
	case c.what == "use" && c.token == s.current.access:
		s.used = true
		return r.ok, s
	case c.what == "use":
		return r.ok || c.token != s.former.access, s
	case c.token == s.current.refresh:
		return r.ok && r.tokens != s.current, family{former: s.current, current: r.tokens}
	case c.token == s.former.refresh && !s.used:
		return r.ok && r.tokens == s.current, s
	}
	return !r.ok, family{dead: true}
}

func modelOf[S comparable](step func(S, call, reply) (bool, S)) porcupine.Model {
	return porcupine.Model{
		Init: func() any { var s S; return s },
		Step: func(state, input, output any) (bool, any) {
			s, sure := state.(S)
			c, fine := input.(call)
			r, well := output.(reply)
			if !sure || !fine || !well {
				return false, state
			}
			return step(s, c, r)
		},
	}
}

// historian runs calls and writes down when each began and ended.
type historian struct {
	*stage

	dialect string
	began   time.Time

	mu   sync.Mutex
	log  []porcupine.Operation
	seen []reply
}

func (h *historian) run(client int, c call) reply {
	from := time.Since(h.began)
	r := h.ask(c)
	to := time.Since(h.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, porcupine.Operation{
		ClientId: client, Input: c, Output: r, Call: from.Nanoseconds(), Return: to.Nanoseconds(),
	})
	if r.ok && r.grant != 0 {
		h.seen = append(h.seen, r)
	}
	return r
}

func (h *historian) ask(c call) reply {
	var out authority.Issued
	var err error
	switch c.what {
	case "create":
		out, err = h.auth.Issue(h.t.Context(), h.issueRequest(h.dialect))
	case "refresh":
		out, err = h.stage.refresh(h.dialect, c.token)
	case "revoke":
		err = h.auth.Revoke(h.t.Context(), h.system(), authority.Target{Scope: authority.ScopeGrant, ID: c.grant})
	case "use":
		err = h.enter(h.dialect, c.token)
	}
	switch authority.CodeOf(err) {
	case "", authority.InvalidGrant, authority.InvalidToken, authority.NotFound:
	default:
		h.t.Errorf("%s: %v", c.what, err)
	}
	return reply{err == nil, out.Grant, tokens{out.Access, out.Refresh}}
}

// pick gives a pair that somebody got, more often a late one.
func (h *historian) pick() (reply, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.seen) == 0 {
		return reply{}, false
	}
	return h.seen[len(h.seen)-1-rand.IntN(min(len(h.seen), 1+rand.IntN(4)))], true
}

// work is what one client does.
func (h *historian) work(client, calls int, kinds []string) {
	for range calls {
		what := kinds[rand.IntN(len(kinds))]
		p, ok := h.pick()
		if !ok {
			continue
		}
		c := call{what: what, grant: p.grant, token: p.refresh}
		if what == "use" {
			c.token = p.access
		}
		h.run(client, c)
	}
}

const historyClients = 6

// history gives what clients saw who did kinds of calls all at once.
func (s *stage) history(dialect string, calls int, kinds ...string) []porcupine.Operation {
	h := &historian{stage: s, dialect: dialect, began: time.Now()}
	h.run(historyClients, call{what: "create"})
	var wg sync.WaitGroup
	for client := range historyClients {
		wg.Go(func() { h.work(client, calls, kinds) })
	}
	wg.Wait()
	return h.log
}

// linear checks histories of both kinds of dialect against their
// specifications.
func linear(t *testing.T, s *stage, rounds int) {
	check := func(dialect string, m porcupine.Model, log []porcupine.Operation) {
		t.Helper()
		if got := porcupine.CheckOperationsTimeout(m, log, 20*time.Second); got != porcupine.Ok {
			t.Errorf("%s: a history of %d calls is %s", dialect, len(log), got)
			for _, op := range slices.SortedFunc(slices.Values(log), func(a, b porcupine.Operation) int { return int(a.Call - b.Call) }) {
				t.Logf("%+v", op)
			}
		}
	}
	for range rounds {
		for _, dialect := range s.names(true) {
			check(dialect, modelOf(alone.step), s.history(dialect, 10, "create", "refresh", "refresh", "revoke", "use", "use", "use"))
		}
		for _, dialect := range s.names(false) {
			check(dialect, modelOf(family.step), s.history(dialect, 6, "refresh", "refresh", "refresh", "refresh", "use", "use", "revoke"))
		}
	}
}

func TestLinearizable(t *testing.T) {
	eachOf(t, documented(), func(t *testing.T, s *stage) { linear(t, s, 3) })
}

// A specification that lets everything pass would prove nothing.
func TestSpecificationsRefuse(t *testing.T) {
	first, second := tokens{authority.NewSecret("a1"), authority.NewSecret("r1")}, tokens{authority.NewSecret("a2"), authority.NewSecret("r2")}
	op := func(at int64, c call, r reply) porcupine.Operation {
		return porcupine.Operation{Input: c, Output: r, Call: at, Return: at + 1}
	}
	create := op(0, call{what: "create"}, reply{true, 1, first})
	again := op(2, call{what: "create"}, reply{true, 2, second})
	for name, log := range map[string][]porcupine.Operation{
		"a former pair is used":    {create, again, op(4, call{what: "use", token: first.access}, reply{ok: true})},
		"a revoked pair is used":   {create, op(2, call{what: "revoke", grant: 1}, reply{ok: true}), op(4, call{what: "use", token: first.access}, reply{ok: true})},
		"a living pair is refused": {create, again, op(4, call{what: "use", token: second.access}, reply{})},
		"a former one refreshes":   {create, again, op(4, call{what: "refresh", token: first.refresh, grant: 1}, reply{true, 1, tokens{}})},
	} {
		if porcupine.CheckOperations(modelOf(alone.step), log) {
			t.Errorf("%s and the specification does not mind", name)
		}
	}
	fork := []porcupine.Operation{
		create, op(2, call{what: "refresh", token: first.refresh}, reply{true, 1, second}),
		op(4, call{what: "refresh", token: first.refresh}, reply{true, 1, tokens{authority.NewSecret("a3"), authority.NewSecret("r3")}}),
	}
	if porcupine.CheckOperations(modelOf(family.step), fork) {
		t.Error("one token refreshed to two chains and the specification does not mind")
	}
}
