package testenv_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/server"
	"propusk/internal/server/operation"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv"
)

// life is a deployment that servers work with one after another.
type life struct {
	config server.Config
	former *demo.Fixture
	tokens map[string]string // by the path that they open
	keys   []string          // published before
	pair   testenv.HubEx
}

func newLife(t *testing.T, driver string) *life {
	t.Helper()
	l := &life{config: server.Config{Data: t.TempDir()}}
	if driver == store.Postgres {
		l.config.Database = server.Database{Driver: driver, DSN: authority.NewSecret(storetest.Server(t).Database(t))}
	}
	return l
}

func (l *life) options() testenv.Options {
	return testenv.Options{Tasks: 5, Calls: 5, Change: func(c *server.Config) {
		c.Data = l.config.Data
		if l.config.Database.Driver != "" {
			c.Database = l.config.Database
		}
		l.config = *c
	}}
}

// begin fills the deployment and gets tokens of every form there is.
func (l *life) begin(t *testing.T) *testenv.Env {
	t.Helper()
	e := testenv.Start(t, l.options())
	l.former = e.Fixture
	home := e.Fixture.Accounts[0]
	l.pair = e.HubEx(t, "", home.HubEx.ServiceToken)
	l.tokens = map[string]string{
		taskPath + "?fetch=1": l.pair.Access,
		panel + "/me":         e.Do(t, elementDoor("", "/console/sys/token", home.Element.Key)).Field(t, "id_token"),
		"/api/v1/UserGroups":  e.Do(t, smartsForm(home, "/api/session", home.Smarts.External.Password)).Field(t, "Access_token"),
		phones + "/user":      ringmeSubject().Secrets(t, e.Client, home)[ringmeAccess],
		"/api/v1/request/getcallrecordfile?recordFileId=x": e.Do(t,
			testenv.Call{Path: "/auth/integrationapi/create"}.With(testenv.Bearer(home.Operator.AuthorizationToken)...)).Field(t, "accessToken"),
	}
	l.keys = published(t, e)
	l.taken(t, e, true)
	return e
}

// published gives the ids of the key set.
func published(t *testing.T, e *testenv.Env) (ids []string) {
	t.Helper()
	var set struct{ Keys []struct{ KID string } }
	if err := json.Unmarshal([]byte(e.Do(t, testenv.Call{Method: "GET", Path: "/.well-known/jwks.json"}).Body), &set); err != nil || len(set.Keys) == 0 {
		t.Fatal(set, err)
	}
	for _, k := range set.Keys {
		ids = append(ids, k.KID)
	}
	return ids
}

// taken checks what the first server's tokens are worth.
func (l *life) taken(t *testing.T, e *testenv.Env, want bool) {
	t.Helper()
	for path, token := range l.tokens {
		if a := e.Do(t, testenv.Call{Method: "GET", Path: path}.With(testenv.Bearer(token)...)); (a.Status != 401) != want {
			t.Errorf("%s: %d, taken should be %t", path, a.Status, want)
		}
	}
}

// dead checks that nothing of before is taken, and that there are new ones.
func (l *life) dead(t *testing.T, e *testenv.Env) testenv.HubEx {
	t.Helper()
	l.taken(t, e, false)
	for _, id := range published(t, e) {
		if slices.Contains(l.keys, id) {
			t.Errorf("the key %s of before is published", id)
		}
	}
	if a := e.Do(t, testenv.Call{Path: accessTokens, Body: `{"refreshJwt":"` + l.pair.Refresh + `"}`}); a.Status != 401 {
		t.Errorf("a refresh token of before: %d %s", a.Status, a.Body)
	}
	fresh := e.HubEx(t, "", l.former.Accounts[0].HubEx.ServiceToken)
	if a := e.Do(t, testenv.Call{Path: taskPath + "?fetch=1"}.With(testenv.Bearer(fresh.Access)...)); a.Status != 200 {
		t.Errorf("a new token: %d %s", a.Status, a.Body)
	}
	return fresh
}

