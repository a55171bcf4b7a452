package authority

import (
	"sync"
	"sync/atomic"
	"time"
)

// Position orders what is issued and what is revoked. It only grows, by one
// counter for the deployment; seconds are too coarse for that and clocks step.
type Position uint64

// Target is what an entry of the feed is about. Only the fields that its Scope
// needs are set: ScopeToken has ID (the grant), Generation and Kind;
// ScopeGeneration has ID and Generation; ScopeKey has Key; ScopeStand none;
// the others ID.
type Target struct {
	Scope      Scope
	ID         ID
	Generation uint32
	Kind       TokenKind
	Key        string
}

// FeedKind says what an entry does.
type FeedKind string

// The kinds of feed entry.
const (
	// Revoke refuses what was issued to the target before the entry.
	FeedRevoke FeedKind = "revoke"
	// Expired is Revoke for a token that was made to expire before its time.
	FeedExpired FeedKind = "expired"
	// Changed drops what is remembered of the target and refuses nothing.
	FeedChanged FeedKind = "changed"
)

// FeedEntry is one line of the append-only feed. Entries are applied in order
// of Position. Until is when nothing issued before the entry can be alive.
type FeedEntry struct {
	Position Position
	Stand    Stand
	Kind     FeedKind
	Target   Target
	Until    time.Time
}

// recentEntries bounds how far back a fill may have begun and still be kept.
const recentEntries = 4096

// Feed holds the revocations that can still matter, in memory, and the entries
// that came last. What is looked up on the hot path costs no I/O.
//
// Refused means: a matching revoke entry with a higher position than the
// token's own. Feed never evicts a live revocation. Safe for concurrent use.
type Feed struct {
	position atomic.Uint64
	version  atomic.Uint64 // moves with every entry taken in, late ones too

	mu      sync.RWMutex
	solid   Position             // guarded by mu; everything up to here has been applied
	revoked map[standTarget]mark // guarded by mu
	recent  []FeedEntry          // guarded by mu; ascending, at most 2*recentEntries
	drop    []func(FeedEntry)    // guarded by mu; told of each entry before position moves
}

type standTarget struct {
	stand  Stand
	target Target
}

type mark struct {
	position Position
	until    time.Time
	expired  bool // made to expire, not revoked
}

// NewFeed makes an empty Feed that has read up to position.
func NewFeed(position Position) *Feed {
	f := &Feed{revoked: make(map[standTarget]mark), solid: position}
	f.position.Store(uint64(position))
	return f
}

// Position is how far the feed has been applied here.
func (f *Feed) Position() Position { return Position(f.position.Load()) }

// Version moves whenever an entry is taken in: what was found alive at a version
// is alive as long as it stays.
func (f *Feed) Version() uint64 { return f.version.Load() }

// OnEntry registers fn to be told of each entry as it is applied. Register
// before the feed is used.
func (f *Feed) OnEntry(fn func(FeedEntry)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop = append(f.drop, fn)
}

// Apply takes entries in, in order. Entries at or below the position already
// applied are taken again without harm, so a re-read never revives anything.
func (f *Feed) Apply(entries []FeedEntry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range entries {
		f.applyLocked(e)
	}
}

func (f *Feed) applyLocked(e FeedEntry) {
	if e.Kind == FeedRevoke || e.Kind == FeedExpired {
		k := standTarget{e.Stand, e.Target}
		if m := f.revoked[k]; e.Position > m.position {
			f.revoked[k] = mark{e.Position, later(e.Until, m.until), e.Kind == FeedExpired}
		}
	}
	for _, fn := range f.drop {
		fn(e)
	}
	f.version.Add(1)
	if e.Position == f.solid+1 {
		f.solid = e.Position
	}
	if uint64(e.Position) <= f.position.Load() {
		return
	}
	f.recent = append(f.recent, e)
	if len(f.recent) >= 2*recentEntries {
		f.recent = append(f.recent[:0:0], f.recent[recentEntries:]...)
	}
	f.position.Store(uint64(e.Position))
}

// Solid is the position up to which no entry is missing here. It stays behind
// Position when a commit was reported failed and yet is on disk: what it wrote
// is then read from Solid on.
func (f *Feed) Solid() Position {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.solid
}

