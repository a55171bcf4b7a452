package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrLocked is what LockFolder and LockDatabase return, wrapped, when another
// process holds the lock.
var ErrLocked = errors.New("already in use")

// lockFile is the name of the lock in the data folder. It holds the pid.
const lockFile = "propusk.lock"

// Lock keeps a second server away until Close.
type Lock struct {
	lost  chan struct{}
	once  sync.Once
	close func() error
	err   error
}

// Lost is closed when the lock is gone although Close was not called: its
// database connection has broken. The lock of a folder is never lost.
func (l *Lock) Lost() <-chan struct{} { return l.lost }

// Close gives the lock back. Closing twice is fine.
func (l *Lock) Close() error {
	l.once.Do(func() { l.err = l.close() })
	return l.err
}

// LockFolder takes the data folder for this process. The lock ends with the
// process, however it ends. A second one gets ErrLocked in an error that names
// the holder.
func LockFolder(folder string) (*Lock, error) {
	path := filepath.Join(folder, lockFile)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: lock the data folder: %w", err)
	}
	if err := lockExclusive(f); err != nil {
		defer f.Close()
		return nil, fmt.Errorf("store: the data folder %s is %w by %s", folder, ErrLocked, holder(path))
	}
	if err := writePID(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("store: lock the data folder: %w", err)
	}
	return &Lock{lost: make(chan struct{}), close: f.Close}, nil
}

func holder(path string) string {
	text, err := os.ReadFile(path)
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return "another process"
	}
	return "process " + pid
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// The advisory locks of PostgreSQL, each together with the schema: what a
// migration and a server hold.
const (
	schemaLock = 0x70727301
	serveLock  = 0x70727302
)

const (
	lockPatience = 2 * time.Second
	lockPause    = 20 * time.Millisecond
)

// LockDatabase takes the whole database for this process: the data folder of
// SQLite, or an advisory lock on a connection of its own in PostgreSQL, which
// tells through Lost when that connection breaks. It waits up to two seconds for
// a holder that is just leaving.
func (db *DB) LockDatabase(ctx context.Context) (*Lock, error) {
	e, ok := db.engine.(*postgresEngine)
	if !ok {
		return LockFolder(db.config.Folder)
	}
	conn, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return nil, fmt.Errorf("store: lock the database: %w", err)
	}
	if err := awaitLock(ctx, conn); err != nil {
		conn.Close(ctx)
		return nil, fmt.Errorf("store: lock the database: %w", err)
	}
	return watch(conn), nil
}

// awaitLock gives a former holder that is going the moment that its server
// process takes to notice: PostgreSQL frees an advisory lock after the connection
// was closed, not with it.
func awaitLock(ctx context.Context, conn *pgx.Conn) error {
	giveUp := time.Now().Add(lockPatience)
	for {
		err := tryLock(ctx, conn)
		if !errors.Is(err, ErrLocked) || time.Now().After(giveUp) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(lockPause):
		}
	}
}

func tryLock(ctx context.Context, conn *pgx.Conn) error {
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", serveLock).Scan(&got); err != nil {
		return err
	}
	if got {
		return nil
	}
	const query = `SELECT l.pid, coalesce(host(a.client_addr), 'this machine')
		FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
		AND l.classid = $1 AND l.objid = hashtext(current_schema())::oid
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	var pid int64
	var address string
	if err := conn.QueryRow(ctx, query, serveLock).Scan(&pid, &address); err != nil {
		return fmt.Errorf("the database is %w by another propusk", ErrLocked)
	}
	return fmt.Errorf("the database is %w by another propusk (from %s, server process %d)", ErrLocked, address, pid)
}

// watch notices the end of the lock's connection: a connection on which nobody
// notifies has nothing to read until it breaks.
func watch(conn *pgx.Conn) *Lock {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	l := &Lock{lost: make(chan struct{})}
	l.close = func() error {
		cancel()
		<-ended
		return conn.Close(context.Background())
	}
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if _, err := conn.WaitForNotification(ctx); err != nil && ctx.Err() == nil {
				close(l.lost)
				return
			}
		}
	}()
	return l
}
