package storetest

import (
	"log/slog"
	"testing"

	"propusk/internal/store"
)

// Each runs fn on every engine, as subtests with the names of the engines.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, driver := range Drivers() {
		t.Run(driver, func(t *testing.T) { fn(t, Open(t, driver)) })
	}
}

// EachB is Each for benchmarks.
func EachB(b *testing.B, fn func(b *testing.B, db *store.DB)) {
	b.Helper()
	for _, driver := range Drivers() {
		b.Run(driver, func(b *testing.B) { fn(b, Open(b, driver)) })
	}
}

// Drivers lists the engines.
func Drivers() []string { return []string{store.SQLite, store.Postgres} }

// Open gives a migrated database of the engine; it is closed when the test
// ends.
func Open(tb testing.TB, driver string) *store.DB {
	tb.Helper()
	return OpenConfig(tb, Config(tb, driver))
}

// Config gives the configuration of a new database of the engine: an empty
// folder, or an empty PostgreSQL database. Tests that open it twice or change
// a setting use it with OpenConfig.
func Config(tb testing.TB, driver string) store.Config {
	tb.Helper()
	config := store.Config{Driver: driver, Logger: quiet()}
	if driver == store.Postgres {
		config.DSN = Server(tb).Database(tb)
	} else {
		config.Folder = tb.TempDir()
	}
	return config
}

// OpenConfig opens and migrates what config names and closes it when the test
// ends.
func OpenConfig(tb testing.TB, config store.Config) *store.DB {
	tb.Helper()
	if config.Logger == nil {
		config.Logger = quiet()
	}
	db, err := store.Open(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	if err := db.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return db
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
