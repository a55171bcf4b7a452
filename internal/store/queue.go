package store

import (
	"context"
	"time"
)

// Queue hands fn to the writer without waiting for it: every Write that begins
// after Queue has returned sees what fn did. It is for marks whose loss in a
// crash loses nothing acknowledged; a failure is logged.
func (db *DB) Queue(ctx context.Context, fn func(*Tx) error) {
	j := &job{ctx: context.WithoutCancel(ctx), fn: fn, done: make(chan error, 1)}
	if err := db.writer.enqueue(j); err != nil {
		db.config.Logger.WarnContext(ctx, "a mark was not written", "error", err)
	}
}

// Now is the clock of this database's owner.
func (db *DB) Now() time.Time { return db.config.Now() }
