package server

import (
	"context"
	"errors"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/keys"
)

// signing is what package admin may know of the ring, and do with it.
type signing struct{ data *Data }

// SigningKeys implements admin.Keys.
func (s signing) SigningKeys(_ context.Context, stand authority.Stand) ([]admin.SigningKey, error) {
	out := []admin.SigningKey{}
	for _, r := range s.data.Ring.Records() {
		if r.Stand == string(stand) && r.Algorithm != keys.MAC && r.Algorithm != keys.Pepper {
			out = append(out, signingKey(r))
		}
	}
	return out, nil
}

func signingKey(r keys.Record) admin.SigningKey {
	return admin.SigningKey{
		ID: r.ID, Dialect: r.Use, Algorithm: string(r.Algorithm), State: string(r.State), Version: r.Version,
		Created: r.Created, Retires: r.Retires,
	}
}

// RotateKey implements admin.Keys. The entry is written after the rotation: one
// that is not written makes the call fail, and the new key stays.
func (s signing) RotateKey(ctx context.Context, r admin.KeyRotation) (admin.SigningKey, error) {
	if err := s.mayRotate(ctx, r); err != nil {
		return admin.SigningKey{}, err
	}
	id, err := s.rotate(ctx, r)
	if err != nil {
		return admin.SigningKey{}, err
	}
	return s.signsNow(id)
}

// signsNow is how a key that has begun to sign is told of.
func (s signing) signsNow(id string) (admin.SigningKey, error) {
	s.data.prepareKeys()
	for _, record := range s.data.Ring.Records() {
		if record.ID == id {
			return signingKey(record), nil
		}
	}
	return admin.SigningKey{}, authority.E(authority.Internal, "the new key is not in the ring")
}

func (s signing) rotate(ctx context.Context, r admin.KeyRotation) (string, error) {
	id, err := s.data.Ring.Rotate(ctx, string(r.Stand), r.Dialect, authority.NothingAlive(s.data.Now()))
	if err != nil {
		return "", notRotated(err)
	}
	return id, s.data.Store.WriteAudit(ctx, []authority.Entry{r.Entry})
}

// EndKey implements admin.Keys. Somebody else may have the key, so every token
// that it signed ends: the feed refuses those that were verified before.
func (s signing) EndKey(ctx context.Context, r admin.KeyRotation) (admin.SigningKey, error) {
	leaked, err := s.leaked(r)
	if err != nil {
		return admin.SigningKey{}, err
	}
	// The feed first: if the second write fails, asking again does both.
	err = s.data.Store.Revoke(ctx, authority.Revocation{
		Stand: r.Stand, Targets: []authority.Target{{Scope: authority.ScopeKey, Key: leaked}},
		Until: authority.NothingAlive(s.data.Now()), Entry: r.Entry,
	})
	if err != nil {
		return admin.SigningKey{}, err
	}
	if err := s.data.Ring.MarkCompromised(ctx, leaked); err != nil {
		return admin.SigningKey{}, notRotated(err)
	}
	id, err := s.data.Ring.Active(string(r.Stand), r.Dialect)
	if err != nil {
		return admin.SigningKey{}, notRotated(err)
	}
	return s.signsNow(id)
}

// leaked gives the id of the key that r is about.
func (s signing) leaked(r admin.KeyRotation) (string, error) {
	if _, ok := s.signs(r.Stand, r.Dialect); !ok {
		return "", errNoKey()
	}
	if r.ID == "" {
		id, err := s.data.Ring.Active(string(r.Stand), r.Dialect)
		if err != nil {
			return "", notRotated(err)
		}
		return id, nil
	}
	for _, record := range s.data.Ring.Records() {
		if record.ID == r.ID && record.Stand == string(r.Stand) && record.Use == r.Dialect && record.Algorithm != keys.MAC && record.Algorithm != keys.Pepper {
			return r.ID, nil
		}
	}
	return "", authority.E(authority.NotFound, "the dialect has no such key on this stand").With("field", "id")
}

func errNoKey() error { return authority.E(authority.NotFound, "no key signs for this dialect") }

// mayRotate refuses to sign with a key that clients cannot know yet. One that is
// not there is made, so that the time begins to run.
func (s signing) mayRotate(ctx context.Context, r admin.KeyRotation) error {
	algorithm, ok := s.signs(r.Stand, r.Dialect)
	if !ok {
		return errNoKey()
	}
	if !algorithm.Published() {
		return nil
	}
	id, err := s.data.Ring.Prepare(ctx, string(r.Stand), r.Dialect)
	if err != nil {
		return notRotated(err)
	}
	for _, record := range s.data.Ring.Records() {
		if known := record.Created.Add(keys.JWKSMaxAge); record.ID == id && s.data.Now().Before(known) {
			return authority.E(authority.Conflict, "clients may not know the next key before "+known.UTC().Format(time.RFC3339)+
				": rotate then, or with force if a key has leaked").With("after", known.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// signs tells by which algorithm the tokens of a dialect are signed.
func (s signing) signs(stand authority.Stand, dialect string) (keys.Algorithm, bool) {
	for _, r := range s.data.Ring.Records() {
		if r.Stand == string(stand) && r.Use == dialect && r.Algorithm != keys.MAC && r.Algorithm != keys.Pepper {
			return r.Algorithm, true
		}
	}
	return "", false
}

func notRotated(err error) error {
	if errors.Is(err, keys.ErrConflict) {
		return authority.Wrap(authority.Conflict, "somebody else rotates this key now", err)
	}
	return authority.Wrap(authority.Unavailable, "the key could not be rotated", err)
}

// prepareKeys makes the next keys beside everything else: an RSA key takes long.
// What fails is tried again within the minute.
func (d *Data) prepareKeys() {
	d.keys.Go(func() { d.prepareNext(d.keysUntil) })
}

func (d *Data) prepareNext(ctx context.Context) {
	if err := d.Ring.PrepareAll(ctx); err != nil && ctx.Err() == nil {
		d.Log.ErrorContext(ctx, "the next signing keys could not be made", "error", err)
	}
}
