package tasks_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

// world is one account with areas, stages and employees in a real database.
type world struct {
	tb        testing.TB
	db        *store.DB
	store     *storetasks.Store
	account   authority.ID
	areas     []authority.ID
	stages    []tasks.Stage
	employees []tasks.Employee
	now       time.Time
}

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

// fataler is what testing.TB and *rapid.T share.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

func newWorld(tb testing.TB, db *store.DB, chunk int64) *world {
	tb.Helper()
	w := &world{tb: tb, db: db, store: storetasks.NewChunked(db, chunk), now: epoch}
	w.fill(tb)
	return w
}

// fill gives w a new account.
func (w *world) fill(f fataler) {
	f.Helper()
	w.account, w.stages = authority.NewID(), tasks.DefaultStages()
	w.areas, w.employees = nil, nil
	for i := range 3 {
		w.areas = append(w.areas, authority.NewID())
		w.employees = append(w.employees, tasks.Employee{ID: authority.NewID(), Name: fmt.Sprint("Иван ", i)})
	}
	slices.Sort(w.areas)
	must(f, w.db.Write(w.tb.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO stands (stand, epoch, issuer) VALUES ('test', 1, 'x') ON CONFLICT (stand) DO NOTHING`); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
			VALUES ($1, 'test', 'Ромашка', $2, $1, 0, '{}', 0, 0)`, w.account, fmt.Sprint(w.account)); err != nil {
			return err
		}
		for i, area := range w.areas {
			if _, err := tx.Exec(`INSERT INTO areas (id, account, name) VALUES ($1, $2, $3)`, area, w.account, fmt.Sprint("Участок ", i)); err != nil {
				return err
			}
		}
		return nil
	}))
	must(f, w.store.PutDirectory(w.tb.Context(), w.account, tasks.Directory{Stages: w.stages, Employees: w.employees}, w.entry()))
}

func (w *world) entry() authority.Entry {
	return authority.Entry{
		Time: w.now, Stand: authority.Test, Account: w.account, Verb: "test", Outcome: authority.Done, Count: 1,
	}
}

// everything is the reach of a caller with all areas.
func (w *world) everything() tasks.Reach {
	return tasks.Reach{Account: w.account, Areas: authority.Areas{All: true}}
}

func (w *world) within(areas ...authority.ID) tasks.Reach {
	areas = slices.Clone(areas)
	slices.Sort(areas)
	return tasks.Reach{Account: w.account, Areas: authority.Areas{IDs: areas}}
}

// add puts t in as it is, but for its number.
func (w *world) add(f fataler, t tasks.Task) tasks.Task {
	f.Helper()
	made, err := w.store.AddTask(w.tb.Context(), tasks.Addition{
		Reach: w.everything(), At: t.Created, Entry: w.entry(),
		Make: func(tasks.Lookup) (tasks.Task, error) { return t, nil },
	})
	must(f, err)
	t.Number = made.Number
	return t
}

// change applies fn to a task as a rule would.
func (w *world) change(f fataler, id authority.ID, fn func(*tasks.Task)) tasks.Task {
	f.Helper()
	t, err := w.store.ChangeTask(w.tb.Context(), tasks.Change{
		Reach: w.everything(), ID: id, At: w.now, Entry: w.entry(),
		Rule: func(_ tasks.Lookup, t tasks.Task) (tasks.Task, error) {
			fn(&t)
			t.Stamp = tasks.NewStamp()
			return t, nil
		},
	})
	must(f, err)
	return t
}

func (w *world) list(f fataler, r tasks.Reach, filter tasks.Filter) tasks.Page {
	f.Helper()
	if filter.OrderBy == "" {
		filter.OrderBy = tasks.ByCreated
	}
	page, err := w.store.Tasks(w.tb.Context(), r, filter)
	must(f, err)
	return page
}

func must(f fataler, err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func ids(list []tasks.Task) []authority.ID {
	out := []authority.ID{}
	for _, t := range list {
		out = append(out, t.ID)
	}
	return out
}
