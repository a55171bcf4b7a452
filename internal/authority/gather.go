package authority

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

const (
	singleEntries = 60     // default of Config.Entries
	maxGathered   = 10_000 // kinds kept apart; a wider flood shares one line
	flushEvery    = time.Second
)

// refusal is what the audit should know of a no; none of it reaches the client.
type refusal struct {
	reason   string
	standing Standing
	grant    ID
	ids      TokenIDs
}

// refuse notes why a request was refused and gives back err, the public answer.
func (a *Authority) refuse(o Origin, verb string, err error, r refusal) error {
	e := Entry{
		Time: a.now(), Stand: o.Stand, Account: r.standing.Account.ID, Actor: r.standing.Principal.ID,
		Credential: r.standing.Credential.ID, Grant: r.grant, Dialect: o.Dialect, Door: o.Door,
		Address: o.Address, RequestID: o.RequestID, Verb: verb, Outcome: Refused,
		Reason: r.reason, Count: 1,
	}
	if r.ids.Grant != 0 {
		e.Account, e.Actor, e.Credential, e.Grant = r.ids.Account, r.ids.Principal, r.ids.Credential, r.ids.Grant
	}
	a.refusals.add(e)
	a.usage.refusal(e)
	a.count(Count{o.Dialect, verb, Refused})
	return err
}

// Refuse notes a refusal that was decided outside the core, such as a missing
// permission. A zero Time is now.
func (a *Authority) Refuse(e Entry) {
	if e.Time.IsZero() {
		e.Time = a.now()
	}
	e.Outcome, e.Count = Refused, 1
	a.refusals.add(e)
	a.usage.refusal(e)
	a.count(Count{e.Dialect, e.Verb, Refused})
}

// refusalKind is what makes two refusals alike enough to share a line.
type refusalKind struct {
	stand      Stand
	account    ID
	credential ID
	dialect    string
	verb       string
	reason     string
	address    netip.Addr
}

type tally struct {
	minute int64
	lines  int   // lines of their own in this minute
	rest   Entry // gathered beyond them; Count 0 = none
}

// gatherer collects refusals so that no flood fills the disk. Safe for
// concurrent use.
type gatherer struct {
	single  int // lines of their own a minute
	mu      sync.Mutex
	tallies map[refusalKind]*tally // guarded by mu
	lines   []Entry                // guarded by mu
}

func newGatherer(single int) *gatherer {
	return &gatherer{single: single, tallies: make(map[refusalKind]*tally)}
}

func (g *gatherer) add(e Entry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := refusalKind{e.Stand, e.Account, e.Credential, e.Dialect, e.Verb, e.Reason, e.Address}
	t := g.tallies[k]
	if t == nil {
		if len(g.tallies) >= maxGathered {
			k = refusalKind{stand: e.Stand, dialect: e.Dialect, verb: e.Verb, reason: e.Reason}
		}
		if t = g.tallies[k]; t == nil {
			t = &tally{}
			g.tallies[k] = t
		}
	}
	if minute := e.Time.Unix() / 60; t.minute != minute {
		g.closeLocked(t)
		t.minute, t.lines = minute, 0
	}
	if t.lines < g.single {
		t.lines++
		g.lines = append(g.lines, e)
		return
	}
	if t.rest.Count > 0 && t.rest.Object != e.Object {
		e.Object = "" // the line stands for several
	}
	e.Count = t.rest.Count + 1
	t.rest = e
}

func (g *gatherer) closeLocked(t *tally) {
	if t.rest.Count > 0 {
		g.lines = append(g.lines, t.rest)
		t.rest = Entry{}
	}
}

// take gives what should be written now: lines of their own at once, gathered
// ones when their minute is over or all is set.
func (g *gatherer) take(now time.Time, all bool) []Entry {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, t := range g.tallies {
		if all || t.minute != now.Unix()/60 {
			g.closeLocked(t)
			delete(g.tallies, k)
		}
	}
	lines := g.lines
	g.lines = nil
	return lines
}

// putBack keeps what could not be written for the next time; past a bound the
// newest go, so that a long outage does not fill the memory.
func (g *gatherer) putBack(entries []Entry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(entries, g.lines...)
	if len(g.lines) > maxGathered {
		g.lines = g.lines[:maxGathered]
	}
}

// Run writes refusals and last-used marks until ctx ends, then once more.
func (a *Authority) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			_ = a.flush(last, true) // logged
			return
		case <-tick.C:
			_ = a.flush(ctx, false) // logged, and tried again with the next
			a.feed.Forget(a.now())
		}
	}
}

// Flush writes what is gathered now.
func (a *Authority) Flush(ctx context.Context) error { return a.flush(ctx, true) }

// flushSlice keeps one transaction of entries short.
const flushSlice = 200

func (a *Authority) flush(ctx context.Context, all bool) error {
	var errs []error
	entries := a.refusals.take(a.now(), all)
	for len(entries) > 0 {
		n := min(len(entries), flushSlice)
		if err := a.ports.Auditor.WriteAudit(ctx, entries[:n]); err != nil {
			a.refusals.putBack(entries)
			errs = append(errs, err)
			break
		}
		entries = entries[n:]
	}
	if marks := a.touches.take(); len(marks) > 0 {
		errs = append(errs, a.ports.Grants.Touch(ctx, marks))
	}
	err := errors.Join(append(errs, a.flushDoors(ctx), a.usage.flush(ctx, a.now(), all))...)
	if err != nil {
		a.log.ErrorContext(ctx, "audit and last-used marks were not written", "error", err)
	}
	return err
}

// routine counts issues and refreshes per credential or grant, so that those
// past 60 a minute share a line.
type routine struct {
	single int // lines of their own a minute
	mu     sync.Mutex
	minute int64               // guarded by mu
	counts map[routineKind]int // guarded by mu; of this minute
}

type routineKind struct {
	id   ID
	verb string
}

func newRoutine(single int) *routine {
	return &routine{single: single, counts: make(map[routineKind]int)}
}

// gather gives the key to count under, or "" for a line of its own.
func (r *routine) gather(now time.Time, id ID, verb string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if minute := now.Unix() / 60; minute != r.minute {
		r.minute = minute
		clear(r.counts)
	}
	k := routineKind{id, verb}
	r.counts[k]++
	if r.counts[k] <= r.single {
		return ""
	}
	return verb + "/" + strconv.FormatInt(int64(id), 10) + "/" + strconv.FormatInt(r.minute, 10)
}

func (a *Authority) routineEntry(o Origin, verb string, s Standing, grant ID) Entry {
	now := a.now()
	return Entry{
		Time: now, Stand: o.Stand, Account: s.Account.ID, Actor: s.Principal.ID,
		Credential: s.Credential.ID, Grant: grant, Dialect: o.Dialect, Door: o.Door,
		Address: o.Address, RequestID: o.RequestID, Verb: verb, Object: "grant/" + encodeGrant(grant),
		Outcome: Done, Count: 1, Gather: a.routine.gather(now, s.Credential.ID, verb),
	}
}

// refreshEntry is completed by the store with what the grant's row knows.
func (a *Authority) refreshEntry(o Origin, grant ID) Entry {
	e := a.routineEntry(o, VerbRefresh, Standing{}, grant)
	e.Gather = a.routine.gather(a.now(), grant, VerbRefresh)
	return e
}
