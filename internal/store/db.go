package store

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"propusk/internal/authority"
)

// Names of the engines, for Config.Driver.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Config says which database to open.
type Config struct {
	// Driver is SQLite or Postgres. If empty, SQLite.
	Driver string
	// Folder is the data folder of SQLite; it is made if missing.
	Folder string
	// DSN is the address of the PostgreSQL database, as URL or key=value text.
	DSN string
	// Logger takes what the operator should know. If nil, slog.Default().
	Logger *slog.Logger
	// Now is the clock of rows that the store dates itself. If nil, time.Now.
	Now func() time.Time
	// Readers bounds the reading connections. If 0, four per core, 32 at most.
	Readers int
	// Queue bounds the writes that wait; more are refused. If 0, 4096.
	Queue int
	// Slice is how long a commit goes on taking in writes that arrive while it
	// is being filled: what the first of them waits for the others. If 0, 10 ms.
	Slice time.Duration
	// ReadOnly makes nothing and changes nothing: Open fails where there is no
	// database, and writes fail.
	ReadOnly bool
}

func (c Config) withDefaults() Config {
	c.Driver = cmp.Or(c.Driver, SQLite)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.Readers = cmp.Or(c.Readers, min(4*runtime.GOMAXPROCS(0), 32))
	c.Queue = cmp.Or(c.Queue, 4096)
	c.Slice = cmp.Or(c.Slice, 10*time.Millisecond)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	config  Config
	engine  engine
	readers *pool
	writer  *writer
	closing sync.Once

	migrations fs.FS // tests replace it
}

// Open connects to the database and makes the file if there is none, unless it
// is only read. It does
// not migrate: see Migrate. The caller closes it.
func Open(ctx context.Context, config Config) (*DB, error) {
	config = config.withDefaults()
	e, err := openEngine(ctx, config)
	if err != nil {
		return nil, err
	}
	first, err := e.writer(ctx)
	if err != nil {
		_ = e.close()
		return nil, fmt.Errorf("store: open the %s database: %w", e.name(), err)
	}
	db := &DB{config: config, engine: e, migrations: migrations}
	db.readers = newPool(config.Readers, e.reader)
	db.writer = newWriter(config, e, first)
	return db, nil
}

func openEngine(ctx context.Context, config Config) (engine, error) {
	switch config.Driver {
	case SQLite:
		return openSQLite(config)
	case Postgres:
		return openPostgres(ctx, config)
	}
	return nil, fmt.Errorf("store: unknown driver %q: use %q or %q", config.Driver, SQLite, Postgres)
}

// Driver is the engine's name: SQLite or Postgres.
func (db *DB) Driver() string { return db.engine.name() }

// Close finishes what was accepted, waits for reads that run, and closes every
// connection. Later calls to Write and Read get Code Unavailable.
func (db *DB) Close() error {
	var err error
	db.closing.Do(func() {
		db.writer.close()
		db.readers.close()
		err = db.engine.close()
	})
	return err
}

// Write runs fn in a transaction and returns once its changes are on disk, or
// have been undone because fn failed. Many callers share one commit, each
// behind a savepoint of its own. fn runs at most once, alone, on the writer's
// goroutine: it must be short, wait for nothing and not call Write. A caller
// that gives up while it waits is skipped; once fn runs it is finished.
//
// An error with Code Unavailable says that the outcome is unknown or that
// nothing was done; what is in memory about the rows should be read again.
//
// Where ctx carries an authority.Once, the first Write claims its key together
// with what fn does, or fails with Conflict where the key was claimed before.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if o := authority.OnceOf(ctx); o != nil && !o.Claimed() {
		return db.writeOnce(ctx, o, fn)
	}
	return db.writer.write(ctx, fn)
}

// Read runs fn on one unchanging snapshot of all rows. fn runs on the caller's
// goroutine. When ctx ends, fn's next statement fails, and the connection is
// not used again.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.read(ctx, fn, false)
}

// ReadOne is Read for one statement, which is a snapshot by itself: it saves
// the two statements around it. A second statement in fn fails.
func (db *DB) ReadOne(ctx context.Context, fn func(*Tx) error) error {
	return db.read(ctx, fn, true)
}

func (db *DB) read(ctx context.Context, fn func(*Tx) error, single bool) error {
	s, err := db.readers.acquire(ctx)
	if err != nil {
		return err
	}
	fit := false
	defer func() { db.readers.release(s, fit) }()
	if !single {
		if err := s.control(ctx, s, s.beginRead); err != nil {
			return begun(ctx, s, err)
		}
	}
	tx := &Tx{ctx: ctx, session: s, now: db.config.Now, single: single}
	defer tx.leave()
	err = tx.end(fn(tx))
	// After a cancelled statement nobody knows what the connection says next.
	if tx.broken || ctx.Err() != nil {
		return err
	}
	fit = single || s.control(ctx, s, "ROLLBACK") == nil
	return err
}

// begun gives the error of a transaction that could not be begun.
func begun(ctx context.Context, s *session, err error) error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	if s.judge(err) == plain {
		return err
	}
	return unavailable("storage is not available", err)
}

func errClosed() error {
	return authority.E(authority.Unavailable, "the server is stopping")
}
