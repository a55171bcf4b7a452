package authority

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Use is how often a credential was used through a dialect within an hour, or
// since it was last written down.
type Use struct {
	Account    ID    // 0 = refusals of strangers, whose account nobody knows
	Stand      Stand // of strangers; an account has one
	Principal  ID
	Credential ID
	Dialect    string
	Hour       time.Time // its begin, UTC
	Calls      int64     // let in
	Issues     int64     // exchanges and refreshes
	Refusals   int64     // of the account, whichever credential; those have none here
}

// Usage keeps how often credentials are used.
type Usage interface {
	// AddUsage adds to what is known of each credential, dialect and hour.
	AddUsage(ctx context.Context, uses []Use) error
}

// meter counts the calls of one token or pair. On the hot path a call costs one
// addition: only the first since the last writing has to say that there is
// something to be written.
type meter struct {
	use   Use // whose; without hour and counts
	calls atomic.Int64
}

// usage gathers uses in memory; they are written in batches. It counts nothing
// when there is nobody to write to.
type usage struct {
	to Usage

	mu    sync.Mutex
	wrote time.Time         // guarded by mu
	due   []*meter          // guarded by mu; those that have counted
	known map[Use]*usageSum // guarded by mu
}

type usageSum struct{ calls, issues, refusals int64 }

func newUsage(to Usage) *usage { return &usage{to: to, known: make(map[Use]*usageSum)} }

// call counts a call that was let in.
func (u *usage) call(m *meter) {
	if u.to == nil || m.calls.Add(1) != 1 {
		return
	}
	u.mu.Lock()
	u.due = append(u.due, m)
	u.mu.Unlock()
}

// issue counts tokens that were made.
func (u *usage) issue(g Grant, now time.Time) {
	if u.to == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sum(Use{Account: g.Account, Principal: g.holder(), Credential: g.Credential, Dialect: g.Dialect}, now).issues++
}

// refusal counts a no: of an account, or of a stand's strangers.
func (u *usage) refusal(e Entry) {
	if u.to == nil {
		return
	}
	of := Use{Account: e.Account, Dialect: e.Dialect}
	if e.Account == 0 {
		of.Stand = e.Stand
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sum(of, e.Time).refusals++
}

// sum finds where uses of an hour add up; u.mu is held.
func (u *usage) sum(of Use, at time.Time) *usageSum {
	of.Hour = at.UTC().Truncate(time.Hour)
	s := u.known[of]
	if s == nil {
		s = &usageSum{}
		u.known[of] = s
	}
	return s
}

// take gives what was counted since the last time.
func (u *usage) take(now time.Time) []Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, m := range u.due {
		u.sum(m.use, now).calls += m.calls.Swap(0)
	}
	u.due = nil
	out := make([]Use, 0, len(u.known))
	for use, s := range u.known {
		use.Calls, use.Issues, use.Refusals = s.calls, s.issues, s.refusals
		out = append(out, use)
	}
	clear(u.known)
	return out
}

// usageEvery is how often uses are written, unless all is asked for.
const usageEvery = 5 * time.Second

// flush writes what was counted since the last time, in slices.
func (u *usage) flush(ctx context.Context, now time.Time, all bool) error {
	if !u.isDue(now, all) {
		return nil
	}
	uses := u.take(now)
	for len(uses) > 0 {
		n := min(len(uses), flushSlice)
		if err := u.to.AddUsage(ctx, uses[:n]); err != nil {
			u.putBack(uses)
			return err
		}
		uses = uses[n:]
	}
	return nil
}

func (u *usage) isDue(now time.Time, all bool) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	due := all || now.Sub(u.wrote) >= usageEvery || now.Before(u.wrote)
	if due {
		u.wrote = now
	}
	return due
}

// putBack keeps what could not be written for the next time.
func (u *usage) putBack(uses []Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, use := range uses {
		s := u.sum(Use{Account: use.Account, Stand: use.Stand, Principal: use.Principal, Credential: use.Credential, Dialect: use.Dialect}, use.Hour)
		s.calls += use.Calls
		s.issues += use.Issues
		s.refusals += use.Refusals
	}
}

// meterOf makes the meter of a verified token.
func meterOf(ids TokenIDs, dialect string) meter {
	return meter{use: Use{Account: ids.Account, Principal: cmp.Or(ids.Through, ids.Principal), Credential: ids.Credential, Dialect: dialect}}
}
