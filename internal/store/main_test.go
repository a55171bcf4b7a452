package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if statement, ok := os.LookupEnv(childStatement); ok {
			migrateAndDie(folder, statement)
		}
		if os.Getenv(childAudits) != "" {
			auditAndTell(folder)
		}
		writeAndTell(folder)
	}
	goleak.VerifyTestMain(m)
}

// patient gives a new database whose commits take in whatever is queued before
// they end, however long that lasts.
func patient(t *testing.T, driver string) store.Config {
	config := storetest.Config(t, driver)
	config.Slice = time.Hour
	return config
}

// each runs fn on every engine, on a patient database.
func each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) { fn(t, storetest.OpenConfig(t, patient(t, driver))) })
	}
}

// createItems is a table for tests, beside the product's own.
const createItems = `CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, note BYTES)`

// items gives db the table that these tests write to.
func items(t testing.TB, db *store.DB) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(store.Render(createItems, db.Driver()))
		return err
	})
}

func write(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(context.WithoutCancel(t.Context()), fn); err != nil {
		t.Fatal(err)
	}
}

func insert(id int64, name string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO items (id, name) VALUES ($1, $2)`, id, name)
		return err
	}
}

// names gives all items, in order of id.
func names(t testing.TB, db *store.DB) []string {
	t.Helper()
	var out []string
	err := db.ReadOne(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT name FROM items ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			out = append(out, name)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantCode(t testing.TB, err error, code authority.Code) {
	t.Helper()
	if got := authority.CodeOf(err); got != code {
		t.Fatalf("code %q (%v), want %q", got, err, code)
	}
}

// hold makes the writer wait inside a transaction until the returned function
// is called; what is queued meanwhile shares its commit.
func hold(t testing.TB, db *store.DB) (letGo func() error) {
	t.Helper()
	entered, gate, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), func(*store.Tx) error {
			close(entered)
			<-gate
			return nil
		})
	}()
	<-entered
	return func() error { close(gate); return <-done }
}

// queued starts a write and returns once it waits in the queue.
func queued(ctx context.Context, t testing.TB, db *store.DB, fn func(*store.Tx) error) <-chan error {
	t.Helper()
	before := db.Waiting()
	done := make(chan error, 1)
	go func() { done <- db.Write(ctx, fn) }()
	eventually(t, func() bool { return db.Waiting() > before })
	return done
}

// eventually waits for what another process or goroutine is about to do.
func eventually(t testing.TB, done func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it does not happen")
		}
	}
}

var errOwn = errors.New("my own failure")

const (
	childFolder    = "PROPUSK_STORE_CHILD_FOLDER"
	childStatement = "PROPUSK_STORE_CHILD_STATEMENT"
)

// migrateAndDie is the child of TestMigrateKilled: it kills itself before the
// n-th statement.
func migrateAndDie(folder, statement string) {
	db, err := store.Open(context.Background(), store.Config{Folder: folder})
	if err != nil {
		os.Exit(3)
	}
	count := ""
	db.SetFault(func(string) error {
		if count == statement {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		count += "x"
		return nil
	})
	if err := db.Migrate(context.Background()); err != nil {
		os.Exit(4)
	}
	os.Exit(0)
}

const (
	tellRows  = 40
	tellTries = 400
)

// writeAndTell is the child of TestDiskFails: it writes rows one by one, tells
// which were acknowledged, and goes on after a failure without a restart.
func writeAndTell(folder string) {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Config{Folder: folder})
	if err != nil {
		os.Exit(3)
	}
	pause := time.NewTicker(10 * time.Millisecond)
	acknowledged := 0
	for try := 0; acknowledged < tellRows && try < tellTries; try++ {
		name := fmt.Sprint("row ", try)
		if err := db.Write(ctx, insert(int64(try), name)); err != nil {
			fmt.Fprintln(os.Stdout, "failed", name)
			<-pause.C
			continue
		}
		fmt.Fprintln(os.Stdout, "kept", name)
		acknowledged++
	}
	_ = db.Close()
	os.Exit(0)
}

func databasePath(config store.Config) string { return filepath.Join(config.Folder, "propusk.db") }
