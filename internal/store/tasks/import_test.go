package tasks_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

// A file of work orders comes twice, the second time longer, into an account
// that has no stages yet.
func TestImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		st := storetasks.New(db)
		importer := tasks.NewImporter(st, time.Now)
		c := authority.System(authority.Production, authority.Account{ID: authority.NewID()}, "", "test")
		rows := []tasks.Import{
			{Key: "A-1", Draft: tasks.Draft{Title: "Не греет батарея"}, Stage: "в РАБОТЕ", Created: time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)},
			{Key: "A-2", Draft: tasks.Draft{Description: "Протечка"}},
			{Key: "A-2", Draft: tasks.Draft{Title: "the same row twice"}},
			{Key: "A-3", Draft: tasks.Draft{Title: "x"}, Stage: "none"},
			{Key: "A-4", Draft: tasks.Draft{Title: "x"}, Employee: "nobody"},
			{Key: "A-5", Draft: tasks.Draft{Title: "x"}, Created: time.Now().Add(100 * time.Hour)},
			{Key: " ", Draft: tasks.Draft{Title: "x"}},
			{Key: "A-6"},
		}
		bring := func(rows []tasks.Import, try bool) (added, bad int) {
			t.Helper()
			out, err := importer.Import(t.Context(), c, rows, try)
			if err != nil || len(out) != len(rows) {
				t.Fatal(out, err)
			}
			for _, r := range out {
				if r.Added {
					added++
				}
				if r.Err != nil {
					bad++
				}
			}
			return added, bad
		}
		for _, step := range []struct {
			rows  []tasks.Import
			try   bool
			added int
			bad   int
		}{
			{rows, true, 2, 5},
			{rows, false, 2, 5},
			{rows, false, 0, 5},
			{append(rows, tasks.Import{Key: "B-1", Draft: tasks.Draft{Title: "new"}}), false, 1, 5},
		} {
			if added, bad := bring(step.rows, step.try); added != step.added || bad != step.bad {
				t.Errorf("try %v: %d added, %d bad, want %d, %d", step.try, added, bad, step.added, step.bad)
			}
		}
		page, err := tasks.New(st, time.Now).Tasks(t.Context(), c, tasks.Filter{Fetch: 10})
		if err != nil || page.Total != 3 {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, task := range page.Items {
			if task.Title == "Не греет батарея" && (task.Stage.Name != "В работе" || task.Created.Year() != 2024) {
				t.Errorf("%+v", task)
			}
		}
	})
}
