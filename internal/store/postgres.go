package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// connectTimeout bounds a connection attempt unless the DSN says otherwise.
	connectTimeout = 5 * time.Second
	// readTimeout ends a reading statement on the server.
	readTimeout = 30 * time.Second
	// batchTimeout ends a batch whose server has gone silent.
	batchTimeout = 30 * time.Second
	// batchCallers keeps the subtransactions of a commit within the 64 that
	// PostgreSQL caches per backend; past it every reader pays for look-ups.
	batchCallers = 60
)

// postgresEngine keeps everything in a PostgreSQL database.
type postgresEngine struct {
	config  *pgx.ConnConfig
	writing *sql.DB
	reading *sql.DB
	dialect dialect
}

func openPostgres(ctx context.Context, config Config) (engine, error) {
	parsed, err := pgx.ParseConfig(config.DSN)
	if err != nil {
		// The driver's error may quote the address; it takes the password out.
		return nil, fmt.Errorf("store: database address: %w", err)
	}
	parsed.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	parsed.StatementCacheCapacity = maxStatements
	parsed.RuntimeParams["application_name"] = "propusk"
	parsed.RuntimeParams["timezone"] = "UTC"
	if parsed.ConnectTimeout == 0 {
		parsed.ConnectTimeout = connectTimeout
	}
	e := &postgresEngine{config: parsed, dialect: dialect{
		beginWrite: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
		beginRead:  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		auditHead:  "SELECT position, seal FROM audit_head WHERE id = 1 FOR UPDATE",
		judge:      judgePostgres,
		control:    controlPostgres,
		limit:      batchTimeout,
		batch:      batchCallers,
	}}
	e.writing = e.handle(nil)
	e.reading = e.handle(map[string]string{
		"default_transaction_read_only": "on",
		"statement_timeout":             millis(readTimeout),
	})
	if config.ReadOnly {
		_ = e.writing.Close()
		e.writing, e.dialect.beginWrite = e.reading, e.dialect.beginRead
	}
	if err := e.inspect(ctx, config); err != nil {
		_ = e.close()
		return nil, err
	}
	return e, nil
}

func millis(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// handle gives a handle whose sessions carry parameters.
func (e *postgresEngine) handle(parameters map[string]string) *sql.DB {
	config := e.config.Copy()
	for name, value := range parameters {
		config.RuntimeParams[name] = value
	}
	return stdlib.OpenDB(*config)
}

// inspect refuses a server that would lose or spoil what we are told is kept.
func (e *postgresEngine) inspect(ctx context.Context, config Config) error {
	const query = `SELECT current_setting('synchronous_commit'), current_setting('fsync'),
		current_setting('server_encoding'), current_setting('server_version_num')::bigint`
	var commit, fsync, encoding string
	var version int64
	err := e.writing.QueryRowContext(ctx, query).Scan(&commit, &fsync, &encoding, &version)
	switch {
	case err != nil:
		return fmt.Errorf("store: connect to PostgreSQL: %w", err)
	case commit == "off":
		return errors.New("store: PostgreSQL has synchronous_commit = off, so a crash loses acknowledged changes: set it to on for this database")
	case encoding != "UTF8":
		return fmt.Errorf("store: the database has encoding %s: create it with ENCODING 'UTF8'", encoding)
	case version < 130000:
		return fmt.Errorf("store: PostgreSQL %d is too old: 13 or newer is needed", version/10000)
	}
	if fsync == "off" {
		config.Logger.Warn("PostgreSQL has fsync = off: a power cut loses the database")
	}
	return nil
}

func (e *postgresEngine) name() string { return Postgres }

func (e *postgresEngine) writer(ctx context.Context) (*session, error) {
	return e.session(ctx, e.writing)
}

func (e *postgresEngine) reader(ctx context.Context) (*session, error) {
	return e.session(ctx, e.reading)
}

func (e *postgresEngine) session(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return newSession(conn, &e.dialect), nil
}

func (e *postgresEngine) admin() (*sql.DB, error) { return e.handle(nil), nil }

func (e *postgresEngine) close() error {
	return errors.Join(e.reading.Close(), e.writing.Close())
}

// controlPostgres sends the statements in one message. They are fixed text, so
// the simple protocol has nothing to quote.
func controlPostgres(ctx context.Context, s *session, text string) error {
	return s.conn.Raw(func(raw any) error {
		results, err := raw.(*stdlib.Conn).Conn().PgConn().Exec(ctx, text).ReadAll()
		if err != nil {
			return err
		}
		// A transaction that has failed answers COMMIT with ROLLBACK.
		if text == "COMMIT" && results[len(results)-1].CommandTag.String() != "COMMIT" {
			return errNotCommitted
		}
		return nil
	})
}

// judgePostgres reads the SQLSTATE (PostgreSQL, appendix A).
func judgePostgres(err error) trouble {
	if errors.Is(err, errNotCommitted) {
		return broken
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if lost(err) || pgconn.Timeout(err) || strings.Contains(err.Error(), "conn closed") {
			return broken
		}
		return plain
	}
	switch {
	case e.Code == "23505":
		return conflict
	case e.Code == "22021", e.Code == "22P05":
		return badValue
	case e.Code == "57014", strings.HasPrefix(e.Code, "40"), e.Code == "55P03":
		return busy
	case e.Code == "25006":
		return broken
	}
	switch e.Code[:2] {
	case "08", "53", "57", "58", "XX":
		return broken
	}
	return plain
}
