package authority

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync/atomic"
	"time"

	"propusk/internal/spelling"
)

// rememberPair is how long a verified pair spares the password hash.
const rememberPair = 5 * time.Minute

// DoorBasic is the door of a pair whose dialect names none.
const DoorBasic = "basic"

// pairs remembers logins and passwords that proved right, in memory only. The
// key is a hash, under a key of this process, of everything that was judged,
// each part with its length before it: pairs that join to the same text are two
// pairs. The address is part of it, so that whoever may guess no more from one
// address gains nothing from what its owner showed at another.
type pairs struct {
	*memory[pairKey, *knownPair]

	secret [sha256.Size]byte
}

type pairKey [sha256.Size]byte

// knownPair is a pair as it was when it proved right.
type knownPair struct {
	standing Standing
	state    *callerState
	touched  atomic.Int64 // unix seconds of the last mark
	meter    meter
}

func newPairs(feed *Feed, size int) (*pairs, error) {
	m, err := newMemory[pairKey, *knownPair](feed, size)
	p := &pairs{memory: m}
	_, _ = rand.Read(p.secret[:]) // never fails: crypto/rand ends the program instead
	return p, err
}

func (m *pairs) key(o Origin, p Presented) (k pairKey) {
	h := hmac.New(sha256.New, m.secret[:])
	for _, part := range [...]string{string(o.Stand), o.Dialect, addressText(o), spelling.Fold(p.Login), p.Secret.Reveal()} {
		writePart(h, part)
	}
	h.Sum(k[:0])
	return k
}

func writePart(h hash.Hash, part string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(part)))
	_, _ = h.Write(size[:]) // hashes never fail
	_, _ = h.Write([]byte(part))
}

// basic lets the owner of a login and secret in, on any call of a dialect that
// takes such pairs. InvalidClient for everything that is refused, all alike.
func (a *Authority) basic(ctx context.Context, o Origin, p Presented) (Caller, error) {
	profile, err := a.profile(o.Dialect)
	if err != nil {
		return Caller{}, err
	}
	if len(profile.Basic) == 0 {
		return Caller{}, a.refuse(o, VerbAuthenticate, badToken(), refusal{reason: "scheme_not_taken"})
	}
	o.Door = cmp.Or(p.Door, o.Door, DoorBasic)
	k, now := a.pairs.key(o, p), a.now()
	known, ok := a.pairs.find(k, now)
	if !ok || a.standingRefusal(o, known.standing) != "" {
		if known, err = a.provePair(ctx, profile, o, p); err != nil {
			return Caller{}, err
		}
	}
	a.touchPair(profile, o, known, now)
	return Caller{state: known.state, origin: o, cred: known.standing.Credential.ID}, nil
}

// provePair compares for the first time, within the limit on refused attempts.
func (a *Authority) provePair(ctx context.Context, profile Profile, o Origin, p Presented) (*knownPair, error) {
	at := Attempt{Origin: o, Client: string(profile.Basic[0]) + "/" + spelling.Fold(p.Login), Proof: p.Secret}
	k := a.pairs.key(o, p)
	var known *knownPair
	err := a.attempt(ctx, VerbAuthenticate, at, func() error {
		var ok bool
		if known, ok = a.pairs.find(k, a.now()); ok && a.standingRefusal(o, known.standing) == "" {
			return nil // proved while this one waited for its place
		}
		position := a.feed.Position()
		s, reason, err := a.comparePair(ctx, profile, o, p)
		if err != nil {
			return err
		}
		if reason != "" {
			return a.refuse(o, VerbAuthenticate, wrongPair(), refusal{reason: reason, standing: s})
		}
		known = &knownPair{standing: s, state: newCallerState(s), meter: meter{use: Use{
			Account: s.Account.ID, Principal: s.Principal.ID, Credential: s.Credential.ID, Dialect: o.Dialect,
		}}}
		a.pairs.keep(k, known, position, a.now().Add(rememberPair), s.targets()...)
		a.notePair(o, s)
		return nil
	})
	return known, err
}

// comparePair tries the kinds that the dialect takes; the first that matches
// says who it is.
func (a *Authority) comparePair(ctx context.Context, profile Profile, o Origin, p Presented) (s Standing, reason string, err error) {
	for _, kind := range profile.Basic {
		s, reason, err = a.compare(ctx, o, presentedSecret{kind, p.Login, p.Secret})
		if err != nil || reason == "" {
			return s, reason, err
		}
	}
	return s, reason, nil
}

// notePair leaves the entry of a sign-in; what is remembered afterwards leaves
// none.
func (a *Authority) notePair(o Origin, s Standing) {
	a.refusals.add(Entry{
		Time: a.now(), Stand: o.Stand, Account: s.Account.ID, Actor: s.Principal.ID,
		Credential: s.Credential.ID, Dialect: o.Dialect, Door: o.Door, Address: o.Address,
		RequestID: o.RequestID, Verb: VerbAuthenticate, Outcome: Done, Count: 1,
	})
	a.count(Count{o.Dialect, VerbAuthenticate, Done})
}

// touchPair notes the use, of a weak door each time.
func (a *Authority) touchPair(profile Profile, o Origin, known *knownPair, now time.Time) {
	a.doors.note(profile, o, known.standing, now)
	a.usage.call(&known.meter)
	last := known.touched.Load()
	if now.Unix()-last < int64(touchEvery/time.Second) || !known.touched.CompareAndSwap(last, now.Unix()) {
		return
	}
	a.touches.credential(known.standing.Credential.ID, now, addressText(o))
}

func wrongPair() *Error { return E(InvalidClient, "wrong login or password") }
