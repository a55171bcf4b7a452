package store

import (
	"crypto/subtle"
	"errors"
	"time"

	"propusk/internal/authority"
)

// OnceKey names a request that may be repeated. Keys of different kinds (an
// Idempotency-Key, a concurrency stamp) carry a prefix, so that they never meet.
type OnceKey struct {
	Account   authority.ID
	Principal authority.ID
	Key       string
}

// Answer is what the first request got. Digest is of what it asked for.
type Answer struct {
	Digest [32]byte
	Status int
	Body   []byte
}

// Recall reads the answer that was given for k and has not expired. Call it in
// the transaction that would have the effect: a repeat that comes while the
// first is under way waits for it there, or, on another node, in Remember.
func Recall(tx *Tx, k OnceKey, now time.Time) (a Answer, ok bool, err error) {
	var digest []byte
	err = tx.QueryRow(`SELECT digest, status, answer FROM idempotency
		WHERE account = $1 AND principal = $2 AND key = $3 AND expires_ms > $4`,
		k.Account, k.Principal, k.Key, Millis(now)).Scan(&digest, &a.Status, &a.Body)
	if errors.Is(err, ErrNoRows) {
		return Answer{}, false, nil
	}
	copy(a.Digest[:], digest)
	return a, err == nil, err
}

// RecallSame is Recall for a key that stands for one certain request: another
// digest under it is Unprocessable.
func RecallSame(tx *Tx, k OnceKey, digest [32]byte, now time.Time) (Answer, bool, error) {
	a, ok, err := Recall(tx, k, now)
	if ok && subtle.ConstantTimeCompare(a.Digest[:], digest[:]) != 1 {
		return Answer{}, false, authority.E(authority.Unprocessable,
			"the idempotency key was used with another request").With("header", "Idempotency-Key")
	}
	return a, ok, err
}

// Remember keeps a for k for as long as keep, in the transaction of the effect:
// both are on disk or neither is. Conflict when the same request was faster on
// another node. Each call takes a few expired answers away.
func Remember(tx *Tx, k OnceKey, a Answer, now time.Time, keep time.Duration) error {
	n, err := tx.Exec(keepAnswer+` WHERE idempotency.expires_ms <= $8`,
		k.Account, k.Principal, k.Key, a.Digest[:], a.Status, a.Body, Millis(now.Add(keep)), Millis(now))
	if err == nil && n == 0 {
		return authority.E(authority.Conflict, "the same request is being carried out: try again for its answer").With("header", "Idempotency-Key")
	}
	if err != nil {
		return err
	}
	return forgetExpired(tx, now)
}

const keepAnswer = `INSERT INTO idempotency (account, principal, key, digest, status, answer, expires_ms)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (account, principal, key) DO UPDATE SET digest = excluded.digest,
		status = excluded.status, answer = excluded.answer, expires_ms = excluded.expires_ms`

// forgetExpired takes two expired answers away: twice as many as come, so that
// the table stays as small as what is alive.
func forgetExpired(tx *Tx, now time.Time) error {
	expired, err := Collect(tx, scanOnceKey, `SELECT account, principal, key FROM idempotency
		WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT 2`, Millis(now))
	if err != nil {
		return err
	}
	for _, k := range expired {
		if _, err := tx.Exec(`DELETE FROM idempotency WHERE account = $1 AND principal = $2 AND key = $3`,
			k.Account, k.Principal, k.Key); err != nil {
			return err
		}
	}
	return nil
}

func scanOnceKey(row Scanner) (k OnceKey, err error) {
	err = row.Scan(&k.Account, &k.Principal, &k.Key)
	return k, err
}
