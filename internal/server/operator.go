package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"propusk/internal/audit"
	"propusk/internal/server/operation"
	"propusk/internal/store"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

// Operator runs the operator's operations, wherever the data is held.
type Operator struct {
	operation.Runner

	// Live says that a server holds the data and runs them.
	Live bool

	close func() error
}

// Close lets the data go. It never stops a server.
func (o *Operator) Close() error { return o.close() }

// Operations are what the operator's commands can do on d.
func (d *Data) Operations() *operation.Table {
	return operation.NewTable(operation.Parts{
		Admin: d.Admin, Tokens: d.Authority, Calls: d.Calls, Tasks: tasks.NewImporter(storetasks.New(d.DB), d.Now),
		Products: d.Catalog, Uploads: d.Uploads, Proof: auditProof{d, audit.NewSealer(d.Ring)},
		Backup: d.DB.Backup,
	})
}

// ListenOperator opens the socket through which the commands reach d. The caller
// serves it, and shuts it down before d is closed.
func (d *Data) ListenOperator(ctx context.Context) (*operation.Socket, error) {
	return operation.Listen(ctx, d.Config.Data, d.Operations(), d.Log)
}

// Deployed refuses a folder that nobody has set up: a command that makes a
// deployment because of a mistyped name helps nobody.
func (c Config) Deployed() error {
	_, err := os.Stat(c.DeploymentKeyFile())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no deployment in %s: its key %s is missing; make one with propusk init, or name another folder with --data or --config",
			c.Data, c.DeploymentKeyFile())
	}
	return err
}

const (
	lockPatience = 5 * time.Second // a server that starts or stops has the lock and no socket
	lockRetry    = 50 * time.Millisecond
)

// OpenOperator finds the server that holds the data, or else opens the data
// itself and keeps servers away until Close.
func OpenOperator(ctx context.Context, c Config) (*Operator, error) {
	giveUp := time.Now().Add(lockPatience)
	for {
		client, err := operation.Dial(ctx, c.Data)
		if err == nil {
			return &Operator{client, true, func() error { return nil }}, nil
		}
		d, err := OpenData(ctx, c, Options{Log: silent(), Demo: true})
		if err == nil {
			return &Operator{d.Operations(), false, d.Close}, nil
		}
		if !errors.Is(err, store.ErrLocked) || time.Now().After(giveUp) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockRetry):
		}
	}
}

// silent is the log of commands: they say themselves what they did.
func silent() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// Migration is what a migration did to the schema.
type Migration struct{ Before, After int64 }

// MigrateData brings the schema up to date and does nothing else. A running
// server has done so at its start: then it fails with store.ErrLocked.
func MigrateData(ctx context.Context, c Config) (m Migration, err error) {
	d := &Data{Config: c, Log: silent(), Now: time.Now, issuers: newIssuers(c.BaseURL)}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.takeFolder(true); err != nil {
		return m, err
	}
	if m.Before, _, err = schema(ctx, c); err != nil {
		return m, err
	}
	if err := d.openStore(ctx); err != nil {
		return m, err
	}
	m.After, _, err = d.DB.Schema(ctx)
	return m, err
}

// schema reads the version of the database and the one that is needed.
func schema(ctx context.Context, c Config) (have, need int64, err error) {
	dsn, err := c.DatabaseDSN()
	if err != nil {
		return 0, 0, err
	}
	db, err := store.Open(ctx, store.Config{
		Driver: c.Database.Driver, Folder: c.Data, DSN: dsn.Reveal(), Logger: silent(), Readers: 1,
	})
	if err != nil {
		return 0, 0, fmt.Errorf("the database cannot be opened: %w", err)
	}
	have, need, err = db.Schema(ctx)
	if err == nil && have > 0 {
		err = db.Check(ctx)
	}
	return have, need, errors.Join(err, db.Close())
}
