package authority

import (
	"context"
	"slices"
	"time"
)

// doors gathers the use of weak doors in memory; it is written in batches.
type doors struct{ *sums[doorKey, DoorUse] }

type doorKey struct {
	credential ID
	dialect    string
	door       string
}

// maxDoors bounds what is kept while the store is away; what does not fit is
// not counted.
const maxDoors = 100_000

func newDoors() *doors { return &doors{newSums[doorKey](maxDoors, laterUse)} }

// laterUse sums up; the later use tells when and from where.
func laterUse(known, more DoorUse) DoorUse {
	more.Count += known.Count
	if known.At.After(more.At) {
		more.At, more.Address = known.At, known.Address
	}
	return more
}

// note counts one use if the origin's door is one that p counts.
func (d *doors) note(p Profile, o Origin, s Standing, now time.Time) {
	if !slices.Contains(p.WeakDoors, o.Door) {
		return
	}
	d.keep(DoorUse{
		Stand: o.Stand, Account: s.Account.ID, Principal: s.Principal.ID, Credential: s.Credential.ID,
		Dialect: o.Dialect, Door: o.Door, At: now, Address: addressText(o), Count: 1,
	})
}

func (d *doors) keep(u DoorUse) { d.add(doorKey{u.Credential, u.Dialect, u.Door}, u) }

// flushDoors writes what is gathered; what could not be written is kept for the
// next time.
func (a *Authority) flushDoors(ctx context.Context) error {
	uses := a.doors.take()
	for len(uses) > 0 && a.ports.Doors != nil {
		n := min(len(uses), flushSlice)
		if err := a.ports.Doors.NoteDoors(ctx, uses[:n]); err != nil {
			for _, u := range uses {
				a.doors.keep(u)
			}
			return err
		}
		uses = uses[n:]
	}
	return nil
}
