//go:build linux && torture

package torture_test

import "testing"

// TestTortureKills is B77: 100 rounds of kill -9 under load on SQLite, 20 on
// PostgreSQL.
func TestTortureKills(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killSQLite(t, 100) })
	t.Run("postgres", func(t *testing.T) { killPostgres(t, 20) })
}
