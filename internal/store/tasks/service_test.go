package tasks_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	"propusk/internal/tasks"
)

// office is a world seen through the rules.
type office struct {
	*world
	*tasks.Service
	caller authority.Caller
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	w := newWorld(t, db, 4)
	return &office{
		world: w, Service: tasks.New(w.store, func() time.Time { return w.now }),
		caller: authority.System(authority.Test, authority.Account{ID: w.account}, "task.test", "test"),
	}
}

func (o *office) limited(areas ...authority.ID) authority.Caller {
	slices.Sort(areas)
	return o.caller.Within(authority.Areas{IDs: areas})
}

func (o *office) create(t *testing.T, d tasks.Draft) tasks.Task {
	t.Helper()
	made, err := o.Create(t.Context(), o.caller, d, tasks.Once{})
	must(t, err)
	task, err := o.Task(t.Context(), o.caller, made.ID, false)
	must(t, err)
	return task
}

// audited counts the account's audit entries about a task.
func (o *office) audited(t *testing.T, id authority.ID) (n int) {
	t.Helper()
	must(t, o.db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM audit WHERE account = $1 AND object = $2`,
			o.account, "task/"+strconv.FormatInt(int64(id), 10)).Scan(&n)
	}))
	return n
}

func wantCode(t *testing.T, err error, want authority.Code) *authority.Error {
	t.Helper()
	if got := authority.CodeOf(err); got != want {
		t.Fatalf("error is %v, want code %s", err, want)
	}
	var e *authority.Error
	errors.As(err, &e)
	return e
}

func pointer[T any](v T) *T { return &v }

func TestCreateAndRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		deadline := epoch.Add(48*time.Hour + 5*time.Millisecond)
		got := o.create(t, tasks.Draft{
			Title: " Не\nработает \tпринтер ", Description: "и\u0306од", Area: o.areas[1],
			Assignee: o.employees[0].ID, Company: "ООО «Ромашка»", Deadline: deadline.Add(time.Microsecond),
		})
		want := tasks.Task{
			ID: got.ID, Number: 1, Title: "Не работает принтер", Description: "йод",
			Stage: tasks.Stage{ID: o.stages[0].ID, Name: "Новая"}, Area: tasks.Ref{ID: o.areas[1], Name: "Участок 1"},
			Assignee: tasks.Ref{ID: o.employees[0].ID, Name: "Иван 0"}, Company: "ООО «Ромашка»",
			Deadline: deadline, Created: epoch, Modified: epoch, Stamp: got.Stamp,
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := tasks.ParseStamp(got.Stamp); err != nil {
			t.Errorf("stamp %q is not a UUID", got.Stamp)
		}
		if got.ID <= 0 || got.ID >= 1<<53 {
			t.Errorf("id %d is no JSON number", got.ID)
		}
		if n := o.audited(t, got.ID); n != 1 {
			t.Errorf("%d audit entries, want 1", n)
		}
		next := o.create(t, tasks.Draft{Description: strings.Repeat("слово ", 40) + "\nвторая строка"})
		if next.NumberText() != "000002" || !strings.HasPrefix(next.Title, "слово слово") || !strings.HasSuffix(next.Title, "…") {
			t.Errorf("number %s, title %q", next.NumberText(), next.Title)
		}
	})
}

func TestCreateMakesStagesForNewAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		c := authority.System(authority.Test, authority.Account{ID: authority.NewID()}, "task.create", "test")
		made, err := o.Create(t.Context(), c, tasks.Draft{Title: "Первая"}, tasks.Once{})
		must(t, err)
		task, err := o.Task(t.Context(), c, made.ID, false)
		must(t, err)
		stages, err := o.Stages(t.Context(), c)
		must(t, err)
		if task.Stage.Name != "Новая" || len(stages) != len(tasks.DefaultStages()) || stages[0].ID != task.Stage.ID {
			t.Errorf("stage %+v of %+v", task.Stage, stages)
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	cases := []struct {
		name  string
		draft tasks.Draft
		once  tasks.Once
		want  authority.Code
	}{
		{"nothing", tasks.Draft{}, tasks.Once{}, authority.InvalidRequest},
		{"white space", tasks.Draft{Title: " \t", Description: "\n"}, tasks.Once{}, authority.InvalidRequest},
		{"NUL", tasks.Draft{Title: "a\x00b"}, tasks.Once{}, authority.InvalidValue},
		{"invalid UTF-8", tasks.Draft{Title: "a", Description: "\xff"}, tasks.Once{}, authority.InvalidValue},
		{"long title", tasks.Draft{Title: strings.Repeat("я", 501)}, tasks.Once{}, authority.Unprocessable},
		{"long description", tasks.Draft{Title: "a", Description: strings.Repeat("я", 32769)}, tasks.Once{}, authority.Unprocessable},
		{"long company", tasks.Draft{Title: "a", Company: strings.Repeat("я", 501)}, tasks.Once{}, authority.Unprocessable},
		{"unknown area", tasks.Draft{Title: "a", Area: 1}, tasks.Once{}, authority.Unprocessable},
		{"unknown employee", tasks.Draft{Title: "a", Assignee: 1}, tasks.Once{}, authority.Unprocessable},
		{"early deadline", tasks.Draft{Title: "a", Deadline: time.Unix(-1, 0)}, tasks.Once{}, authority.Unprocessable},
		{"late deadline", tasks.Draft{Title: "a", Deadline: epoch.AddDate(9000, 0, 0)}, tasks.Once{}, authority.Unprocessable},
		{"malformed stamp", tasks.Draft{Title: "a"}, tasks.Once{Stamp: "x"}, authority.Malformed},
		{"space in key", tasks.Draft{Title: "a"}, tasks.Once{Key: "a b"}, authority.Malformed},
		{"long key", tasks.Draft{Title: "a"}, tasks.Once{Key: strings.Repeat("k", 256)}, authority.Malformed},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := o.Create(t.Context(), o.caller, c.draft, c.once)
				wantCode(t, err, c.want)
			})
		}
		if total := o.list(t, o.everything(), tasks.Filter{}).Total; total != 0 {
			t.Errorf("%d tasks exist", total)
		}
		if made := o.create(t, tasks.Draft{Title: "a"}); made.Number != 1 {
			t.Errorf("refusals used numbers up: the first task is %d", made.Number)
		}
	})
}

func TestLimitedCallerCreatesInItsAreas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		one, two := o.limited(o.areas[0]), o.limited(o.areas[0], o.areas[1])
		made, err := o.Create(t.Context(), one, tasks.Draft{Title: "a"}, tasks.Once{})
		must(t, err)
		task, err := o.Task(t.Context(), one, made.ID, false)
		must(t, err)
		if task.Area.ID != o.areas[0] {
			t.Errorf("the task lies in %d", task.Area.ID)
		}
		_, err = o.Create(t.Context(), two, tasks.Draft{Title: "a"}, tasks.Once{})
		wantCode(t, err, authority.Unprocessable)
		_, outside := o.Create(t.Context(), two, tasks.Draft{Title: "a", Area: o.areas[2]}, tasks.Once{})
		_, missing := o.Create(t.Context(), two, tasks.Draft{Title: "a", Area: 1}, tasks.Once{})
		if outside.Error() != missing.Error() {
			t.Errorf("an area outside is told from a missing one: %v / %v", outside, missing)
		}
		for _, area := range []authority.ID{0, o.areas[2]} {
			_, err = o.Change(t.Context(), two, made.ID, tasks.Patch{Area: &area})
			wantCode(t, err, authority.Unprocessable)
		}
		_, err = o.Change(t.Context(), two, made.ID, tasks.Patch{Area: &o.areas[1]})
		must(t, err)
		_, err = o.Task(t.Context(), one, made.ID, false)
		wantCode(t, err, authority.NotFound)
	})
}

func TestChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		before := o.create(t, tasks.Draft{Title: "a", Company: "b", Area: o.areas[0], Assignee: o.employees[0].ID, Deadline: epoch})
		o.now = epoch.Add(time.Minute)
		after, err := o.Change(t.Context(), o.caller, before.ID, tasks.Patch{
			Title: pointer("Новое имя"), Description: pointer(""), Company: pointer(""), Area: pointer(authority.ID(0)),
			Assignee: &o.employees[1].ID, Deadline: &time.Time{}, Stamp: strings.ToUpper(before.Stamp),
		})
		must(t, err)
		want := before
		want.Title, want.Company, want.Area, want.Deadline = "Новое имя", "", tasks.Ref{}, time.Time{}
		want.Assignee = tasks.Ref{ID: o.employees[1].ID, Name: "Иван 1"}
		want.Modified, want.Stamp = o.now, after.Stamp
		if diff := gocmp.Diff(want, after); diff != "" {
			t.Error(diff)
		}
		read, err := o.Task(t.Context(), o.caller, before.ID, false)
		must(t, err)
		if diff := gocmp.Diff(after, read); diff != "" {
			t.Error(diff)
		}
		if after.Stamp == before.Stamp || o.audited(t, before.ID) != 2 {
			t.Errorf("stamp %s, %d audit entries", after.Stamp, o.audited(t, before.ID))
		}
		if n := o.list(t, o.everything(), tasks.Filter{Search: "новое ИМЯ"}).Total; n != 1 {
			t.Errorf("the new title is found %d times", n)
		}
		_, err = o.Change(t.Context(), o.caller, before.ID, tasks.Patch{Title: pointer("b"), Stamp: before.Stamp})
		if e := wantCode(t, err, authority.Conflict); e.Fields["concurrencyStamp"] != after.Stamp {
			t.Errorf("the conflict says %v", e.Fields)
		}
	})
}

func TestChangeRefusesOrLeaves(t *testing.T) {
	cases := []struct {
		name  string
		patch tasks.Patch
		want  authority.Code
	}{
		{"empty", tasks.Patch{}, ""},
		{"same title", tasks.Patch{Title: pointer("a")}, ""},
		{"empty title", tasks.Patch{Title: pointer(" ")}, authority.Unprocessable},
		{"NUL", tasks.Patch{Description: pointer("\x00")}, authority.InvalidValue},
		{"unknown area", tasks.Patch{Area: pointer(authority.ID(1))}, authority.Unprocessable},
		{"unknown employee", tasks.Patch{Assignee: pointer(authority.ID(1))}, authority.Unprocessable},
		{"malformed stamp", tasks.Patch{Stamp: "1"}, authority.Malformed},
		{"foreign stamp", tasks.Patch{Stamp: tasks.NewStamp()}, authority.Conflict},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		before := o.create(t, tasks.Draft{Title: "a"})
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := o.Change(t.Context(), o.caller, before.ID, c.patch)
				wantCode(t, err, c.want)
				after, err := o.Task(t.Context(), o.caller, before.ID, false)
				must(t, err)
				if diff := gocmp.Diff(before, after); diff != "" || o.audited(t, before.ID) != 1 {
					t.Errorf("%d audit entries, %s", o.audited(t, before.ID), diff)
				}
			})
		}
	})
}

func TestStages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		task := o.create(t, tasks.Draft{Title: "a"})
		next, err := o.NextStages(t.Context(), o.caller, task.ID)
		must(t, err)
		if len(next) != 3 || next[0].Name != "Назначена" || next[1].Name != "В работе" || !next[2].Final {
			t.Errorf("next stages are %+v", next)
		}
		for _, c := range []struct {
			to     authority.ID
			want   authority.Code
			closed bool
		}{
			{o.stages[4].ID, authority.Conflict, false}, // not from «Новая»
			{o.stages[0].ID, authority.Conflict, false}, // where it is
			{1, authority.Unprocessable, false},
			{o.stages[2].ID, "", false},
			{o.stages[4].ID, "", true},
			{o.stages[2].ID, "", false}, // opened again
			{o.stages[5].ID, "", true},
			{o.stages[2].ID, authority.Conflict, true},
		} {
			_, err := o.Move(t.Context(), o.caller, task.ID, c.to)
			wantCode(t, err, c.want)
			if n := o.list(t, o.everything(), tasks.Filter{Closed: pointer(true)}).Total; (n == 1) != c.closed {
				t.Errorf("%d closed tasks, want %v", n, c.closed)
			}
		}
		moves, err := tasks.NewDirectories(o.store, time.Now).Moves(t.Context(), o.caller, task.ID)
		must(t, err)
		path := []authority.ID{0}
		for i, m := range moves {
			if m.From != path[i] || !m.At.Equal(o.now) {
				t.Errorf("move %d is %+v", i, m)
			}
			path = append(path, m.To)
		}
		want := []authority.ID{0, o.stages[0].ID, o.stages[2].ID, o.stages[4].ID, o.stages[2].ID, o.stages[5].ID}
		if diff := gocmp.Diff(want, path); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRemove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		task := o.create(t, tasks.Draft{Title: "a"})
		must(t, o.Remove(t.Context(), o.caller, task.ID))
		gone, err := o.Task(t.Context(), o.caller, task.ID, true)
		must(t, err)
		if !gone.Deleted || gone.Stamp == task.Stamp {
			t.Errorf("deleted task is %+v", gone)
		}
		for name, err := range o.touch(t, o.caller, task.ID) {
			if name != "deleted" {
				wantCode(t, err, authority.NotFound)
			}
		}
		if p := o.list(t, o.everything(), tasks.Filter{Fetch: 1}); p.Total != 0 || len(p.Items) != 0 {
			t.Errorf("still listed: %+v", p)
		}
		if p := o.list(t, o.everything(), tasks.Filter{Fetch: 1, Deleted: true}); p.Total != 1 || len(p.Items) != 1 {
			t.Errorf("not among the deleted: %+v", p)
		}
	})
}

// touch calls every method that names a task.
func (o *office) touch(t *testing.T, c authority.Caller, id authority.ID) map[string]error {
	ctx, out := t.Context(), map[string]error{}
	_, out["read"] = o.Task(ctx, c, id, false)
	_, out["deleted"] = o.Task(ctx, c, id, true)
	_, out["next"] = o.NextStages(ctx, c, id)
	_, out["change"] = o.Change(ctx, c, id, tasks.Patch{Title: pointer("x")})
	_, out["move"] = o.Move(ctx, c, id, o.stages[1].ID)
	_, out["comment"] = o.Comment(ctx, c, id, "x")
	_, out["conversation"] = o.Conversation(ctx, c, tasks.CommentQuery{Task: id, Fetch: 10})
	out["remove"] = o.Remove(ctx, c, id)
	return out
}

func TestConversation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		task := o.create(t, tasks.Draft{Title: "a"})
		for _, text := range []string{"", " \n"} {
			_, err := o.Comment(t.Context(), o.caller, task.ID, text)
			wantCode(t, err, authority.InvalidRequest)
		}
		var want []tasks.Comment
		for i := range 5 {
			o.now = epoch.Add(time.Duration(i) * time.Second)
			c, err := o.Comment(t.Context(), o.caller, task.ID, " Выехал\nи приехал ")
			must(t, err)
			want = append(want, c)
		}
		page, err := o.Conversation(t.Context(), o.caller, tasks.CommentQuery{Task: task.ID, Fetch: 2, Offset: 2})
		must(t, err)
		if diff := gocmp.Diff(tasks.Conversation{Items: want[2:4], Total: 5}, page); diff != "" {
			t.Error(diff)
		}
		if page.Items[0].Text != "Выехал\nи приехал" || o.audited(t, task.ID) != 6 {
			t.Errorf("text %q, %d audit entries", page.Items[0].Text, o.audited(t, task.ID))
		}
	})
}

func TestNobodyMayDoAnything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		task := o.create(t, tasks.Draft{Title: "a"})
		var nobody authority.Caller
		for _, err := range o.touch(t, nobody, task.ID) {
			wantCode(t, err, authority.Forbidden)
		}
		_, err := o.Tasks(t.Context(), nobody, tasks.Filter{})
		wantCode(t, err, authority.Forbidden)
		_, err = o.Create(t.Context(), nobody, tasks.Draft{Title: "a"}, tasks.Once{})
		wantCode(t, err, authority.Forbidden)
		_, err = o.Stages(t.Context(), nobody)
		wantCode(t, err, authority.Forbidden)
	})
}
