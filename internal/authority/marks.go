package authority

import (
	"sync"
	"time"
)

// markEvery is how often the use of one token is noted.
const markEvery = 5 * time.Second

// marks gathers last-used marks in memory; they are written in batches. Losing
// the newest ones in a crash loses nothing that was acknowledged.
type marks struct {
	mu      sync.Mutex
	pending map[markKey]Touch // guarded by mu
}

type markKey struct{ grant, credential ID }

func newMarks() *marks { return &marks{pending: make(map[markKey]Touch)} }

// token notes that v was used, at most once in markEvery, so that the hot path
// takes no lock.
func (m *marks) token(v *verified, now time.Time, o Origin) {
	last := v.touched.Load()
	if now.Unix()-last < int64(markEvery/time.Second) || !v.touched.CompareAndSwap(last, now.Unix()) {
		return
	}
	m.add(Touch{Grant: v.ids.Grant, Credential: v.ids.Credential, At: now, Address: addressText(o), Count: 1})
}

// credential notes that a secret was used without a grant.
func (m *marks) credential(id ID, now time.Time, address string) {
	m.add(Touch{Credential: id, At: now, Address: address, Count: 1})
}

func (m *marks) add(t Touch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := markKey{t.Grant, t.Credential}
	t.Count += m.pending[k].Count
	m.pending[k] = t
}

func (m *marks) take() []Touch {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Touch, 0, len(m.pending))
	for _, t := range m.pending {
		out = append(out, t)
	}
	clear(m.pending)
	return out
}
