package storetest

import (
	"testing"

	"propusk/internal/store"
)

// Exec runs a statement in a transaction of its own.
func Exec(tb testing.TB, db *store.DB, query string, args ...any) {
	tb.Helper()
	err := db.Write(tb.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// Count reads the one number that a statement gives.
func Count(tb testing.TB, db *store.DB, query string, args ...any) (n int) {
	tb.Helper()
	err := db.ReadOne(tb.Context(), func(tx *store.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
