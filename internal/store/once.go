package store

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// KeyPrefix begins the OnceKey of every Idempotency-Key: one that is used for
// two different requests is found out wherever they went.
const KeyPrefix = "key/"

// KeepKey is how long what came of an Idempotency-Key is remembered.
const KeepKey = 48 * time.Hour

// onceOf is the key that o stands for.
func onceOf(o *authority.Once) OnceKey {
	return OnceKey{Account: o.Account, Principal: o.Principal, Key: KeyPrefix + o.Key}
}

// writeOnce runs fn behind a claim of o's key in the same transaction.
func (db *DB) writeOnce(ctx context.Context, o *authority.Once, fn func(*Tx) error) error {
	err := db.writer.write(ctx, func(tx *Tx) error {
		now := db.config.Now()
		_, found, err := RecallSame(tx, onceOf(o), o.Digest, now)
		if err != nil {
			return err
		}
		if found {
			return authority.E(authority.Conflict, "this request was carried out before").With("header", "Idempotency-Key")
		}
		if err := Remember(tx, onceOf(o), Answer{Digest: o.Digest, Body: []byte{}}, now, KeepKey); err != nil {
			return err
		}
		return fn(tx)
	})
	if err == nil {
		o.Claim()
	}
	return err
}

// Answer gives what a request got that claimed o's key. The answer of one that is
// still under way, or whose end was lost to a crash, has no status. Another
// request under the same key is Unprocessable.
func (db *DB) Answer(ctx context.Context, o *authority.Once) (a authority.Answer, ok bool, err error) {
	err = db.ReadOne(ctx, func(tx *Tx) error {
		var former Answer
		former, ok, err = RecallSame(tx, onceOf(o), o.Digest, db.config.Now())
		a = authority.Answer{Status: former.Status, Text: former.Body}
		return err
	})
	return a, ok, err
}

// KeepAnswer keeps what a request got whose effect has claimed o's key.
func (db *DB) KeepAnswer(ctx context.Context, o *authority.Once, a authority.Answer) error {
	return db.writer.write(ctx, func(tx *Tx) error {
		k := onceOf(o)
		_, err := tx.Exec(keepAnswer, k.Account, k.Principal, k.Key, o.Digest[:], a.Status, a.Text, Millis(db.config.Now().Add(KeepKey)))
		return err
	})
}
