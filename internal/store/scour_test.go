package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// What was written, written over and deleted is in no file of the database any
// more (B49): neither in pages that are free again nor in the journal. Before, it
// was.
func TestScour(t *testing.T) {
	c := storetest.Config(t, store.SQLite)
	db := storetest.OpenConfig(t, c)
	write := func(statement string, args ...any) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(statement, args...); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	write(`CREATE TABLE scrap (id BIGINT PRIMARY KEY, text TEXT NOT NULL)`)
	for i := range 400 {
		text := strings.Repeat(fmt.Sprintf("МАРКЕР %d ", i), 1+i%300)
		write(`INSERT INTO scrap VALUES ($1, $2)`, i, text)
		write(`UPDATE scrap SET text = $2 WHERE id = $1`, i, "changed "+strings.Repeat("МАРКЕР ", 1+i%100))
	}
	if left := marked(t, c.Folder); left == 0 {
		t.Error("the files do not hold what was written")
	}
	write(`DELETE FROM scrap`)
	if err := db.Scour(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := marked(t, c.Folder); left > 0 {
		t.Errorf("%d pieces of deleted text are left", left)
	}
}

// A reader who takes his time keeps nobody else: the journal is emptied by the
// next call.
func TestScourBesideReader(t *testing.T) {
	c := storetest.Config(t, store.SQLite)
	db := storetest.OpenConfig(t, c)
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		var n int64
		if err := tx.QueryRow(`SELECT count(*) FROM stands`).Scan(&n); err != nil {
			return err
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`CREATE TABLE scrap (id BIGINT PRIMARY KEY)`)
			return err
		}); err != nil {
			return err
		}
		return db.Scour(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Scour(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(c.Folder, "propusk.db-wal")); err != nil || info.Size() > 0 {
		t.Errorf("the journal: %v, %v", info, err)
	}
}

// marked counts the markers in every file of the folder.
func marked(t *testing.T, folder string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(text, []byte("МАРКЕР"))
	}
	return n
}
