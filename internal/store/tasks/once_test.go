package tasks_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

func (o *office) total(t *testing.T) int64 {
	t.Helper()
	return o.list(t, o.everything(), tasks.Filter{}).Total
}

func TestIdempotencyKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		once := tasks.Once{Key: "order-17", Digest: [32]byte{1}}
		first, err := o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, once)
		must(t, err)
		again, err := o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, once)
		must(t, err)
		want := first
		want.Replayed = true
		if first.Replayed || again != want || o.total(t) != 1 || o.audited(t, first.ID) != 1 {
			t.Errorf("first %+v, then %+v, %d tasks", first, again, o.total(t))
		}
		other := tasks.Once{Key: once.Key, Digest: [32]byte{2}}
		_, err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "b"}, other)
		wantCode(t, err, authority.Unprocessable)
		// A key is a word of its owner's, not a stamp.
		_, err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "c"}, tasks.Once{Key: tasks.NewStamp()})
		must(t, err)
		o.now = o.now.Add(24*time.Hour + time.Minute)
		if again, err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, once); err != nil || again != want {
			t.Errorf("a day later: %+v, %v", again, err)
		}
		o.now = o.now.Add(24 * time.Hour)
		if _, err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "b"}, other); err != nil || o.total(t) != 3 {
			t.Errorf("an expired key still counts: %v, %d tasks", err, o.total(t))
		}
	})
}

func TestConcurrencyStamp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		stamp := tasks.NewStamp()
		first, err := o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, tasks.Once{Stamp: stamp})
		must(t, err)
		o.now = o.now.AddDate(0, 0, 29)
		_, err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "b"}, tasks.Once{Stamp: strings.ToUpper(stamp)})
		if e := wantCode(t, err, authority.Conflict); e.Fields["id"] != strconv.FormatInt(int64(first.ID), 10) {
			t.Errorf("the conflict says %v", e.Fields)
		}
		if o.total(t) != 1 {
			t.Errorf("%d tasks", o.total(t))
		}
	})
}

// TestKeysBelongToTheirPrincipal shows that one caller's keys say nothing to
// another's, of the same account or not (B60).
func TestKeysBelongToTheirPrincipal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, other := newWorld(t, db, 4), newWorld(t, db, 4)
		stamp := tasks.NewStamp()
		seen := map[authority.ID]bool{}
		for _, who := range []struct {
			reach     tasks.Reach
			principal authority.ID
		}{{w.everything(), 1}, {w.everything(), 2}, {other.everything(), 1}} {
			made, err := w.store.AddTask(t.Context(), tasks.Addition{
				Reach: who.reach, Principal: who.principal, At: epoch, Entry: w.entry(),
				Once: tasks.Once{Stamp: stamp, Key: "k"},
				Make: func(tasks.Lookup) (tasks.Task, error) {
					return tasks.Task{ID: authority.NewID(), Created: epoch, Modified: epoch, Title: "a"}, nil
				},
			})
			must(t, err)
			seen[made.ID] = true
		}
		if len(seen) != 3 {
			t.Errorf("%d tasks, want 3", len(seen))
		}
	})
}

// TestParallelCreatesHaveOneEffect sends one request twenty times at once.
func TestParallelCreatesHaveOneEffect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		var group sync.WaitGroup
		answers := make([]tasks.Created, 20)
		for i := range answers {
			group.Go(func() {
				var err error
				answers[i], err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, tasks.Once{Key: "k"})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		fresh := 0
		for _, a := range answers {
			if !a.Replayed {
				fresh++
			}
			if a.ID != answers[0].ID || a.Number != 1 || a.Stamp != answers[0].Stamp {
				t.Errorf("answers differ: %+v and %+v", a, answers[0])
			}
		}
		if fresh != 1 || o.total(t) != 1 {
			t.Errorf("%d effects, %d tasks", fresh, o.total(t))
		}
	})
}

// TestKeysOutliveTheProgram closes the database in between.
func TestKeysOutliveTheProgram(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			config := storetest.Config(t, driver)
			db, err := store.Open(t.Context(), config)
			must(t, err)
			must(t, db.Migrate(t.Context()))
			o := newOffice(t, db)
			once := tasks.Once{Key: "k", Stamp: tasks.NewStamp()}
			first, err := o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, once)
			must(t, err)
			must(t, db.Close())

			o.Service = tasks.New(storetasks.New(storetest.OpenConfig(t, config)), func() time.Time { return o.now })
			_, err = o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, tasks.Once{Stamp: once.Stamp})
			wantCode(t, err, authority.Conflict)
			second, err := o.Create(t.Context(), o.caller, tasks.Draft{Title: "a"}, once)
			must(t, err)
			if first.Replayed = true; second != first {
				t.Errorf("before %+v, after %+v", first, second)
			}
		})
	}
}
