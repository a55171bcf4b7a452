package authority

import (
	"sync"
	"time"
)

// touchEvery is how often the use of one token is noted.
const touchEvery = 5 * time.Second

// touches gathers last-used marks in memory; they are written in batches. Losing
// the newest ones in a crash loses nothing that was acknowledged.
type touches struct {
	mu      sync.Mutex
	pending map[touchKey]Touch // guarded by mu
}

type touchKey struct{ grant, credential ID }

func newTouches() *touches { return &touches{pending: make(map[touchKey]Touch)} }

// token notes that v was used, at most once in touchEvery, so that the hot path
// takes no lock.
func (m *touches) token(v *verified, now time.Time, o Origin) {
	last := v.touched.Load()
	if now.Unix()-last < int64(touchEvery/time.Second) || !v.touched.CompareAndSwap(last, now.Unix()) {
		return
	}
	m.add(Touch{Grant: v.ids.Grant, Credential: v.ids.Credential, At: now, Address: addressText(o), Count: 1})
}

// credential notes that a secret was used without a grant.
func (m *touches) credential(id ID, now time.Time, address string) {
	m.add(Touch{Credential: id, At: now, Address: address, Count: 1})
}

func (m *touches) add(t Touch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := touchKey{t.Grant, t.Credential}
	t.Count += m.pending[k].Count
	m.pending[k] = t
}

func (m *touches) take() []Touch {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Touch, 0, len(m.pending))
	for _, t := range m.pending {
		out = append(out, t)
	}
	clear(m.pending)
	return out
}
