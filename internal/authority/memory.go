package authority

import (
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// memory remembers what was read from the store. Nothing is invalidated: each
// remembered value carries the feed position up to which nothing has touched
// it, and every use looks at what came since. Bounded; safe for concurrent use.
type memory[K comparable, V any] struct {
	feed  *Feed
	known *otter.Cache[K, *remembered[V]]
}

// remembered is shared and, but for its position, never changed.
type remembered[V any] struct {
	value    V
	targets  []Target // what it hangs on
	until    time.Time
	position atomic.Uint64
}

func newMemory[K comparable, V any](feed *Feed, size int) (*memory[K, V], error) {
	known, err := otter.New(&otter.Options[K, *remembered[V]]{MaximumSize: size})
	return &memory[K, V]{feed, known}, err
}

// find gives the value under k if it is still what the rows say.
func (m *memory[K, V]) find(k K, now time.Time) (V, bool) {
	var none V
	r, ok := m.known.GetIfPresent(k)
	if !ok {
		return none, false
	}
	seen := Position(r.position.Load())
	to, spared := m.feed.spares(seen, r.targets)
	if !spared || (!r.until.IsZero() && !now.Before(r.until)) {
		m.known.Invalidate(k)
		return none, false
	}
	if to != seen {
		r.position.Store(uint64(to)) // a lower one stored late only costs a look
	}
	return r.value, true
}

// keep remembers value, which hangs on targets and was read after the feed
// stood at position; a zero until is for ever.
func (m *memory[K, V]) keep(k K, value V, position Position, until time.Time, targets ...Target) {
	r := &remembered[V]{value: value, targets: targets, until: until}
	r.position.Store(uint64(position))
	m.known.Set(k, r)
}

func (m *memory[K, V]) drop(k K) { m.known.Invalidate(k) }

// targets lists what the standing hangs on.
func (s Standing) targets() []Target {
	return []Target{
		{Scope: ScopeCredential, ID: s.Credential.ID},
		{Scope: ScopePrincipal, ID: s.Principal.ID},
		{Scope: ScopeAccount, ID: s.Account.ID},
	}
}