// CatchUp applies what was read from the store: all entries after Solid, up to
// head, that can still matter.
func (f *Feed) CatchUp(head Position, entries []FeedEntry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range entries {
		f.applyLocked(e)
	}
	f.solid = max(f.solid, head)
	if uint64(head) > f.position.Load() {
		f.recent = nil // entries between are gone: fills begun before must be discarded
		f.position.Store(uint64(head))
	}
}

// Forget drops revocations that no living token can match any more.
func (f *Feed) Forget(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, m := range f.revoked {
		if !m.until.IsZero() && m.until.Before(now) {
			delete(f.revoked, k)
		}
	}
}

// Len is the number of revocations held.
func (f *Feed) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.revoked)
}

// Refuses reports whether an entry refuses the token that t identifies, and the
// widest scope that does.
func (f *Feed) Refuses(t TokenIDs) (Scope, bool) {
	scope, _, refused := f.find(t)
	return scope, refused
}

// refusal is Refuses as the audit's word; "" = not refused.
func (f *Feed) refusal(t TokenIDs) string {
	switch scope, m, refused := f.find(t); {
	case !refused:
		return ""
	case m.expired:
		return "expired"
	default:
		return string(scope) + "_revoked"
	}
}

func (f *Feed) find(t TokenIDs) (Scope, mark, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, target := range t.targets() {
		if m, ok := f.revoked[standTarget{t.Stand, target}]; ok && m.position > t.Position {
			return target.Scope, m, true
		}
	}
	return "", mark{}, false
}

// unchangedSince calls keep when no entry that touches target came after
// position, and reports whether it did. Entries are applied under the same
// lock, so what keep stores is dropped by whatever comes later.
func (f *Feed) unchangedSince(position Position, targets []Target, keep func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Position() != position && !f.recentSpareLocked(position, targets) {
		return false
	}
	keep()
	return true
}

// spares reports whether no entry after position touches targets, and the
// position up to which that holds.
func (f *Feed) spares(position Position, targets []Target) (Position, bool) {
	if now := f.Position(); now == position {
		return now, true
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.Position(), f.recentSpareLocked(position, targets)
}

// recentSpareLocked reports whether all entries after position are known and
// none touches targets.
func (f *Feed) recentSpareLocked(position Position, targets []Target) bool {
	known := false
	for i := len(f.recent) - 1; i >= 0; i-- {
		e := f.recent[i]
		if e.Position <= position {
			known = true
			break
		}
		for _, t := range targets {
			if t == e.Target || e.Target.Scope == ScopeStand {
				return false
			}
		}
		// Positions have no gaps: the entry just behind position is enough.
		known = known || e.Position == position+1
	}
	return known
}

// TokenIDs is everything the feed can name of one token.
type TokenIDs struct {
	Stand      Stand
	Grant      ID
	Generation uint32
	Kind       TokenKind
	Credential ID
	Principal  ID
	Through    ID // principal whose credential it came from, where that is another
	Account    ID
	Key        string // kid of the key that signed it; "" for opaque tokens
	Epoch      uint64
	Position   Position
}

// targets lists what could refuse the token, widest scope first.
func (t TokenIDs) targets() [9]Target {
	through := Target{Scope: ScopePrincipal, ID: t.Principal}
	if t.Through != 0 {
		through.ID = t.Through
	}
	return [9]Target{
		{Scope: ScopeStand},
		{Scope: ScopeAccount, ID: t.Account},
		{Scope: ScopePrincipal, ID: t.Principal},
		through,
		{Scope: ScopeCredential, ID: t.Credential},
		{Scope: ScopeKey, Key: t.Key},
		{Scope: ScopeGrant, ID: t.Grant},
		{Scope: ScopeGeneration, ID: t.Grant, Generation: t.Generation},
		{Scope: ScopeToken, ID: t.Grant, Generation: t.Generation, Kind: t.Kind},
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// RefusesRefresh reports whether exactly this refresh token, or its generation,
// was revoked. What a grant hangs on is judged by its row (Rotation.Decide).
func (f *Feed) RefusesRefresh(stand Stand, grant ID, generation uint32) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	_, token := f.revoked[standTarget{stand, Target{
		Scope: ScopeToken, ID: grant, Generation: generation, Kind: RefreshToken,
	}}]
	_, all := f.revoked[standTarget{stand, Target{
		Scope: ScopeGeneration, ID: grant, Generation: generation,
	}}]
	return token || all
}
