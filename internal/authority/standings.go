package authority

import (
	"context"
	"crypto/sha256"
	"time"
)

// standings remembers what a right secret stood for, so that a busy client costs
// no read. Only what matched is remembered, under a keyed hash of the whole of
// what was presented: a hit is a comparison. Passwords are not among them (see
// pairs). The transaction that issues judges the rows once more.
type standings = memory[standingKey, Standing]

type standingKey [sha256.Size]byte

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
	if s, found := a.standings.find(key, time.Time{}); found && a.standingRefusal(o, s) == "" {
		return s, "", nil
	}
	position := a.feed.Position()
	s, reason, err := a.compare(ctx, o, p)
	if err == nil && reason == "" {
		a.standings.keep(key, s, position, time.Time{}, s.targets()...)
	}
	return s, reason, err
}

// forgetStanding drops what is remembered of a secret that the rows refuse.
func (a *Authority) forgetStanding(stand Stand, p presentedSecret) {
	if key, ok := a.standingKey(stand, p); ok {
		a.standings.drop(key)
	}
}
