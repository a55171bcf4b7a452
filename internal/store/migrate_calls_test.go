package store_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// before gives the migrations up to the one whose name begins so.
func before(t *testing.T, name string) fs.FS {
	t.Helper()
	paths, err := fs.Glob(store.Migrations, "migrations/*")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, path := range paths {
		if strings.HasPrefix(path, "migrations/"+name) {
			break
		}
		text, err := fs.ReadFile(store.Migrations, path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = &fstest.MapFile{Data: text}
	}
	return out
}

// upgraded is a database that had the migrations up to name and rows made by the
// statements of old, after all the others.
func upgraded(t *testing.T, driver, name, old string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), storetest.Config(t, driver))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMigrations(before(t, name))
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(old, ";") {
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(statement)
			return err
		})
	}
	db.SetMigrations(store.Migrations)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// A database from before there were calls: whoever came in with an authorization
// token may read them, and administrators everything.
func TestCallsComeToAnOldDatabase(t *testing.T) {
	const old = `INSERT INTO stands (stand, epoch, issuer) VALUES ('test', 1, 'x');
		INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
			SELECT 1, 'test', 'a', 'a', 1, 0, '{}', 0, 0 UNION SELECT 2, 'test', 'b', 'b', 2, 0, '{}', 0, 0;
		INSERT INTO roles (id, account, name, permissions) SELECT 10, 1, 'Administrator', '["AccountRead"]'
			UNION SELECT 11, 2, 'Integration API', '["AuditRead"]';
		INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
			SELECT 21, 1, 'test', 'integration', 'i', '', 'a', '', 0, 1, 0, 0
			UNION SELECT 22, 2, 'test', 'integration', 'i', '', 'b', '', 0, 1, 0, 0
			UNION SELECT 23, 2, 'test', 'user', 'u', 'u', 'u', '', 0, 1, 0, 0`
	const held = `SELECT p.id || ' ' || r.name || ' ' || r.permissions FROM principal_roles h
		JOIN roles r ON r.id = h.role JOIN principals p ON p.id = h.principal ORDER BY p.id`
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			db := upgraded(t, driver, "0008", old)
			want := []string{
				`21 Integration API ["CallsList","RecordRead"]`, `22 Integration API 22 ["CallsList","RecordRead"]`,
			}
			if got := texts(t, db, held); !slices.Equal(got, want) {
				t.Error(got)
			}
			got := texts(t, db, `SELECT permissions FROM roles WHERE id IN (10, 11) ORDER BY id`)
			if !slices.Equal(got, []string{`["AccountRead","CallsAdd","CallsList","RecordDelete","RecordRead"]`, `["AuditRead"]`}) {
				t.Error(got)
			}
		})
	}
}
