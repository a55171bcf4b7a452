package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"propusk/internal/disk"
)

// databaseFile is the name of the SQLite database in the data folder.
const databaseFile = "propusk.db"

// sqliteEngine keeps everything in one file of the data folder.
type sqliteEngine struct {
	path    string
	writing *sql.DB
	reading *sql.DB
	dialect dialect
}

// openSQLite makes folder and file where they are missing, readable by nobody
// else.
func openSQLite(config Config) (engine, error) {
	ready := secureFile
	if config.ReadOnly {
		ready = existingFile
	}
	path, err := ready(config.Folder)
	if err != nil {
		return nil, fmt.Errorf("store: data folder: %w", err)
	}
	e := &sqliteEngine{path: path, dialect: dialect{
		beginWrite: "BEGIN IMMEDIATE",
		beginRead:  "BEGIN",
		auditHead:  "SELECT position, seal FROM audit_head WHERE id = 1",
		judge:      judgeSQLite,
		control:    controlSQLite,
		batch:      256,
		cache:      true,
	}}
	if config.ReadOnly {
		return e, e.onlyRead()
	}
	if e.writing, err = open(path, nil); err != nil {
		return nil, err
	}
	if e.reading, err = open(path, url.Values{"_pragma": {"query_only(ON)"}}); err != nil {
		e.writing.Close()
		return nil, err
	}
	e.writing.SetMaxOpenConns(1)
	return e, nil
}

// onlyRead has the sessions of both kinds change nothing: neither the rows nor
// the journal's mode, which a copy from a backup has otherwise. With mode=ro
// SQLite would leave files beside the database that nobody takes away.
func (e *sqliteEngine) onlyRead() (err error) {
	query := url.Values{
		"mode": {"rw"}, "_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"},
		"_pragma": {"busy_timeout(5000)", "trusted_schema(OFF)", "temp_store(MEMORY)", "query_only(ON)"},
	}
	e.reading, err = connect(e.path, query)
	e.writing = e.reading
	return err
}

// existingFile gives the path of the database if there is one.
func existingFile(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, databaseFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no database: %s is missing", path)
	}
	if err == nil && info.Size() == 0 {
		return "", fmt.Errorf("there is no database: %s is empty", path)
	}
	return path, err
}

// open gives a handle whose connections are set up alike. With synchronous
// NORMAL a power cut would lose acknowledged commits; foreign keys are off
// unless asked for on every connection. Deleted content is overwritten with
// zeros, so that the file keeps no secret or name that is gone.
func open(path string, more url.Values) (*sql.DB, error) {
	query := url.Values{
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
			"foreign_keys(ON)", "temp_store(MEMORY)", "trusted_schema(OFF)",
			"cache_size(-8000)", "wal_autocheckpoint(1000)", "secure_delete(ON)",
			fmt.Sprintf("journal_size_limit(%d)", 64<<20),
		},
		"_txlock":    {"immediate"},
		"_dqs":       {"0"},
		"_defensive": {"1"},
		"_error_rc":  {"1"},
	}
	for key, values := range more {
		query[key] = append(query[key], values...)
	}
	return connect(path, query)
}

func connect(path string, query url.Values) (*sql.DB, error) {
	address := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	connector, err := sqlite.NewConnector(address.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// secureFile makes the folder (0700) and the database (0600) under any umask;
// the files that SQLite puts beside it take the mode of the database.
func secureFile(folder string) (string, error) {
	if folder == "" {
		return "", errors.New("no folder is configured")
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", err
		}
		if err := os.Chmod(folder, 0o700); err != nil {
			return "", err
		}
	}
	path := filepath.Join(folder, databaseFile)
	if err := createPrivate(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return path, os.Chmod(path, 0o600)
}

// createPrivate makes an empty file that is there after a power cut. It never
// opens an existing one: closing it would drop SQLite's locks in this process.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(path))
}

func (e *sqliteEngine) name() string { return SQLite }

func (e *sqliteEngine) writer(ctx context.Context) (*session, error) {
	return e.session(ctx, e.writing)
}

func (e *sqliteEngine) reader(ctx context.Context) (*session, error) {
	return e.session(ctx, e.reading)
}

func (e *sqliteEngine) session(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return newSession(conn, &e.dialect), nil
}

func (e *sqliteEngine) admin() (*sql.DB, error) { return open(e.path, nil) }

func (e *sqliteEngine) close() error {
	return errors.Join(e.reading.Close(), e.writing.Close())
}

// controlSQLite runs the statements one by one, prepared.
func controlSQLite(ctx context.Context, s *session, text string) error {
	for one := range strings.SplitSeq(text, ";") {
		if _, err := s.exec(ctx, one, nil); err != nil {
			return err
		}
	}
	return nil
}

// judgeSQLite reads the extended result code (sqlite.org/rescode.html).
func judgeSQLite(err error) trouble {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		if lost(err) {
			return broken
		}
		return plain
	}
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return conflict
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_ERROR, lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_RANGE, lib.SQLITE_TOOBIG:
		return plain
	}
	// Everything else is the file, the disk, memory or an interrupt; several of
	// these codes have rolled the transaction back already.
	return broken
}
