package server

import (
	"context"
	"errors"
	"slices"

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
func (s signing) RotateKey(ctx context.Context, stand authority.Stand, dialect string, entry authority.Entry) (admin.SigningKey, error) {
	known, err := s.SigningKeys(ctx, stand)
	if err != nil {
		return admin.SigningKey{}, err
	}
	if !slices.ContainsFunc(known, func(k admin.SigningKey) bool { return k.Dialect == dialect }) {
		return admin.SigningKey{}, authority.E(authority.NotFound, "no key signs for this dialect")
	}
	id, err := s.data.Ring.Rotate(ctx, string(stand), dialect, authority.NothingAlive(s.data.Now()))
	switch {
	case errors.Is(err, keys.ErrConflict):
		return admin.SigningKey{}, authority.Wrap(authority.Conflict, "somebody else rotates this key now", err)
	case err != nil:
		return admin.SigningKey{}, authority.Wrap(authority.Unavailable, "the key could not be rotated", err)
	}
	if err := s.data.Store.WriteAudit(ctx, []authority.Entry{entry}); err != nil {
		return admin.SigningKey{}, err
	}
	for _, r := range s.data.Ring.Records() {
		if r.ID == id {
			return signingKey(r), nil
		}
	}
	return admin.SigningKey{}, authority.E(authority.Internal, "the new key is not in the ring")
}
