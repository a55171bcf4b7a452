package keys

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Prepare makes and publishes the next key of stand and use, unless there is
// one. Do it JWKSMaxAge before Rotate.
func (r *Ring) Prepare(ctx context.Context, stand, use string) (keyID string, err error) {
	r.change.Lock()
	defer r.change.Unlock()
	if err := r.load(ctx); err != nil {
		return "", err
	}
	k, err := r.prepare(ctx, slot{stand, use})
	if err != nil {
		return "", err
	}
	return k.ID, nil
}

func (r *Ring) prepare(ctx context.Context, at slot) (*key, error) {
	spec, ok := r.specs[at]
	if !ok {
		return nil, fmt.Errorf("%w: nothing asks for (%s)", ErrUnknownKey, at)
	}
	if k := r.current.Load().in(at, Next); k != nil {
		return k, nil
	}
	record, err := r.newRecord(spec, Next)
	if err != nil {
		return nil, err
	}
	if err := r.store.AddKey(ctx, record); err != nil {
		return nil, fmt.Errorf("keys: add (%s): %w", at, err)
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	return r.current.Load().keys[record.ID], nil
}

// PrepareAll is Prepare for every key that a JWKS publishes and that has no next
// one. It may take long: an RSA key costs a good part of a second.
func (r *Ring) PrepareAll(ctx context.Context) error {
	var errs []error
	for at, spec := range r.specs {
		if !spec.Algorithm.Published() || r.current.Load().in(at, Next) != nil {
			continue
		}
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		_, err := r.Prepare(ctx, at.stand, at.use)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Rotate makes the next key of stand and use (a fresh one where Prepare made
// none) the active one. The key that was active verifies before retires, which
// is when the last thing made with it ends. ErrConflict: another writer was
// first; nothing changed.
func (r *Ring) Rotate(ctx context.Context, stand, use string, retires time.Time) (keyID string, err error) {
	r.change.Lock()
	defer r.change.Unlock()
	if err := r.load(ctx); err != nil {
		return "", err
	}
	at := slot{stand, use}
	next, err := r.prepare(ctx, at)
	if err != nil {
		return "", err
	}
	moves := []Transition{{ID: next.ID, From: Next, To: Active}}
	if k := r.current.Load().in(at, Active); k != nil {
		demote := Transition{ID: k.ID, From: Active, To: Former, Retires: retires}
		moves = []Transition{demote, moves[0]} // never two active, not even inside
	}
	return next.ID, r.move(ctx, moves...)
}

// Retire ends a next or a former key before its time. An active one must be
// rotated first.
func (r *Ring) Retire(ctx context.Context, keyID string) error {
	r.change.Lock()
	defer r.change.Unlock()
	k, err := r.fresh(ctx, keyID)
	if err != nil {
		return err
	}
	switch k.State {
	case Retired, Revoked:
		return nil
	case Active:
		return fmt.Errorf("keys: key %s is active: rotate (%s) first", keyID, k.slot())
	default:
		return r.move(ctx, Transition{ID: keyID, From: k.State, To: Retired})
	}
}

// RetireExpired marks the former keys whose time has come. They already verify
// nothing; this lets their material be forgotten.
func (r *Ring) RetireExpired(ctx context.Context) error {
	r.change.Lock()
	defer r.change.Unlock()
	if err := r.load(ctx); err != nil {
		return err
	}
	var moves []Transition
	now := r.now()
	for _, k := range r.current.Load().keys {
		if k.State == Former && !k.live(now) {
			moves = append(moves, Transition{ID: k.ID, From: Former, To: Retired})
		}
	}
	if len(moves) == 0 {
		return nil
	}
	return r.move(ctx, moves...)
}

// MarkCompromised ends a key at once, whatever its state. If it was active, the
// next key takes its place in the same moment, or a fresh one right after: an
// error that comes from making that one leaves the key revoked all the same.
func (r *Ring) MarkCompromised(ctx context.Context, keyID string) error {
	r.change.Lock()
	defer r.change.Unlock()
	k, err := r.fresh(ctx, keyID)
	if err != nil || k.State == Revoked {
		return err
	}
	moves := []Transition{{ID: keyID, From: k.State, To: Revoked}}
	if next := r.current.Load().in(k.slot(), Next); next != nil && k.State == Active {
		moves = append(moves, Transition{ID: next.ID, From: Next, To: Active})
	}
	if err := r.move(ctx, moves...); err != nil {
		return err
	}
	return r.ensure(ctx, false)
}

// fresh gives the key as the store has it now.
func (r *Ring) fresh(ctx context.Context, keyID string) (*key, error) {
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	k := r.current.Load().keys[keyID]
	if k == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownKey, keyID)
	}
	return k, nil
}

func (r *Ring) move(ctx context.Context, moves ...Transition) error {
	if err := r.store.MoveKeys(ctx, moves); err != nil {
		return fmt.Errorf("keys: change state: %w", err)
	}
	return r.load(ctx)
}

// ensureTries bounds how often ensure starts again because another node was
// first.
const ensureTries = 3

// ensure sees to it that every spec has an active key of its algorithm; quick
// leaves out those that take long to make.
func (r *Ring) ensure(ctx context.Context, quick bool) error {
	for try := 1; ; try++ {
		err := r.makeMissing(ctx, quick)
		if errors.Is(err, ErrConflict) && try < ensureTries {
			err = nil
		}
		if err := errors.Join(err, r.load(ctx)); err != nil {
			return err
		}
		missing, err := r.missing(quick)
		if err != nil || len(missing) == 0 {
			return err
		}
		if try == ensureTries {
			return fmt.Errorf("%w: no active key after %d tries", ErrConflict, try)
		}
	}
}

// slow reports whether making a key of a takes a good part of a second.
func slow(a Algorithm) bool { return a == RS256 || a == RS512 }

// missing lists the specs without an active key; quick leaves out those that
// take long to make.
func (r *Ring) missing(quick bool) ([]Spec, error) {
	var missing []Spec
	s := r.current.Load()
	for at, spec := range r.specs {
		k := s.in(at, Active)
		if k == nil {
			if !quick || !slow(spec.Algorithm) {
				missing = append(missing, spec)
			}
		} else if k.Algorithm != spec.Algorithm {
			return nil, fmt.Errorf("keys: (%s) is set to %s, but its active key %s is for %s: a use keeps its algorithm",
				at, spec.Algorithm, k.ID, k.Algorithm)
		}
	}
	return missing, nil
}

func (r *Ring) makeMissing(ctx context.Context, quick bool) error {
	missing, err := r.missing(quick)
	if err != nil {
		return err
	}
	var fresh []Spec
	for _, spec := range missing {
		next := r.current.Load().in(slot{spec.Stand, spec.Use}, Next)
		if next == nil {
			fresh = append(fresh, spec)
			continue
		}
		err := r.store.MoveKeys(ctx, []Transition{{ID: next.ID, From: Next, To: Active}})
		if err != nil {
			return fmt.Errorf("keys: activate %s: %w", next.ID, err)
		}
	}
	records, err := r.makeAll(fresh)
	if err != nil {
		return err
	}
	for _, record := range records {
		if err := r.store.AddKey(ctx, record); err != nil {
			return fmt.Errorf("keys: add (%s): %w", record.slot(), err)
		}
	}
	return nil
}

// makeAll makes keys in parallel: an RSA key takes a good part of a second.
func (r *Ring) makeAll(specs []Spec) ([]Record, error) {
	records, errs := make([]Record, len(specs)), make([]error, len(specs))
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i, spec := range specs {
		free <- struct{}{}
		all.Go(func() {
			records[i], errs[i] = r.newRecord(spec, Active)
			<-free
		})
	}
	all.Wait()
	return records, errors.Join(errs...)
}

// keyIDSize gives a kid of 22 characters that says nothing about its key.
const keyIDSize = 16

// newRecord makes the row of a new key; it stores nothing.
func (r *Ring) newRecord(spec Spec, state State) (Record, error) {
	private, public, err := generate(spec)
	if err != nil {
		return Record{}, err
	}
	id := make([]byte, keyIDSize)
	rand.Read(id) // never fails since Go 1.24
	record := Record{
		ID:    base64.RawURLEncoding.EncodeToString(id),
		Stand: spec.Stand, Use: spec.Use, Algorithm: spec.Algorithm,
		Version: r.current.Load().newest(slot{spec.Stand, spec.Use}) + 1,
		State:   state, Created: r.now(), Public: public,
	}
	record.Sealed = r.sealer.Seal(private, record.binding()...)
	return record, nil
}

func compareRecords(a, b Record) int {
	return cmp.Or(cmp.Compare(a.Stand, b.Stand), cmp.Compare(a.Use, b.Use), cmp.Compare(b.Version, a.Version))
}
