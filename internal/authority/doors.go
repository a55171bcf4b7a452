package authority

import (
	"context"
	"slices"
	"sync"
	"time"
)

// doors gathers the use of weak doors in memory; it is written in batches.
type doors struct {
	mu   sync.Mutex
	uses map[doorKey]DoorUse // guarded by mu
}

type doorKey struct {
	credential ID
	dialect    string
	door       string
}

// maxDoors bounds what is kept while the store is away; what does not fit is
// not counted.
const maxDoors = 100_000

func newDoors() *doors { return &doors{uses: make(map[doorKey]DoorUse)} }

// note counts one use if the origin's door is one that p counts.
func (d *doors) note(p Profile, o Origin, s Standing, now time.Time) {
	if !slices.Contains(p.WeakDoors, o.Door) {
		return
	}
	d.add(DoorUse{
		Stand: o.Stand, Account: s.Account.ID, Principal: s.Principal.ID, Credential: s.Credential.ID,
		Dialect: o.Dialect, Door: o.Door, At: now, Address: addressText(o), Count: 1,
	})
}

// add sums up; the later use tells when and from where.
func (d *doors) add(u DoorUse) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := doorKey{u.Credential, u.Dialect, u.Door}
	known, ok := d.uses[k]
	if !ok && len(d.uses) >= maxDoors {
		return
	}
	u.Count += known.Count
	if known.At.After(u.At) {
		u.At, u.Address = known.At, known.Address
	}
	d.uses[k] = u
}

func (d *doors) take() []DoorUse {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]DoorUse, 0, len(d.uses))
	for _, u := range d.uses {
		out = append(out, u)
	}
	clear(d.uses)
	return out
}

// flushDoors writes what is gathered; what could not be written is kept for the
// next time.
func (a *Authority) flushDoors(ctx context.Context) error {
	uses := a.doors.take()
	for len(uses) > 0 && a.ports.Doors != nil {
		n := min(len(uses), flushSlice)
		if err := a.ports.Doors.NoteDoors(ctx, uses[:n]); err != nil {
			for _, u := range uses {
				a.doors.add(u)
			}
			return err
		}
		uses = uses[n:]
	}
	return nil
}