// backup runs `propusk backup` beside the server.
func (l *life) backup(t *testing.T, file string) error {
	t.Helper()
	o, err := server.OpenOperator(t.Context(), l.config)
	if err != nil {
		t.Fatal(err)
	}
	if !o.Live {
		t.Error("the server was not asked")
	}
	_, err = o.Run(t.Context(), operation.Call{Operation: "backup", Stand: authority.Production, Input: json.RawMessage(`{"file":` + testenv.Quote(file) + `}`)})
	return errors.Join(err, o.Close())
}

// Rule 7, B88: a server that works with a copy of the database refuses what was
// issued before the copy was made, whatever was revoked after it, and only that.
func TestRestore(t *testing.T) {
	l := newLife(t, store.SQLite)
	copied := t.TempDir()
	t.Run("a first life", func(t *testing.T) {
		e := l.begin(t)
		if err := l.backup(t, filepath.Join(copied, "propusk.db")); err != nil {
			t.Fatal(err)
		}
		if err := l.backup(t, filepath.Join(copied, "propusk.db")); err == nil {
			t.Error("a backup was written over")
		}
		l.taken(t, e, true)
		e.Revoke(t, e.Fixture.Accounts[0], l.pair.Access)
		key, err := os.ReadFile(filepath.Join(l.config.Data, "deployment.key"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, "deployment.key"), key, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	l.config.Data = copied
	var fresh testenv.HubEx
	t.Run("restored", func(t *testing.T) {
		e := testenv.Again(t, l.options(), l.former)
		fresh = l.dead(t, e)
		if log := strings.Join(e.Log.Lines(), "\n"); !strings.Contains(log, "restored copy") {
			t.Error("the log does not tell")
		}
	})
	t.Run("started again", func(t *testing.T) {
		e := testenv.Again(t, l.options(), l.former)
		if a := e.Do(t, testenv.Call{Path: taskPath + "?fetch=1"}.With(testenv.Bearer(fresh.Access)...)); a.Status != 200 {
			t.Errorf("a token of after the restore: %d %s", a.Status, a.Body)
		}
		l.dead(t, e)
	})
}

// PostgreSQL is backed up by its own programs, and a restore is said.
func TestRestored(t *testing.T) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			l := newLife(t, driver)
			t.Run("a first life", func(t *testing.T) {
				l.begin(t)
				err := l.backup(t, filepath.Join(t.TempDir(), "copy.db"))
				if refused := err != nil && strings.Contains(err.Error(), "pg_dump"); refused != (driver == store.Postgres) {
					t.Errorf("backup: %v", err)
				}
				if err := server.RestoredData(t.Context(), l.config); !errors.Is(err, store.ErrLocked) {
					t.Errorf("beside a server: %v", err)
				}
			})
			if err := server.RestoredData(t.Context(), l.config); err != nil {
				t.Fatal(err)
			}
			t.Run("restored", func(t *testing.T) { l.dead(t, testenv.Again(t, l.options(), l.former)) })
		})
	}
}

// A restore that is cut off after it has raised the epoch, before the keys are
// replaced, is finished by the next start, and by no other.
func TestRestoreIsFinished(t *testing.T) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			l := newLife(t, driver)
			t.Run("a first life", func(t *testing.T) { l.begin(t) })
			l.raise(t)
			var keys []string
			for range 2 {
				t.Run("restored", func(t *testing.T) {
					e := testenv.Again(t, l.options(), l.former)
					l.dead(t, e)
					now := published(t, e)
					if keys != nil && !slices.Equal(keys, now) {
						t.Errorf("the keys were %q and are %q", keys, now)
					}
					keys = now
				})
			}
		})
	}
}

// raise does the first half of a restore.
func (l *life) raise(t *testing.T) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{
		Driver: l.config.Database.Driver, Folder: l.config.Data, DSN: l.config.Database.DSN.Reveal(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.RaiseEpoch(t.Context()), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestRestoredNeedsADatabase: a mistyped folder is not given one.
func TestRestoredNeedsADatabase(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mistyped")
	if err := server.RestoredData(t.Context(), server.Config{Data: folder, Database: server.Database{Driver: store.SQLite}}); err == nil {
		t.Error("a folder without a database was restored")
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}
