package storetest

import (
	"testing"

	"propusk/internal/store"
)

// Nodes opens two handles of one PostgreSQL database, as two nodes have them.
func Nodes(tb testing.TB) (here, there *store.DB) {
	tb.Helper()
	config := Config(tb, store.Postgres)
	return OpenConfig(tb, config), OpenConfig(tb, config)
}

// Meet runs first in a transaction of here that does not end before second, begun
// after it, waits for one of its rows or is over. It gives what second came to.
func Meet(tb testing.TB, here, there *store.DB, first func(tx *store.Tx) error, second func() error) error {
	tb.Helper()
	told := make(chan error, 1)
	err := here.Write(tb.Context(), func(tx *store.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		var own int
		if err := tx.QueryRow(`SELECT pg_backend_pid()`).Scan(&own); err != nil {
			return err
		}
		go func() { told <- second() }()
		waits := func() int {
			return Count(tb, there, `SELECT COUNT(*) FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))`, own)
		}
		for waits() == 0 && len(told) == 0 {
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return <-told
}
