package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"propusk/internal/disk"
)

// Ping reports whether rows can be read and whether the writer has a
// connection. It is cheap enough for a readiness probe.
func (db *DB) Ping(ctx context.Context) error {
	var one int64
	err := db.ReadOne(ctx, func(tx *Tx) error { return tx.QueryRow("SELECT 1").Scan(&one) })
	if err != nil {
		return err
	}
	return db.Write(ctx, func(*Tx) error { return nil })
}

// Check looks for damage: on SQLite it reads the whole file, on PostgreSQL,
// which checks its own pages, it only asks for an answer.
func (db *DB) Check(ctx context.Context) error {
	if db.Driver() != SQLite {
		return db.Ping(ctx)
	}
	return db.Read(ctx, func(tx *Tx) error {
		var answer string
		if err := tx.QueryRow("PRAGMA quick_check(1)").Scan(&answer); err != nil {
			return err
		}
		if answer != "ok" {
			return fmt.Errorf("store: the database is damaged: %s", answer)
		}
		return nil
	})
}

// scourWait is how long Scour has writers wait for a reader at most.
const scourWait = 200 * time.Millisecond

// Scour has the files of SQLite forget what was deleted. In the database deleted
// rows are overwritten by the transaction that deletes them; the journal, where
// their former writes still stand, is emptied here. While somebody reads for long
// that is left to the next call. PostgreSQL overwrites them when it vacuums.
func (db *DB) Scour(ctx context.Context) error {
	if db.Driver() != SQLite {
		return nil
	}
	handle, err := db.engine.admin()
	if err != nil {
		return err
	}
	defer handle.Close()
	handle.SetMaxOpenConns(1) // both statements are for one connection
	if _, err := handle.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", scourWait.Milliseconds())); err != nil {
		return err
	}
	var busy, frames, moved int64
	return handle.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
}

// ErrUseDump is what Backup returns on PostgreSQL.
var ErrUseDump = errors.New("store: back up PostgreSQL with pg_dump or its own point-in-time recovery")

// Backup writes a consistent copy of the SQLite database to path (mode 0600)
// while work goes on. The file is there whole or not at all; an existing one is
// not touched. Whoever works with the copy refuses what was issued before (Stands).
func (db *DB) Backup(ctx context.Context, path string) error {
	if db.Driver() != SQLite {
		return ErrUseDump
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: backup: %s exists", path)
	}
	if err := db.copyTo(ctx, path); err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	return nil
}

func (db *DB) copyTo(ctx context.Context, path string) error {
	unfinished := path + ".unfinished"
	if err := createPrivate(unfinished); err != nil {
		return err
	}
	defer func() { _ = os.Remove(unfinished) }()
	handle, err := db.engine.admin()
	if err != nil {
		return err
	}
	defer handle.Close()
	if _, err := handle.ExecContext(ctx, "VACUUM INTO $1", unfinished); err != nil {
		return err
	}
	return publish(unfinished, path)
}

// publish marks the finished copy and gives it its name, on disk before it is said.
func publish(from, to string) error {
	f, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(markCopy(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(to))
}
