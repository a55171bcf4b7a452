// Package keys keeps the rows of the key ring. It answers for their SQL and
// their rules (a version once, one active key per stand and use), never sees
// opened material, and satisfies keys.Store.
package keys

import (
	"context"
	"errors"
	"fmt"

	"propusk/internal/keys"
	"propusk/internal/store"
)

// Store keeps key records in a database. It is safe for concurrent use.
type Store struct{ db *store.DB }

// New gives the Store over db, which is migrated.
func New(db *store.DB) *Store { return &Store{db} }

const selectKeys = `SELECT id, stand, use_name, algorithm, version, state, created_ms, retires_ms,
	sealed, public FROM keys ORDER BY stand, use_name, version`

// Keys reads all records, by stand, use and version.
func (s *Store) Keys(ctx context.Context) ([]keys.Record, error) {
	return store.CollectOne(ctx, s.db, scan, selectKeys)
}

func scan(row store.Scanner) (keys.Record, error) {
	var r keys.Record
	var created, retires int64
	err := row.Scan(&r.ID, &r.Stand, &r.Use, &r.Algorithm, &r.Version, &r.State,
		&created, &retires, &r.Sealed, &r.Public)
	r.Created, r.Retires = store.FromMillis(created), store.FromMillis(retires)
	return r, err
}

// AddKey keeps a new record.
func (s *Store) AddKey(ctx context.Context, r keys.Record) error {
	return conflict(s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO keys (id, stand, use_name, algorithm, version, state,
			created_ms, retires_ms, sealed, public) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			r.ID, r.Stand, r.Use, r.Algorithm, r.Version, r.State,
			store.Millis(r.Created), store.Millis(r.Retires), filled(r.Sealed), filled(r.Public))
		return err
	}))
}

// filled keeps an empty value from being NULL.
func filled(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// MoveKeys makes all the moves or none. Keys that stop being active go first,
// so that their place is free when another takes it.
func (s *Store) MoveKeys(ctx context.Context, moves []keys.Transition) error {
	return conflict(s.db.Write(ctx, func(tx *store.Tx) error {
		for _, leaving := range []bool{true, false} {
			for _, m := range moves {
				if (m.From == keys.Active) != leaving {
					continue
				}
				if err := move(tx, m); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func move(tx *store.Tx, m keys.Transition) error {
	n, err := tx.Exec(`UPDATE keys SET state = $1, retires_ms = $2 WHERE id = $3 AND state = $4`,
		m.To, store.Millis(m.Retires), m.ID, m.From)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("%w: key %s is not %s", keys.ErrConflict, m.ID, m.From)
	}
	return nil
}

// conflict gives a taken value the name that package keys knows.
func conflict(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%w: %w", keys.ErrConflict, err)
	}
	return err
}
