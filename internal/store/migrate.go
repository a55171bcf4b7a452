package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable is where goose notes which migrations are done.
const versionTable = "schema_version"

// ErrNewerSchema is what Migrate returns, wrapped, when a newer program has
// migrated the database.
var ErrNewerSchema = errors.New("the database was made by a newer propusk")

// Migrate brings the schema up to what this program knows. Each migration is
// one transaction together with its mark, so that a kill in the middle leaves
// the former version and the next start goes on from there.
func (db *DB) Migrate(ctx context.Context) error {
	return db.withProvider(func(handle *sql.DB, provider *goose.Provider) error {
		unlock, err := db.lockSchema(ctx, handle)
		if err != nil {
			return err
		}
		defer unlock()
		if err := refuseNewer(ctx, provider); err != nil {
			return err
		}
		results, err := provider.Up(ctx)
		for _, r := range results {
			db.config.Logger.Info("migrated", "driver", db.Driver(), "version", r.Source.Version, "duration_ms", r.Duration.Milliseconds())
		}
		return err
	})
}

// Schema gives the version of the database and the one this program needs.
func (db *DB) Schema(ctx context.Context) (have, need int64, err error) {
	err = db.withProvider(func(_ *sql.DB, provider *goose.Provider) error {
		have, need, err = provider.GetVersions(ctx)
		return err
	})
	return have, need, err
}

func (db *DB) withProvider(fn func(*sql.DB, *goose.Provider) error) error {
	handle, err := db.engine.admin()
	if err != nil {
		return err
	}
	defer handle.Close()
	provider, err := db.newProvider(handle, db.migrations)
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	if err := fn(handle, provider); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

// newProvider hands goose the migrations as functions: the files stay plain SQL
// that any other runner could take.
func (db *DB) newProvider(handle *sql.DB, files fs.FS) (*goose.Provider, error) {
	paths, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]*goose.Migration, 0, len(paths))
	for _, path := range paths {
		version, err := goose.NumericComponent(path)
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		steps = append(steps, goose.NewGoMigration(version, db.step(Render(string(text), db.Driver())), nil))
	}
	kind := goose.DialectSQLite3
	if db.Driver() == Postgres {
		kind = goose.DialectPostgres
	}
	return goose.NewProvider(kind, handle, nil, goose.WithGoMigrations(steps...),
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// step runs the statements of one migration in its transaction.
func (db *DB) step(text string) *goose.GoFunc {
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for i, statement := range split(text) {
			if err := db.writer.inject("migrate"); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("statement %d: %w", i+1, err)
			}
		}
		return nil
	}}
}

func refuseNewer(ctx context.Context, provider *goose.Provider) error {
	have, need, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > need {
		return fmt.Errorf("%w: schema %d, this program knows %d; start the newer program or restore a backup from before it", ErrNewerSchema, have, need)
	}
	return nil
}

// lockSchema keeps two programs from migrating one PostgreSQL at a time. On
// SQLite the data folder's lock and the transactions themselves do.
func (db *DB) lockSchema(ctx context.Context, handle *sql.DB) (func(), error) {
	if db.Driver() != Postgres {
		return func() {}, nil
	}
	conn, err := handle.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1, hashtext(current_schema()))", schemaLock); err != nil {
		conn.Close()
		return nil, err
	}
	// The lock ends with the connection, which the caller's handle closes.
	return func() { conn.Close() }, nil
}
