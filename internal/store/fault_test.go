package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// TestCommitFails: nobody of the batch is told that anything was kept, no hook
// runs, and the next batch uses another connection.
func TestCommitFails(t *testing.T) {
	for _, point := range []string{"begin", "savepoint", "rollback", "commit"} {
		t.Run(point, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				items(t, db)
				letGo := hold(t, db)
				var hooks atomic.Int32
				hooked := func(tx *store.Tx) error {
					tx.AfterCommit(func() { hooks.Add(1) })
					return insert(1, "lost")(tx)
				}
				first := queued(t.Context(), t, db, hooked)
				second := queued(t.Context(), t, db, func(*store.Tx) error { return errOwn })
				if point == "begin" {
					if err := letGo(); err != nil { // begun before
						t.Fatal(err)
					}
					_, _ = <-first, <-second
					letGo = func() error { return db.Write(t.Context(), hooked) }
				}
				ran := hooks.Load()
				db.SetFault(fail(point))
				wantCode(t, letGo(), authority.Unavailable)
				if point != "begin" {
					wantCode(t, <-first, authority.Unavailable)
					// Its failure may rest on changes that are lost.
					err := <-second
					if code := authority.CodeOf(err); code != authority.Unavailable && !errors.Is(err, errOwn) {
						t.Error(err)
					}
				}
				if hooks.Load() != ran {
					t.Error("a hook ran")
				}
				db.ClearFault()
				write(t, db, insert(2, "next"))
				if got := names(t, db); got[len(got)-1] != "next" || len(got) != 1+int(ran) {
					t.Error(got)
				}
			})
		})
	}
}

func fail(point string) func(string) error {
	return func(at string) error {
		if at == point {
			return fmt.Errorf("fault at %s", at)
		}
		return nil
	}
}

// TestStorageAway: while the database cannot be opened again, callers are
// refused at once with RetryAfter, attempts come at growing distances, and work
// goes on without a restart when it is back.
func TestStorageAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, store.SQLite)
		items(t, db)
		var attempts atomic.Int32
		db.SetFault(func(point string) error {
			if point == "reopen" {
				attempts.Add(1)
			}
			return errors.New("the disk is gone")
		})
		for range 100 {
			err := db.Write(t.Context(), insert(1, "never"))
			wantCode(t, err, authority.Unavailable)
			var e *authority.Error
			if errors.As(err, &e); e.RetryAfter <= 0 {
				t.Fatal("no RetryAfter")
			}
			time.Sleep(100 * time.Millisecond) // in synctest's bubble, whose clock jumps: nobody waits
		}
		if n := attempts.Load(); n < 5 || n > 10 {
			t.Errorf("%d attempts in 10 s", n)
		}
		db.ClearFault()
		time.Sleep(5 * time.Second)
		write(t, db, insert(2, "back"))
		if diff := cmp.Diff([]string{"back"}, names(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestDiskFull uses SQLite's own limit, which fails as a full disk does.
func TestDiskFull(t *testing.T) {
	db := storetest.OpenConfig(t, patient(t, store.SQLite))
	items(t, db)
	letGo := hold(t, db)
	neighbour := queued(t.Context(), t, db, insert(1, "in the same batch"))
	full := queued(t.Context(), t, db, func(tx *store.Tx) error {
		if err := tx.Control("PRAGMA max_page_count=1"); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO items (id, name, note) VALUES ($1, $2, $3)`, 2, "big", make([]byte, 1<<20))
		return err
	})
	wantCode(t, letGo(), authority.Unavailable)
	wantCode(t, <-neighbour, authority.Unavailable)
	wantCode(t, <-full, authority.Unavailable)
	write(t, db, insert(3, "space again"))
	if diff := cmp.Diff([]string{"space again"}, names(t, db)); diff != "" {
		t.Error(diff)
	}
}

// TestServerDropsConnections kills every connection of the program in
// PostgreSQL while a batch runs and while readers are idle.
func TestServerDropsConnections(t *testing.T) {
	config := patient(t, store.Postgres)
	db := storetest.OpenConfig(t, config)
	items(t, db)
	names(t, db) // an idle reader
	letGo := hold(t, db)
	other := queued(t.Context(), t, db, insert(1, "lost"))
	terminate(t, config.DSN)
	if err := letGo(); err == nil {
		t.Error("acknowledged on a dead connection")
	}
	wantCode(t, <-other, authority.Unavailable)
	eventually(t, func() bool { return db.Write(t.Context(), insert(2, "next")) == nil })
	eventually(t, func() bool {
		return db.ReadOne(t.Context(), func(tx *store.Tx) error {
			var n int64
			return tx.QueryRow(`SELECT count(*) FROM items`).Scan(&n)
		}) == nil
	})
	if diff := cmp.Diff([]string{"next"}, names(t, db)); diff != "" {
		t.Error(diff)
	}
}

// terminate ends all other connections to the database at dsn and waits until
// they are gone.
func terminate(t *testing.T, dsn string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	// Other tests' connections to this database are closed by now.
	const others = `FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) `+others); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		var n int
		return conn.QueryRow(ctx, `SELECT count(*) `+others).Scan(&n) == nil && n == 0
	})
}

func TestRefusesUnsafePostgres(t *testing.T) {
	config := storetest.Config(t, store.Postgres)
	config.DSN += "&synchronous_commit=off"
	_, err := store.Open(t.Context(), config)
	if err == nil || !strings.Contains(err.Error(), "synchronous_commit") {
		t.Fatal(err)
	}
}

func TestOpenFails(t *testing.T) {
	for name, config := range map[string]store.Config{
		"unknown driver": {Driver: "oracle"},
		"no folder":      {},
		"bad address":    {Driver: store.Postgres, DSN: "postgres://%zz"},
		"nobody there":   {Driver: store.Postgres, DSN: "host=/nonexistent user=x password=hidden dbname=x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := store.Open(t.Context(), config)
			if err == nil {
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
