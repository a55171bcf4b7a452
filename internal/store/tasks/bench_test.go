package tasks_test

import (
	"flag"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	storetasks "propusk/internal/store/tasks"
	"propusk/internal/tasks"
)

// rows is how many tasks BenchmarkPages pages through; the bar is 2,000,000.
var rows = flag.Int("tasks.rows", 20_000, "tasks of the benchmark's account")

// BenchmarkPages reads pages near the front, in the middle and at the far end,
// and beside each "naive": LIMIT, OFFSET and COUNT(*) over the same rows.
func BenchmarkPages(b *testing.B) {
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		w := newWorld(b, db, 0)
		w.store = storetasks.New(db)
		w.manyAreas(b, 20)
		began := time.Now()
		_, err := w.store.Load(b.Context(), w.account, w.entry(), w.years(*rows))
		must(b, err)
		b.Logf("loaded %d in %v", *rows, time.Since(began).Round(time.Millisecond))
		for _, c := range w.lists() {
			b.Run(c.name, func(b *testing.B) { w.pages(b, c) })
		}
	})
}

type list struct {
	name   string
	reach  tasks.Reach
	filter tasks.Filter
}

func (w *world) lists() []list {
	open, closed := false, true
	third := time.Duration(*rows) * interval / 3
	middle := tasks.Range{From: epoch.Add(third), Till: epoch.Add(2 * third)}
	return []list{
		{"all", w.everything(), tasks.Filter{}},
		{"area", w.everything(), tasks.Filter{Area: w.areas[0]}},
		{"small area", w.everything(), tasks.Filter{Area: w.areas[5]}},
		{"rare area", w.everything(), tasks.Filter{Area: w.areas[19]}},
		{"open", w.everything(), tasks.Filter{Closed: &open}},
		{"closed", w.everything(), tasks.Filter{Closed: &closed}},
		{"creation", w.everything(), tasks.Filter{Created: middle}},
		{"token 3 areas", w.within(w.areas[:3]...), tasks.Filter{}},
		{"token 19 areas", w.within(w.areas[1:20]...), tasks.Filter{}},
		{"token creation open", w.within(w.areas[:3]...), tasks.Filter{Closed: &open, Created: middle}},
		{"all ascending", w.everything(), tasks.Filter{Ascending: true}},
	}
}

func (w *world) pages(b *testing.B, c list) {
	total := int(w.list(b, c.reach, c.filter).Total)
	for _, p := range []struct {
		name          string
		fetch, offset int
	}{
		{"first 50", 50, 0},
		{"first 1000", 1000, 0},
		{"middle 1000", 1000, total / 2},
		{"three quarters 50", 50, total * 3 / 4},
		{"last 1000", 1000, max(total-1000, 0)},
	} {
		f := c.filter
		f.Fetch, f.Offset = p.fetch, p.offset
		b.Run(p.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				w.list(b, c.reach, f)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(total), "total")
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[0].Seconds()*1000, "min-ms")
		})
	}
	if *naive {
		b.Run("naive last 1000", func(b *testing.B) {
			f := c.filter
			f.Fetch, f.Offset, f.OrderBy = 1000, max(total-1000, 0), tasks.ByCreated
			for b.Loop() {
				_, err := w.store.Naive(b.Context(), c.reach, f)
				must(b, err)
			}
		})
	}
}

var naive = flag.Bool("tasks.naive", true, "measure LIMIT and OFFSET beside it")

// BenchmarkOther reads first pages of lists that are scanned for.
func BenchmarkOther(b *testing.B) {
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		w := newWorld(b, db, 0)
		w.store = storetasks.New(db)
		w.manyAreas(b, 20)
		_, err := w.store.Load(b.Context(), w.account, w.entry(), w.years(*rows))
		must(b, err)
		late := tasks.Range{From: epoch.Add(time.Duration(*rows) * interval * 9 / 10)}
		for _, c := range []list{
			{"assignedTo", w.everything(), tasks.Filter{Assignee: w.employees[0].ID}},
			{"stage", w.everything(), tasks.Filter{Stage: w.stages[0].ID}},
			{"deadline", w.everything(), tasks.Filter{Deadline: late, OrderBy: tasks.ByDeadline}},
			{"lastModified", w.everything(), tasks.Filter{Modified: late, OrderBy: tasks.ByModified}},
			{"number", w.everything(), tasks.Filter{OrderBy: tasks.ByNumber}},
			{"search", w.everything(), tasks.Filter{Search: "принтер 77"}},
		} {
			c.filter.Fetch = 50
			b.Run(c.name, func(b *testing.B) {
				for b.Loop() {
					w.list(b, c.reach, c.filter)
				}
			})
		}
	})
}

// BenchmarkAdd makes tasks one by one, each durable.
func BenchmarkAdd(b *testing.B) {
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		w := newWorld(b, db, 0)
		w.store = storetasks.New(db)
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				t := w.year(0)
				t.Created = time.Now()
				w.add(b, t)
			}
		})
	})
}

const interval = 20 * time.Second

// manyAreas gives w n areas; the last is rare, see years.
func (w *world) manyAreas(b *testing.B, n int) {
	must(b, w.db.Write(b.Context(), func(tx *store.Tx) error {
		for i := len(w.areas); i < n; i++ {
			id := authority.NewID()
			w.areas = append(w.areas, id)
			if _, err := tx.Exec(`INSERT INTO areas (id, account, name) VALUES ($1, $2, $3)`, id, w.account, fmt.Sprint("Участок ", i)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// years gives n tasks, one each interval: half of them in the first area, one in
// a thousand in the last, one in fifty open.
func (w *world) years(n int) iter.Seq[tasks.Task] {
	return func(yield func(tasks.Task) bool) {
		for i := range n {
			if !yield(w.year(i)) {
				return
			}
		}
	}
}

func (w *world) year(i int) tasks.Task {
	at := epoch.Add(time.Duration(i) * interval)
	t := tasks.Task{
		ID: authority.NewID(), Title: fmt.Sprint("Не работает принтер № ", i), Stage: w.stages[4],
		Description: "Печатает полосами, бумагу мнёт. Кабинет 12, второй этаж, спросить Марию Петровну.",
		Company:     "ООО «Ромашка»", Created: at, Modified: at, Stamp: tasks.NewStamp(),
	}
	if i%50 == 0 {
		t.Stage = w.stages[i/50%4]
	}
	if i%3 == 0 {
		t.Deadline = at.Add(72 * time.Hour)
	}
	t.Assignee.ID = w.employees[i%len(w.employees)].ID
	switch {
	case i%1000 == 7:
		t.Area.ID = w.areas[len(w.areas)-1]
	case i%2 == 0:
		t.Area.ID = w.areas[0]
	default:
		t.Area.ID = w.areas[i/2%(len(w.areas)-1)]
	}
	return t
}
