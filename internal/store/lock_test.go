package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestLockFolder(t *testing.T) {
	folder := t.TempDir()
	first, err := store.LockFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.LockFolder(folder)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("second lock: %v", err)
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Error(err)
	}
	again, err := store.LockFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if _, err := store.LockFolder(filepath.Join(folder, "missing")); err == nil {
		t.Error("a missing folder was locked")
	}
}

func TestLockDatabase(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			config := storetest.Config(t, driver)
			one, two := storetest.OpenConfig(t, config), storetest.OpenConfig(t, config)
			elsewhere := storetest.Open(t, driver)
			lock, err := one.LockDatabase(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := two.LockDatabase(t.Context()); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "process") {
				t.Errorf("second lock: %v", err)
			}
			other, err := elsewhere.LockDatabase(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(other.Close(), lock.Close()); err != nil {
				t.Error(err)
			}
			lock, err = two.LockDatabase(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if driver == store.Postgres {
				terminate(t, config.DSN)
				<-lock.Lost()
			}
			_ = lock.Close()
		})
	}
}

// TestFileModes: nobody else reads the folder and its files, under any umask.
func TestFileModes(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o777} {
		t.Run(fmt.Sprintf("%03o", umask), func(t *testing.T) {
			config := store.Config{Folder: filepath.Join(t.TempDir(), "data")}
			former := syscall.Umask(umask)
			defer syscall.Umask(former)
			db := storetest.OpenConfig(t, config)
			items(t, db)
			modes := map[string]os.FileMode{}
			for _, path := range []string{config.Folder, databasePath(config), databasePath(config) + "-wal", databasePath(config) + "-shm"} {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				modes[filepath.Base(path)] = info.Mode().Perm()
			}
			want := map[string]os.FileMode{"data": 0o700, "propusk.db": 0o600, "propusk.db-wal": 0o600, "propusk.db-shm": 0o600}
			if diff := cmp.Diff(want, modes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPragmas: what durability and foreign keys rest on, on the connection that
// writes.
func TestPragmas(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	want := map[string]string{"synchronous": "2", "foreign_keys": "1", "journal_mode": "wal", "temp_store": "2", "wal_autocheckpoint": "1000"}
	got := map[string]string{}
	write(t, db, func(tx *store.Tx) error {
		for name := range want {
			var value string
			if err := tx.QueryRow("PRAGMA " + name).Scan(&value); err != nil {
				return err
			}
			got[name] = value
		}
		return nil
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWALStaysBounded(t *testing.T) {
	config := storetest.Config(t, store.SQLite)
	db := storetest.OpenConfig(t, config)
	items(t, db)
	note := make([]byte, 256<<10)
	for i := range int64(200) { // 50 MiB
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO items (id, name, note) VALUES ($1, $2, $3)`, i, fmt.Sprint(i), note)
			return err
		})
	}
	info, err := os.Stat(databasePath(config) + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 8<<20 {
		t.Errorf("the log has %d bytes", info.Size())
	}
}

func TestBackup(t *testing.T) {
	config := storetest.Config(t, store.SQLite)
	db := storetest.OpenConfig(t, config)
	items(t, db)
	write(t, db, insert(1, "kept"))
	if _, err := db.Stands(t.Context(), func() string { return "issuer" }); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "propusk.db")
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path); err == nil {
		t.Error("an existing file was written over")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(err, info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
	write(t, db, insert(2, "later"))
	restored := storetest.OpenConfig(t, store.Config{Folder: folder})
	if diff := cmp.Diff([]string{"kept"}, names(t, restored)); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(restored.Check(t.Context()), db.Check(t.Context()), db.Ping(t.Context())); err != nil {
		t.Error(err)
	}
	epochs := func(db *store.DB) (store.StandRow, store.StandRow) {
		rows, err := db.Stands(t.Context(), func() string { return "issuer" })
		if err != nil {
			t.Fatal(err)
		}
		return rows[authority.Production], rows[authority.Test]
	}
	own, _ := epochs(db)
	first, other := epochs(restored)
	cut, _ := epochs(restored)
	if err := restored.Rekeyed(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, _ := epochs(restored)
	if cut != first {
		t.Errorf("before the keys are replaced: %+v, then %+v", first, cut)
	}
	if own.Restored || own.Epoch != 1 || !first.Restored || first.Epoch <= own.Epoch || other.Epoch != first.Epoch || second.Restored || second.Epoch != first.Epoch {
		t.Errorf("the database %+v, its copy %+v, %+v, then %+v", own, first, other, second)
	}
	if err := storetest.Open(t, store.Postgres).Backup(t.Context(), path); !errors.Is(err, store.ErrUseDump) {
		t.Error(err)
	}
}

func TestCheckFindsDamage(t *testing.T) {
	folder := t.TempDir()
	db := storetest.Open(t, store.SQLite)
	items(t, db)
	for i := range int64(500) {
		write(t, db, insert(i, strings.Repeat(fmt.Sprint(i), 40)))
	}
	path := filepath.Join(folder, "propusk.db")
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 9000), info.Size()-20000); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	damaged := storetest.OpenConfig(t, store.Config{Folder: folder})
	if err := damaged.Check(t.Context()); err == nil {
		t.Error("the damage was not found")
	}
}

func TestAudit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error {
			return store.Audit(tx, authority.Entry{Stand: authority.Test, Account: 7, Verb: "task.create", Outcome: authority.Done})
		})
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := store.Audit(tx, authority.Entry{Verb: "lost"}); err != nil {
				return err
			}
			return errOwn
		})
		if !errors.Is(err, errOwn) {
			t.Fatal(err)
		}
		got := texts(t, db, `SELECT stand || ' ' || account || ' ' || verb || ' ' || outcome || ' ' || count FROM audit WHERE id > 0 AND at_ms > 0`)
		if diff := cmp.Diff([]string{"test 7 task.create done 1"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// A restore that is said ends what was there on both engines, and each has an epoch
// of its own.
func TestRaiseEpoch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seen := uint64(0)
		for range 3 {
			rows, err := db.Stands(t.Context(), func() string { return "issuer" })
			if err != nil {
				t.Fatal(err)
			}
			for stand, row := range rows {
				if row.Epoch <= seen || row.Restored != (seen > 0) {
					t.Errorf("%s: %+v after %d", stand, row, seen)
				}
			}
			seen = rows[authority.Production].Epoch
			if err := db.RaiseEpoch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}
