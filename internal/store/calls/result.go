package calls

import (
	"context"
	"errors"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
)

const (
	partSize = 64 << 10
	leaving  = 8 // expired results that one new one takes away
)

var _ calls.ResultStore = (*Store)(nil)

// PutResult keeps a result. The body lies in parts, so that no row is large.
func (s *Store) PutResult(ctx context.Context, k calls.Keeping) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if err := expire(tx, k.Now); err != nil {
			return err
		}
		if err := insertResult(tx, k); err != nil {
			return err
		}
		taken, err := charge(tx, k.Account, k.Result.Size())
		if err != nil {
			return err
		}
		return evict(tx, k, taken)
	})
}

func insertResult(tx *store.Tx, k calls.Keeping) error {
	r := k.Result
	_, err := tx.Exec(`INSERT INTO phone_result (digest, account, method, recording, prefix, suffix, bytes, expires_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.Key[:], k.Account, r.Method, r.Recording, bytesOf(r.Prefix), bytesOf(r.Suffix), r.Size(), store.Millis(k.Expires))
	if err != nil {
		return err
	}
	step := 0
	for part := range slices.Chunk(r.Body, partSize) {
		_, err := tx.Exec(`INSERT INTO phone_result_part (digest, step, account, data) VALUES ($1, $2, $3, $4)`,
			k.Key[:], step, k.Account, part)
		if err != nil {
			return err
		}
		step++
	}
	return nil
}

// bytesOf gives b as a column that is never NULL keeps it.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// charge adds to what the account's results take and gives how much that is.
func charge(tx *store.Tx, account authority.ID, size int64) (taken int64, err error) {
	err = tx.QueryRow(`INSERT INTO phone_result_total (account, bytes) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET bytes = phone_result_total.bytes + excluded.bytes RETURNING bytes`,
		account, size).Scan(&taken)
	return taken, err
}

// old is a result that leaves.
type old struct {
	digest  []byte
	account authority.ID
	size    int64
}

func scanOld(from store.Scanner) (o old, err error) {
	err = from.Scan(&o.digest, &o.account, &o.size)
	return o, err
}

func expire(tx *store.Tx, now time.Time) error {
	gone, err := store.Collect(tx, scanOld, `SELECT digest, account, bytes FROM phone_result WHERE expires_ms <= $1
		ORDER BY expires_ms LIMIT $2`, store.Millis(now), leaving)
	if err != nil {
		return err
	}
	for _, o := range gone {
		if err := drop(tx, o); err != nil {
			return err
		}
	}
	return nil
}

// evict takes the account's oldest results away, but for the new one, until its
// share is kept.
func evict(tx *store.Tx, k calls.Keeping, taken int64) error {
	for taken > k.Share {
		oldest, err := store.Collect(tx, scanOld, `SELECT digest, account, bytes FROM phone_result
			WHERE account = $1 AND digest <> $2 ORDER BY expires_ms LIMIT $3`, k.Account, k.Key[:], leaving)
		if err != nil || len(oldest) == 0 {
			return err
		}
		for _, o := range oldest {
			if taken <= k.Share {
				break
			}
			if err := drop(tx, o); err != nil {
				return err
			}
			taken -= o.size
		}
	}
	return nil
}

func drop(tx *store.Tx, o old) error {
	if _, err := tx.Exec(`DELETE FROM phone_result_part WHERE digest = $1`, o.digest); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM phone_result WHERE digest = $1`, o.digest); err != nil {
		return err
	}
	_, err := charge(tx, o.account, -o.size)
	return err
}

// Result reads one that has not expired.
func (s *Store) Result(ctx context.Context, account authority.ID, key calls.ResultKey, now time.Time) (r calls.Result, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(`SELECT method, recording, prefix, suffix FROM phone_result
			WHERE digest = $1 AND account = $2 AND expires_ms > $3`, key[:], account, store.Millis(now)).
			Scan(&r.Method, &r.Recording, &r.Prefix, &r.Suffix)
		if errors.Is(err, store.ErrNoRows) {
			return authority.E(authority.NotFound, "there is no such result")
		}
		if err != nil {
			return err
		}
		parts, err := store.Collect(tx, store.Column[[]byte], `SELECT data FROM phone_result_part WHERE digest = $1 ORDER BY step`, key[:])
		r.Body = slices.Concat(parts...)
		return err
	})
	return r, err
}
