package store_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestAnswersAreRememberedUntilTheyExpire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		start := time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)
		key := store.OnceKey{Account: 1, Principal: 2, Key: "k"}
		answer := store.Answer{Digest: [32]byte{7}, Status: 201, Body: []byte(`{"id":1}`)}
		write := func(fn func(*store.Tx) error) error { return db.Write(t.Context(), fn) }
		err := write(func(tx *store.Tx) error { return store.Remember(tx, key, answer, start, time.Hour) })
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			key    store.OnceKey
			digest [32]byte
			at     time.Time
			found  bool
			want   authority.Code
		}{
			{"same", key, answer.Digest, start, true, ""},
			{"just before the end", key, answer.Digest, start.Add(time.Hour - time.Millisecond), true, ""},
			{"at the end", key, answer.Digest, start.Add(time.Hour), false, ""},
			{"another request", key, [32]byte{8}, start, false, authority.Unprocessable},
			{"another account", store.OnceKey{Account: 3, Principal: 2, Key: "k"}, answer.Digest, start, false, ""},
			{"another principal", store.OnceKey{Account: 1, Principal: 3, Key: "k"}, answer.Digest, start, false, ""},
			{"another key", store.OnceKey{Account: 1, Principal: 2, Key: "K"}, answer.Digest, start, false, ""},
		} {
			var got store.Answer
			var found bool
			err := write(func(tx *store.Tx) (err error) {
				got, found, err = store.RecallSame(tx, c.key, c.digest, c.at)
				return err
			})
			if authority.CodeOf(err) != c.want || found != c.found || found && string(got.Body) != string(answer.Body) {
				t.Errorf("%s: %+v, %v, %v", c.name, got, found, err)
			}
		}
	})
}

// TestExpiredAnswersLeave shows that the table stays as small as what is alive.
func TestExpiredAnswersLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now, left := time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC), 0
		for i := range 30 {
			now = now.Add(time.Hour)
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				key := store.OnceKey{Account: 1, Principal: authority.ID(i + 1), Key: "k"}
				if err := store.Remember(tx, key, store.Answer{Body: []byte{}}, now, 90*time.Minute); err != nil {
					return err
				}
				return tx.QueryRow(`SELECT COUNT(*) FROM idempotency`).Scan(&left)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if left > 2 {
			t.Errorf("%d answers are kept, 2 are alive", left)
		}
	})
}
