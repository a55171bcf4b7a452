package store

import (
	"context"
	"io/fs"
)

// SetFault has f called at the named points of the writer: begin, savepoint,
// rollback, commit, reopen, migrate. An error it returns is as the engine's.
func (db *DB) SetFault(f func(point string) error) { db.writer.fault.Store(&f) }

// ClearFault takes the fault away.
func (db *DB) ClearFault() { db.writer.fault.Store(nil) }

// SetMigrations replaces the embedded migrations.
func (db *DB) SetMigrations(files fs.FS) { db.migrations = files }

// Waiting is how many writes are queued.
func (db *DB) Waiting() int { return len(db.writer.queue) }

// Control runs fixed text on the writer's connection.
func (tx *Tx) Control(text string) error {
	return tx.session.control(context.Background(), tx.session, text)
}

// Migrations are the embedded files.
var Migrations fs.FS = migrations

// Split and Lex are the parser of migrations.
var (
	Split = split
	Lex   = lex
)

// Closing reports whether Close has begun.
func (db *DB) Closing() bool {
	db.writer.mu.RLock()
	defer db.writer.mu.RUnlock()
	return db.writer.closed
}
