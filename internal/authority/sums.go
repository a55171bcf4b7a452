package authority

import (
	"maps"
	"slices"
	"sync"
)

// sums keeps one value a key in memory until it is written: what comes again is
// added to it. Safe for concurrent use.
type sums[K comparable, V any] struct {
	most int // keys; what does not fit is not counted. 0 = any number
	plus func(known, more V) V

	mu    sync.Mutex
	known map[K]V // guarded by mu
}

func newSums[K comparable, V any](most int, plus func(known, more V) V) *sums[K, V] {
	return &sums[K, V]{most: most, plus: plus, known: make(map[K]V)}
}

func (s *sums[K, V]) add(k K, v V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[k]; ok {
		v = s.plus(known, v)
	} else if s.most > 0 && len(s.known) >= s.most {
		return
	}
	s.known[k] = v
}

// take gives what has gathered and forgets it.
func (s *sums[K, V]) take() []V {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.AppendSeq(make([]V, 0, len(s.known)), maps.Values(s.known))
	clear(s.known)
	return out
}
