package store

import (
	"context"
	"database/sql"
	"time"
)

// engine is what differs between the two databases.
type engine interface {
	// name is "sqlite" or "postgres".
	name() string
	// writer opens the one connection that changes rows.
	writer(ctx context.Context) (*session, error)
	// reader opens a connection that cannot change anything.
	reader(ctx context.Context) (*session, error)
	// admin opens a handle for migrations and maintenance, for the caller to
	// close.
	admin() (*sql.DB, error)
	// close lets go of what the engine holds beside its sessions.
	close() error
}

// dialect is the fixed text and judgement that a session of an engine needs.
type dialect struct {
	beginWrite string
	beginRead  string
	// auditHead reads the end of the audit and keeps other writers from it.
	auditHead string
	// judge tells what an error of the driver means.
	judge func(error) trouble
	// control runs fixed statements, several separated by semicolons.
	control func(ctx context.Context, s *session, text string) error
	// limit bounds a batch: its statements run under a context with this
	// timeout. 0 = none.
	limit time.Duration
	// batch is how many callers share one commit at most.
	batch int
	// cache: statements are prepared once per session. False where the driver
	// does so itself.
	cache bool
}
