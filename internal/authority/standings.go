package authority

import (
	"context"
	"crypto/sha256"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// standings remembers what a right secret stood for, so that a busy client costs
// no read. Only what matched is remembered, under a keyed hash of the whole of
// what was presented: a hit is a comparison. Passwords are never remembered.
//
// Nothing is invalidated: each remembered standing carries the feed position up
// to which nothing has touched it, and every use looks at what came since. The
// transaction that issues judges the rows once more.
type standings struct {
	feed  *Feed
	known *otter.Cache[standingKey, *rememberedStanding]
}

type standingKey [sha256.Size]byte

// rememberedStanding is shared and, but for its position, never changed.
type rememberedStanding struct {
	standing Standing
	targets  [3]Target
	position atomic.Uint64
}

func newStandings(feed *Feed, size int) (*standings, error) {
	known, err := otter.New(&otter.Options[standingKey, *rememberedStanding]{MaximumSize: size})
	return &standings{feed, known}, err
}

// find gives the standing under k if it is still what the rows say.
func (m *standings) find(k standingKey) (Standing, bool) {
	r, ok := m.known.GetIfPresent(k)
	if !ok {
		return Standing{}, false
	}
	seen := Position(r.position.Load())
	now, spared := m.feed.spares(seen, r.targets[:])
	if !spared {
		m.known.Invalidate(k)
		return Standing{}, false
	}
	if now != seen {
		r.position.Store(uint64(now)) // a lower one stored late only costs a look
	}
	return r.standing, true
}

// keep remembers s, which was read after the feed stood at position.
func (m *standings) keep(k standingKey, position Position, s Standing) {
	r := &rememberedStanding{standing: s, targets: [3]Target{
		{Scope: ScopeCredential, ID: s.Credential.ID},
		{Scope: ScopePrincipal, ID: s.Principal.ID},
		{Scope: ScopeAccount, ID: s.Account.ID},
	}}
	r.position.Store(uint64(position))
	m.known.Set(k, r)
}

func (m *standings) drop(k standingKey) { m.known.Invalidate(k) }

// standingKey hashes what was presented; false for what is not remembered.
func (a *Authority) standingKey(stand Stand, p presentedSecret) (standingKey, bool) {
	if p.kind == Password {
		return standingKey{}, false
	}
	sum, err := a.writer.ring.Digest(string(stand), a.newestPepper(stand),
		[]byte("standing"), []byte(p.kind), []byte(p.clientID), []byte(p.secret.Reveal()))
	return sum, err == nil
}

// compareKnown is compare, from memory where the same was presented before and
// nothing has touched it. What memory would refuse is judged by the rows.
func (a *Authority) compareKnown(ctx context.Context, o Origin, p presentedSecret) (Standing, string, error) {
	key, ok := a.standingKey(o.Stand, p)
	if !ok {
		return a.compare(ctx, o, p)
	}
	if s, found := a.standings.find(key); found && a.standingRefusal(o, s) == "" {
		return s, "", nil
	}
	position := a.feed.Position()
	s, reason, err := a.compare(ctx, o, p)
	if err == nil && reason == "" {
		a.standings.keep(key, position, s)
	}
	return s, reason, err
}

// forgetStanding drops what is remembered of a secret that the rows refuse.
func (a *Authority) forgetStanding(stand Stand, p presentedSecret) {
	if key, ok := a.standingKey(stand, p); ok {
		a.standings.drop(key)
	}
}
