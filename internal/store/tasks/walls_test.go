package tasks_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	"propusk/internal/tasks"
)

// TestAccountsAreWalls gives one account's ids to another's caller: every answer
// is that for an id that does not exist, and nothing changes (rule 9, B44).
func TestAccountsAreWalls(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		mine, theirs := newOffice(t, db), newOffice(t, db)
		task := theirs.create(t, tasks.Draft{Title: "чужая", Area: theirs.areas[0], Assignee: theirs.employees[0].ID})
		_, err := theirs.Comment(t.Context(), theirs.caller, task.ID, "x")
		must(t, err)
		foreign, missing := mine.touch(t, mine.caller, task.ID), mine.touch(t, mine.caller, authority.NewID())
		for name, err := range foreign {
			if wantCode(t, err, authority.NotFound); err.Error() != missing[name].Error() {
				t.Errorf("%s: %v, for a missing id %v", name, err, missing[name])
			}
		}
		for _, d := range []tasks.Draft{
			{Title: "a", Area: theirs.areas[0]}, {Title: "a", Assignee: theirs.employees[0].ID},
		} {
			_, err := mine.Create(t.Context(), mine.caller, d, tasks.Once{})
			wantCode(t, err, authority.Unprocessable)
		}
		own := mine.create(t, tasks.Draft{Title: "своя"})
		_, err = mine.Move(t.Context(), mine.caller, own.ID, theirs.stages[2].ID)
		wantCode(t, err, authority.Unprocessable)
		for _, f := range []tasks.Filter{
			{Area: theirs.areas[0]}, {Stage: theirs.stages[0].ID}, {Assignee: theirs.employees[0].ID}, {Search: "чужая"},
		} {
			f.Fetch = 10
			if p, err := mine.Tasks(t.Context(), mine.caller, f); err != nil || p.Total != 0 || len(p.Items) != 0 {
				t.Errorf("%+v gives %+v, %v", f, p, err)
			}
		}
		after, err := theirs.Task(t.Context(), theirs.caller, task.ID, false)
		must(t, err)
		if diff := gocmp.Diff(task, after); diff != "" || theirs.audited(t, task.ID) != 2 {
			t.Errorf("%d audit entries, %s", theirs.audited(t, task.ID), diff)
		}
		if page, err := mine.Tasks(t.Context(), mine.caller, tasks.Filter{Fetch: 10}); err != nil || page.Total != 1 {
			t.Errorf("%d tasks, %v", page.Total, err)
		}
	})
}

// TestAreasAreWalls is the same inside one account.
func TestAreasAreWalls(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		outside := o.create(t, tasks.Draft{Title: "a", Area: o.areas[1]})
		nowhere := o.create(t, tasks.Draft{Title: "a"})
		c := o.limited(o.areas[0])
		for _, task := range []tasks.Task{outside, nowhere} {
			for _, err := range o.touch(t, c, task.ID) {
				wantCode(t, err, authority.NotFound)
			}
			after, err := o.Task(t.Context(), o.caller, task.ID, false)
			must(t, err)
			if diff := gocmp.Diff(task, after); diff != "" {
				t.Error(diff)
			}
		}
		for _, f := range []tasks.Filter{{}, {Area: o.areas[1]}, {Search: "a"}, {Stage: o.stages[0].ID}} {
			f.Fetch = 10
			if p, err := o.Tasks(t.Context(), c, f); err != nil || p.Total != 0 || len(p.Items) != 0 {
				t.Errorf("%+v gives %+v, %v", f, p, err)
			}
		}
		if p, err := o.Tasks(t.Context(), o.limited(), tasks.Filter{Fetch: 10}); err != nil || p.Total != 0 {
			t.Errorf("no areas see %+v, %v", p, err)
		}
	})
}

func TestFilterRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for _, f := range []tasks.Filter{
			{Fetch: 1001},
			{Fetch: -1},
			{Offset: -1},
			{OrderBy: "title"},
			{OrderBy: "created; DROP TABLE task"},
			{Search: "\x00"},
			{Search: "\xff"},
		} {
			_, err := o.Tasks(t.Context(), o.caller, f)
			wantCode(t, err, authority.InvalidValue)
		}
	})
}

