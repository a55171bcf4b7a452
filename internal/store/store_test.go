package store_test

import (
	"testing"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestSmoke(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			return store.Audit(tx, authority.Entry{Stand: authority.Test, Verb: "x"})
		})
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		err = db.ReadOne(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("SELECT count(*) FROM audit WHERE stand = $1", authority.Test).Scan(&n)
		})
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
	})
}
