package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a Ring works with.
type Config struct {
	Store  Store
	Sealer *Sealer          // of PurposeKeys
	Specs  []Spec           // keys that must exist; repeated ones count once
	Now    func() time.Time // nil = time.Now
	// Later leaves missing keys that take long to make to Complete, so that Open
	// returns at once; Await waits for them.
	Later bool
}

// Ring holds every key of every stand in memory. Readers see one snapshot and
// never wait; changes go through the Store first. Safe for concurrent use.
type Ring struct {
	store  Store
	sealer *Sealer
	specs  map[slot]Spec
	now    func() time.Time

	change  sync.Mutex // held while the snapshot is replaced
	current atomic.Pointer[snapshot]
}

// Open reads all keys and makes the active ones that Specs ask for and that are
// missing, in parallel. It fails when a key does not open under the Sealer.
func Open(ctx context.Context, c Config) (*Ring, error) {
	specs, err := specTable(c.Specs)
	if err != nil {
		return nil, err
	}
	if c.Store == nil || c.Sealer == nil {
		return nil, errors.New("keys: a ring needs a store and a sealer")
	}
	r := &Ring{store: c.Store, sealer: c.Sealer, specs: specs, now: c.Now}
	if r.now == nil {
		r.now = time.Now
	}
	r.change.Lock()
	defer r.change.Unlock()
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	return r, r.ensure(ctx, c.Later)
}

// Complete makes the keys that Open left for later; nothing when none is
// missing. Meanwhile keys are read and used, but not changed.
func (r *Ring) Complete(ctx context.Context) error {
	if missing, err := r.missing(false); err != nil || len(missing) == 0 {
		return err
	}
	r.change.Lock()
	defer r.change.Unlock()
	return r.ensure(ctx, false)
}

func specTable(specs []Spec) (map[slot]Spec, error) {
	table := make(map[slot]Spec, len(specs))
	for _, s := range specs {
		at := slot{s.Stand, s.Use}
		if s.Stand == "" || s.Use == "" {
			return nil, errors.New("keys: a spec without stand or use")
		}
		if known, ok := table[at]; ok && known != s {
			return nil, fmt.Errorf("keys: two different specs for (%s)", at)
		}
		table[at] = s
	}
	return table, nil
}

// Reload reads the keys again, after another node or a command changed them.
func (r *Ring) Reload(ctx context.Context) error {
	r.change.Lock()
	defer r.change.Unlock()
	return r.load(ctx)
}

// load replaces the snapshot. r.change is held, so an older reading can never
// replace a newer one.
func (r *Ring) load(ctx context.Context) error {
	records, err := r.store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("keys: read: %w", err)
	}
	s, err := newSnapshot(records, r.sealer, r.current.Load())
	if err != nil {
		return err
	}
	if old := r.current.Swap(s); old != nil {
		close(old.replaced)
	}
	return nil
}

// Active gives the id of the key that signs now for stand and use.
func (r *Ring) Active(stand, use string) (keyID string, err error) {
	k := r.current.Load().in(slot{stand, use}, Active)
	if k == nil {
		return "", fmt.Errorf("%w: (%s, %s) has no active key", ErrUnknownKey, stand, use)
	}
	return k.ID, nil
}

// Await is Active that waits, until ctx ends, for a key that a Spec asks for and
// that is still being made.
func (r *Ring) Await(ctx context.Context, stand, use string) (keyID string, err error) {
	for {
		replaced := r.current.Load().replaced
		keyID, err = r.Active(stand, use)
		if _, asked := r.specs[slot{stand, use}]; err == nil || !asked {
			return keyID, err
		}
		select {
		case <-replaced:
		case <-ctx.Done():
			return "", fmt.Errorf("%w: %w", err, ctx.Err())
		}
	}
}

// ActiveVersion is Active for symmetric material: the version to make new
// things with.
func (r *Ring) ActiveVersion(stand, use string) (int, error) {
	k := r.current.Load().in(slot{stand, use}, Active)
	if k == nil {
		return 0, fmt.Errorf("%w: (%s, %s) has no active key", ErrUnknownKey, stand, use)
	}
	return k.Version, nil
}

// Versions lists the versions that something may have been made with: the
// active one first, then the former ones from new to old. A next key, with
// which nothing was made here, is not listed.
func (r *Ring) Versions(stand, use string) []int {
	var versions []int
	now := r.now()
	for _, k := range r.current.Load().slots[slot{stand, use}] {
		switch {
		case k.State == Active:
			versions = slices.Insert(versions, 0, k.Version)
		case k.State != Next && k.live(now):
			versions = append(versions, k.Version)
		}
	}
	return versions
}

// Records lists all keys without their sealed material, for people to look at:
// by stand and use, newest first.
func (r *Ring) Records() []Record {
	var out []Record
	for _, k := range r.current.Load().keys {
		record := k.clone()
		record.Sealed = nil
		out = append(out, record)
	}
	slices.SortFunc(out, compareRecords)
	return out
}

// Sign gives the compact JWS of claims, a JSON object, under the active or a
// former key. The same arguments always give the same text. It refuses claims
// that Verify would refuse, and with ErrUnknownKey every other key.
func (r *Ring) Sign(keyID string, h Header, claims []byte) (string, error) {
	k := r.current.Load().keys[keyID]
	if k == nil || k.signer == nil || k.State == Next || !k.live(r.now()) {
		return "", fmt.Errorf("%w: %q does not sign", ErrUnknownKey, keyID)
	}
	return k.signText(h.Typ, claims)
}

// Verify proves that text was signed by a live key of stand and one of uses.
// kid chooses among those keys only; alg, whatever it says, chooses nothing.
// There is one spelling of every token: rule 15. All refusals are ErrInvalid.
func (r *Ring) Verify(stand string, uses []string, text string) (Verified, error) {
	s, now := r.current.Load(), r.now()
	k, h, payload, err := verifyText(text, s.headers, func(kid string) *key {
		k := s.keys[kid]
		if k == nil || k.Stand != stand || !slices.Contains(uses, k.Use) || !k.live(now) {
			return nil
		}
		return k
	})
	if err != nil {
		return Verified{}, err
	}
	if err := checkObject(payload, nil); err != nil {
		return Verified{}, err
	}
	return Verified{KeyID: k.ID, Use: k.Use, Typ: h.Typ, Payload: payload}, nil
}
