package limit

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"net/netip"
	"sync"
	"time"

	"propusk/internal/authority"
)

// Attempts counts refused sign-ins and token requests (rule 18). Before the
// work is done an attempt takes a place beside the refused ones, so that 200 at
// once do not all pass the check before the first is refused; those that find
// no place wait until a place is free or the limit is reached. Only refusals
// stay counted. Safe for concurrent use.
type Attempts struct {
	perPair   int
	perClient int
	window    time.Duration
	now       func() time.Time
	secret    [32]byte  // keys are digests under it: no login or secret is kept
	hashes    sync.Pool // of hash.Hash that have met secret

	mu    sync.Mutex
	pairs *bounded[digest, *tally] // client and address
	whole *bounded[digest, *tally] // client
}

// digest stands for a text that must not be kept.
type digest [16]byte

// tally is what is known of one key.
type tally struct {
	refused []time.Time   // oldest first, inside the window
	running int           // attempts with a place that are being decided now
	good    digest        // what was shown when it last succeeded; zero = never
	settled chan struct{} // closed when an attempt is decided; nil while nobody waits
}

// AttemptsConfig holds the limits. Zero values mean the defaults of rule 18.
type AttemptsConfig struct {
	PerPair   int              // refused in Window per client and address; 0 = 10
	PerClient int              // refused in Window per client; 0 = 100
	Window    time.Duration    // 0 = 5 minutes
	Keys      int              // most keys remembered; 0 = 100,000
	Now       func() time.Time // nil = time.Now; must be monotonic
}

// NewAttempts makes an empty counter.
func NewAttempts(c AttemptsConfig) *Attempts {
	a := &Attempts{perPair: c.PerPair, perClient: c.PerClient, window: c.Window, now: c.Now}
	if a.perPair == 0 {
		a.perPair = 10
	}
	if a.perClient == 0 {
		a.perClient = 100
	}
	if a.window == 0 {
		a.window = 5 * time.Minute
	}
	if a.now == nil {
		a.now = time.Now
	}
	if c.Keys == 0 {
		c.Keys = 100_000
	}
	_, _ = rand.Read(a.secret[:]) // never fails: crypto/rand ends the program instead
	a.pairs, a.whole = newTallies(c.Keys), newTallies(c.Keys)
	return a
}

func newTallies(most int) *bounded[digest, *tally] {
	b := newBounded[digest, *tally](most)
	b.keep = func(t *tally) bool { return t.running > 0 }
	return b
}

// Do runs try, unless too many before it were refused: then it gives
// LimitExceeded without running it. It counts try as refused when that gives
// InvalidClient, InvalidGrant, InvalidToken or Unauthenticated; nil clears the
// count of this client at this address; other errors count as nothing.
func (a *Attempts) Do(ctx context.Context, at authority.Attempt, try func() error) error {
	t := a.ticket(at)
	if err := a.begin(ctx, t); err != nil {
		return err
	}
	outcome := authority.Internal // what a panic in try counts as
	defer func() { a.end(t, outcome) }()
	err := try()
	outcome = authority.CodeOf(err)
	return err
}

// ticket is an attempt as it is counted: keyed digests only.
type ticket struct {
	pair, whole, proof digest
	placed             bool // holds a place in both tallies
}

// begin takes a place, waiting while the free places are taken by attempts
// that are not decided yet.
func (a *Attempts) begin(ctx context.Context, t *ticket) error {
	for {
		wait, err := a.tryBegin(t)
		if err != nil || wait == nil {
			return err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return authority.Wrap(authority.Unavailable, "the request was given up", ctx.Err())
		}
	}
}

func (a *Attempts) tryBegin(t *ticket) (wait <-chan struct{}, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, w := a.tallyOf(a.pairs, t.pair), a.tallyOf(a.whole, t.whole)
	if err := a.over(p, a.perPair); err != nil {
		return nil, err
	}
	if err := a.over(w, a.perClient); err != nil {
		return nil, err
	}
	// Who shows again what was right a moment ago does not guess: such
	// attempts need no place, so a busy client is never slowed down.
	if p.good == t.proof && t.proof != (digest{}) {
		return nil, nil
	}
	if len(p.refused)+p.running >= a.perPair {
		return p.wait(), nil
	}
	if len(w.refused)+w.running >= a.perClient {
		return w.wait(), nil
	}
	p.running++
	w.running++
	t.placed = true
	return nil, nil
}

// over gives the refusal of a key that has used up its limit.
func (a *Attempts) over(t *tally, limit int) error {
	if len(t.refused) < limit {
		return nil
	}
	err := authority.E(authority.LimitExceeded, "too many refused attempts")
	err.RetryAfter = t.refused[len(t.refused)-limit].Add(a.window).Sub(a.now())
	return err
}

// tallyOf finds the tally of key and drops what has left the window.
func (a *Attempts) tallyOf(in *bounded[digest, *tally], key digest) *tally {
	t := in.get(key, func() *tally { return &tally{} })
	edge := a.now().Add(-a.window)
	for len(t.refused) > 0 && !t.refused[0].After(edge) {
		t.refused = t.refused[1:]
	}
	return t
}

func (a *Attempts) end(t *ticket, outcome authority.Code) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, w := a.tallyOf(a.pairs, t.pair), a.tallyOf(a.whole, t.whole)
	switch outcome {
	case "":
		p.refused, p.good = nil, t.proof
	case authority.InvalidClient, authority.InvalidGrant, authority.InvalidToken, authority.Unauthenticated:
		now := a.now()
		p.refused, w.refused = append(p.refused, now), append(w.refused, now)
		p.good = digest{}
	default: // says nothing about the secret
	}
	p.settle(t.placed)
	w.settle(t.placed)
}

// wait gives what is closed when the next attempt is decided.
func (t *tally) wait() <-chan struct{} {
	if t.settled == nil {
		t.settled = make(chan struct{})
	}
	return t.settled
}

// settle ends one attempt and wakes those who wait.
func (t *tally) settle(placed bool) {
	if placed {
		t.running--
	}
	if t.settled != nil {
		close(t.settled)
		t.settled = nil
	}
}

// ticket gives what the attempt is counted under. Dialect and door are no part
// of it: a login that is refused at one door gets no fresh tries at the next.
func (a *Attempts) ticket(at authority.Attempt) *ticket {
	o := at.Origin
	client := []string{string(o.Stand), at.Client}
	t := &ticket{whole: a.digest(client...), pair: a.digest(append(client, network(o.Address))...)}
	if !at.Proof.Empty() {
		t.proof = a.digest(at.Proof.Reveal())
	}
	return t
}

// digest is a keyed hash over length-prefixed parts.
func (a *Attempts) digest(parts ...string) (d digest) {
	h, ok := a.hashes.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, a.secret[:])
	}
	defer a.hashes.Put(h)
	h.Reset()
	var room [256]byte
	text := room[:0]
	for _, p := range parts {
		text = binary.BigEndian.AppendUint64(text, uint64(len(p)))
		text = append(text, p...)
	}
	h.Write(text)
	copy(d[:], h.Sum(room[:0]))
	return d
}

// network is the address that attempts count against: an IPv6 client owns its
// whole /64.
func network(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.Unmap().String()
}
