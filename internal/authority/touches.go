package authority

import "time"

// touchEvery is how often the use of one token is noted.
const touchEvery = 5 * time.Second

// touches gathers last-used marks in memory; they are written in batches. Losing
// the newest ones in a crash loses nothing that was acknowledged.
type touches struct{ *sums[touchKey, Touch] }

type touchKey struct{ grant, credential ID }

func newTouches() *touches {
	return &touches{newSums[touchKey](0, func(known, more Touch) Touch {
		more.Count += known.Count
		return more
	})}
}

// token notes that v was used, at most once in touchEvery, so that the hot path
// takes no lock.
func (m *touches) token(v *verified, now time.Time, o Origin) {
	last := v.touched.Load()
	if now.Unix()-last < int64(touchEvery/time.Second) || !v.touched.CompareAndSwap(last, now.Unix()) {
		return
	}
	m.note(Touch{Grant: v.ids.Grant, Credential: v.ids.Credential, At: now, Address: addressText(o), Count: 1})
}

// credential notes that a secret was used without a grant.
func (m *touches) credential(id ID, now time.Time, address string) {
	m.note(Touch{Credential: id, At: now, Address: address, Count: 1})
}

func (m *touches) note(t Touch) { m.add(touchKey{t.Grant, t.Credential}, t) }
