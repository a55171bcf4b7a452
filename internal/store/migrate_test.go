package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// TestMigrationFiles: numbered from 1 without gaps, plain SQL.
func TestMigrationFiles(t *testing.T) {
	paths, err := fs.Glob(store.Migrations, "migrations/*")
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		if want := fmt.Sprintf("migrations/%04d_", i+1); !strings.HasPrefix(path, want) || !strings.HasSuffix(path, ".sql") {
			t.Errorf("%s: the file in this place is called %s<name>.sql", path, want)
		}
		text, err := fs.ReadFile(store.Migrations, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"+goose", "AUTOINCREMENT", "SERIAL", "BLOB", "BYTEA", "BOOLEAN", "TIMESTAMP", "INTEGER"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s says %s, which one engine does not read", path, word)
			}
		}
	}
}

// TestSameColumns: both engines end with the same tables, columns, order, types
// and nullability.
func TestSameColumns(t *testing.T) {
	const sqlite = `SELECT m.name || '.' || c.name || ' ' || lower(c.type) || ' ' || (c."notnull" OR c.pk > 0)
		FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'schema_version'
		ORDER BY m.name, c.cid`
	const postgres = `SELECT table_name || '.' || column_name || ' ' ||
			CASE data_type WHEN 'bigint' THEN 'integer' WHEN 'bytea' THEN 'blob' WHEN 'double precision' THEN 'real' ELSE data_type END
			|| ' ' || CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END
		FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'schema_version'
		ORDER BY table_name COLLATE "C", ordinal_position`
	a := texts(t, storetest.Open(t, store.SQLite), sqlite)
	b := texts(t, storetest.Open(t, store.Postgres), postgres)
	if len(a) < 16 {
		t.Fatalf("only %d columns", len(a))
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error("SQLite against PostgreSQL:\n" + diff)
	}
	collations := texts(t, storetest.Open(t, store.Postgres), `SELECT table_name || '.' || column_name
		FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'text'
		AND collation_name IS DISTINCT FROM 'C'`)
	if len(collations) > 0 {
		t.Errorf("columns that do not compare by bytes: %v", collations)
	}
}

func texts(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	var out []string
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func files(texts ...string) fs.FS {
	out := fstest.MapFS{}
	for i, text := range texts {
		out[fmt.Sprintf("migrations/%04d_x.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// TestMigrationFails: a migration that fails leaves nothing, and the mended one
// goes on from there; the former version is kept.
func TestMigrationFails(t *testing.T) {
	const first = `CREATE TABLE one (id BIGINT PRIMARY KEY);`
	const second = `CREATE TABLE two (id BIGINT PRIMARY KEY); INSERT INTO two (id) VALUES (1); `
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			config := storetest.Config(t, driver)
			db, err := store.Open(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			db.SetMigrations(files(first, second+`INSERT INTO nowhere (id) VALUES (1);`))
			if err := db.Migrate(t.Context()); err == nil {
				t.Fatal("no error")
			}
			if have, need, err := db.Schema(t.Context()); have != 1 || need != 2 || err != nil {
				t.Errorf("schema %d of %d, %v", have, need, err)
			}
			db.SetMigrations(files(first, second))
			for range 2 {
				if err := db.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := texts(t, db, `SELECT CAST(id AS TEXT) FROM two`); !slices.Equal(got, []string{"1"}) {
				t.Error(got)
			}
			db.SetMigrations(files(first))
			if err := db.Migrate(t.Context()); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("an older program on a newer schema: %v", err)
			}
		})
	}
}

// TestMigrateKilled is B89: SIGKILL before each statement of the first
// migrations; the next start completes.
func TestMigrateKilled(t *testing.T) {
	want := texts(t, storetest.Open(t, store.SQLite), `SELECT name FROM sqlite_schema ORDER BY name`)
	for n := 1; n <= 50; n += 7 {
		folder := t.TempDir()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childFolder+"="+folder, childStatement+"="+strings.Repeat("x", n))
		if err := child.Run(); err == nil || child.ProcessState.ExitCode() != -1 {
			t.Fatalf("the child was not killed: %v", err)
		}
		db := storetest.OpenConfig(t, store.Config{Folder: folder})
		got := texts(t, db, `SELECT name FROM sqlite_schema ORDER BY name`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("killed before statement %d:\n%s", n, diff)
		}
	}
}

func TestRender(t *testing.T) {
	tests := map[string]struct{ text, sqlite, postgres string }{
		"types": {
			`CREATE TABLE a (id IDENTITY, t TEXT NOT NULL, b BYTES, n BIGINT);`,
			`CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT NOT NULL, b BLOB, n INTEGER) STRICT;`,
			`CREATE TABLE a (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, t TEXT COLLATE "C" NOT NULL, b BYTEA, n BIGINT);`,
		},
		"without rowid": {
			`CREATE TABLE a (k TEXT PRIMARY KEY) WITHOUT ROWID;`,
			`CREATE TABLE a (k TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;`,
			`CREATE TABLE a (k TEXT COLLATE "C" PRIMARY KEY);`,
		},
		"comments": {
			"-- BIGINT; it's\nCREATE TABLE a /* TEXT; */(n BIGINT); -- end",
			`CREATE TABLE a (n INTEGER) STRICT;`,
			`CREATE TABLE a (n BIGINT);`,
		},
		"strings": {
			`INSERT INTO a (t) VALUES ('BIGINT; it''s -- TEXT');CREATE INDEX "BYTES" ON a (t);`,
			"INSERT INTO a (t) VALUES ('BIGINT; it''s -- TEXT');\nCREATE INDEX \"BYTES\" ON a (t);",
			"INSERT INTO a (t) VALUES ('BIGINT; it''s -- TEXT');\nCREATE INDEX \"BYTES\" ON a (t);",
		},
		"words inside words, no end": {
			`CREATE TABLE a (text_BIGINT BIGINT, full_TEXT TEXT)`,
			`CREATE TABLE a (text_BIGINT INTEGER, full_TEXT TEXT) STRICT;`,
			`CREATE TABLE a (text_BIGINT BIGINT, full_TEXT TEXT COLLATE "C");`,
		},
		"alter": {
			`ALTER TABLE a ADD COLUMN t TEXT;`,
			`ALTER TABLE a ADD COLUMN t TEXT;`,
			`ALTER TABLE a ADD COLUMN t TEXT COLLATE "C";`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.sqlite+"\n", store.Render(test.text, store.SQLite)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.postgres+"\n", store.Render(test.text, store.Postgres)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzLex: cutting ends, and loses nothing where there is no comment.
func FuzzLex(f *testing.F) {
	f.Add("CREATE TABLE a (t TEXT DEFAULT 'x;''y'); -- c\n/* d */ \"q\"")
	f.Add("'open")
	f.Add("/* open")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		joined := strings.Join(store.Lex(text), "")
		if !strings.Contains(text, "--") && !strings.Contains(text, "/*") && joined != text {
			t.Errorf("%q became %q", text, joined)
		}
		for _, statement := range store.Split(text) {
			if strings.TrimSpace(statement) == "" {
				t.Error("an empty statement")
			}
		}
	})
}