// TestSearchIsLiteral looks for text that means something to SQL (B45).
func TestSearchIsLiteral(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.create(t, tasks.Draft{Title: "обычная"})
		for _, text := range []string{
			"100%", "a_b", `'OR'1'='1`, `\`, "!", "$1", `";--`, "ёж",
		} {
			task := o.create(t, tasks.Draft{Title: "x" + text + "y"})
			p, err := o.Tasks(t.Context(), o.caller, tasks.Filter{Fetch: 10, Search: text})
			must(t, err)
			if p.Total != 1 || len(p.Items) != 1 || p.Items[0].ID != task.ID {
				t.Errorf("%q finds %d", text, p.Total)
			}
		}
		for _, text := range []string{"%", "_", "X100"} {
			p, err := o.Tasks(t.Context(), o.caller, tasks.Filter{Fetch: 10, Search: text})
			must(t, err)
			if p.Total != 1 {
				t.Errorf("%q finds %d, want 1", text, p.Total)
			}
		}
	})
}

// TestPagesAreConsistentCuts reads while others write: a page never disagrees
// with its total, and afterwards a walk meets each task once.
func TestPagesAreConsistentCuts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		writing, done := context.WithCancel(t.Context())
		var group, reader sync.WaitGroup
		for range 2 {
			group.Go(func() {
				for range 60 {
					made, err := o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, tasks.Once{})
					if err == nil {
						_, err = o.Move(t.Context(), o.caller, made.ID, o.stages[5].ID)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		reader.Go(func() {
			for writing.Err() == nil {
				p, err := o.Tasks(t.Context(), o.caller, tasks.Filter{Fetch: 1000, Closed: pointer(true)})
				if err != nil || p.Total != int64(len(p.Items)) {
					t.Errorf("total %d beside %d rows, %v", p.Total, len(p.Items), err)
					return
				}
			}
		})
		group.Wait()
		done()
		reader.Wait()
		seen := map[authority.ID]bool{}
		for offset := 0; ; offset += 7 {
			p, err := o.Tasks(t.Context(), o.caller, tasks.Filter{Fetch: 7, Offset: offset})
			must(t, err)
			if len(p.Items) == 0 {
				break
			}
			for _, task := range p.Items {
				if seen[task.ID] {
					t.Errorf("task %d comes twice", task.ID)
				}
				seen[task.ID] = true
			}
		}
		if len(seen) != 120 {
			t.Errorf("the walk met %d tasks of 120", len(seen))
		}
	})
}

func TestDirectory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o, theirs := newOffice(t, db), newOffice(t, db)
		d := tasks.NewDirectories(o.store, time.Now)
		stage := func(change func(*tasks.Stage)) tasks.Directory {
			s := o.stages[1]
			change(&s)
			return tasks.Directory{Stages: []tasks.Stage{s}}
		}
		for _, c := range []struct {
			name string
			dir  tasks.Directory
			want authority.Code
		}{
			{"rename", stage(func(s *tasks.Stage) { s.Name = "Поручена" }), ""},
			{"final", stage(func(s *tasks.Stage) { s.Final = true }), authority.Conflict},
			{"no name", stage(func(s *tasks.Stage) { s.Name = " " }), authority.InvalidRequest},
			{"no id", stage(func(s *tasks.Stage) { s.ID = 0 }), authority.InvalidRequest},
			{"leads nowhere", stage(func(s *tasks.Stage) { s.Next = []authority.ID{1} }), authority.Unprocessable},
			{"leads to a foreign one", stage(func(s *tasks.Stage) { s.Next = []authority.ID{theirs.stages[0].ID} }), authority.Unprocessable},
			{"foreign stage", tasks.Directory{Stages: theirs.stages[:1]}, authority.Conflict},
			{"foreign employee", tasks.Directory{Employees: theirs.employees[:1]}, authority.Conflict},
		} {
			if err := d.Put(t.Context(), o.caller, c.dir); authority.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		stages, err := o.Stages(t.Context(), o.caller)
		must(t, err)
		want := append([]tasks.Stage{}, o.stages...)
		want[1].Name = "Поручена"
		if diff := gocmp.Diff(want, stages); diff != "" {
			t.Error(diff)
		}
		employees, err := o.store.Employees(t.Context(), o.account)
		must(t, err)
		if fmt.Sprint(employees) != fmt.Sprint(o.employees) {
			t.Errorf("employees are %v", employees)
		}
	})
}
