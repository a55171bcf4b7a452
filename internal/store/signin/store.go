// Package signin keeps what internal/signin knows of people who sign in to the
// console: sessions, second factors, choices. It satisfies that package's ports;
// each writing method is one transaction. Grants are store/authority's.
package signin

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/store"
)

// Store satisfies the ports of internal/signin. Safe for concurrent use.
type Store struct{ db *store.DB }

// New makes a Store over db.
func New(db *store.DB) *Store { return &Store{db: db} }

// change runs fn and writes the change's audit entry, in one transaction.
func (s *Store) change(ctx context.Context, ch signin.Change, fn func(tx *store.Tx) error) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return store.Audit(tx, ch.Entry)
	})
}

func notFound(what string) error { return authority.E(authority.NotFound, "no such "+what) }

// missing turns "no row" into NotFound.
func missing(err error, what string) error {
	if errors.Is(err, store.ErrNoRows) {
		return notFound(what)
	}
	return err
}

// found turns "nothing was touched" into NotFound.
func found(n int64, err error, what string) error {
	if err == nil && n == 0 {
		return notFound(what)
	}
	return err
}

// spend notes that something was used. Conflict when it was before. Purge takes
// the note away.
func spend(tx *store.Tx, what signin.Spent) error {
	n, err := tx.Exec(`INSERT INTO signin_spent (digest, until_ms) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING`,
		what.Digest, store.Millis(what.Until))
	if err == nil && n == 0 {
		err = authority.E(authority.Conflict, "it was used before")
	}
	return err
}

// Spend implements signin.Attempts.
func (s *Store) Spend(ctx context.Context, what signin.Spent) error {
	return s.db.Write(ctx, func(tx *store.Tx) error { return spend(tx, what) })
}

// WasSpent implements signin.Attempts.
func (s *Store) WasSpent(ctx context.Context, digest []byte) (used bool, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM signin_spent WHERE digest = $1)`, digest).Scan(&used)
	})
	return used, err
}

// purgeRows is how much of each kind one step takes away.
const purgeRows = 500

// Purge takes sessions that have reached their end, and notes of what nobody could
// use any more, away in one small step and reports how many left.
func (s *Store) Purge(ctx context.Context, now time.Time) (int, error) {
	left := int64(0)
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		sessions, err := tx.Exec(`DELETE FROM signin_session WHERE grant_id IN
			(SELECT grant_id FROM signin_session WHERE ends_ms <= $1 ORDER BY ends_ms LIMIT $2)`, store.Millis(now), purgeRows)
		if err != nil {
			return err
		}
		spent, err := tx.Exec(`DELETE FROM signin_spent WHERE digest IN
			(SELECT digest FROM signin_spent WHERE until_ms <= $1 ORDER BY until_ms LIMIT $2)`, store.Millis(now), purgeRows)
		left = sessions + spent
		return err
	})
	return int(left), err
}
