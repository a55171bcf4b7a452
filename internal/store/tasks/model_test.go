package tasks_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
	"propusk/internal/tasks"
)

// TestListsAgreeWithModel makes, changes, moves and deletes tasks in random
// orders and compares pages and totals of random filters with a plain list. Its
// chunks hold four tasks, so that every page crosses several and they split at
// the end, in the middle and inside one millisecond.
func TestListsAgreeWithModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4)
		rapid.Check(t, func(rt *rapid.T) {
			w.fill(rt)
			m := &model{world: w, rt: rt}
			for range rapid.IntRange(1, 60).Draw(rt, "steps") {
				m.step()
			}
			for range 12 {
				m.compare()
			}
		})
	})
}

// model is the naive list that the store must agree with.
type model struct {
	*world
	rt    *rapid.T
	tasks []tasks.Task
}

func (m *model) step() {
	alive := m.alive()
	action := rapid.IntRange(0, 9).Draw(m.rt, "action")
	if action < 6 || len(alive) == 0 {
		m.tasks = append(m.tasks, m.add(m.rt, m.draw()))
		return
	}
	if action == 6 {
		m.load()
		return
	}
	at := rapid.SampledFrom(alive).Draw(m.rt, "which")
	m.tasks[at] = m.change(m.rt, m.tasks[at].ID, func(t *tasks.Task) {
		switch action {
		case 7:
			t.Deleted = true
		case 8:
			t.Stage = rapid.SampledFrom(m.stages).Draw(m.rt, "stage")
		case 9:
			t.Area.ID = m.area()
		}
		t.Modified = m.moment()
	})
}

func (m *model) alive() (at []int) {
	for i, t := range m.tasks {
		if !t.Deleted {
			at = append(at, i)
		}
	}
	return at
}

// load brings several tasks in at once.
func (m *model) load() {
	several := make([]tasks.Task, rapid.IntRange(1, 20).Draw(m.rt, "several"))
	for i := range several {
		several[i] = m.draw()
	}
	_, err := m.store.Load(m.tb.Context(), m.account, m.entry(), slices.Values(several))
	must(m.rt, err)
	number := int64(len(m.tasks))
	for i := range several {
		several[i].Number = number + int64(i) + 1
	}
	m.tasks = append(m.tasks, several...)
}

// moment gives one of few milliseconds, so that ties are common.
func (m *model) moment() time.Time {
	return epoch.Add(time.Duration(rapid.IntRange(0, 12).Draw(m.rt, "ms")) * time.Millisecond)
}

func (m *model) area() authority.ID {
	return rapid.SampledFrom(append([]authority.ID{0}, m.areas...)).Draw(m.rt, "area")
}

func (m *model) draw() tasks.Task {
	t := tasks.Task{
		ID: authority.NewID(), Title: rapid.SampledFrom([]string{"Принтер", "Насос 100%", "a_b"}).Draw(m.rt, "title"),
		Stage: rapid.SampledFrom(m.stages).Draw(m.rt, "stage"), Created: m.moment(), Stamp: tasks.NewStamp(),
	}
	t.Modified = t.Created
	t.Area.ID = m.area()
	if rapid.Bool().Draw(m.rt, "assigned") {
		t.Assignee.ID = rapid.SampledFrom(m.employees).Draw(m.rt, "employee").ID
	}
	if rapid.Bool().Draw(m.rt, "due") {
		t.Deadline = m.moment()
	}
	return t
}

func (m *model) filter() (tasks.Reach, tasks.Filter) {
	f := tasks.Filter{
		Fetch:     rapid.IntRange(0, 30).Draw(m.rt, "fetch"),
		Offset:    rapid.IntRange(0, 40).Draw(m.rt, "offset"),
		Deleted:   rapid.IntRange(0, 4).Draw(m.rt, "deleted") == 0,
		Ascending: rapid.Bool().Draw(m.rt, "ascending"),
	}
	switch rapid.IntRange(0, 2).Draw(m.rt, "closed") {
	case 1:
		f.Closed = new(bool)
	case 2:
		yes := true
		f.Closed = &yes
	}
	if rapid.Bool().Draw(m.rt, "byArea") {
		f.Area = rapid.SampledFrom(append([]authority.ID{1}, m.areas...)).Draw(m.rt, "areaID")
	}
	if rapid.Bool().Draw(m.rt, "byCreation") {
		f.Created = m.span()
	}
	if rapid.IntRange(0, 2).Draw(m.rt, "scanned") == 0 {
		m.scanned(&f)
	}
	reach := m.everything()
	if rapid.Bool().Draw(m.rt, "limited") {
		n := rapid.IntRange(0, len(m.areas)).Draw(m.rt, "areas")
		reach = m.within(slices.Clone(m.areas[:n])...)
	}
	return reach, f
}

// scanned asks for what the counts do not know.
func (m *model) scanned(f *tasks.Filter) {
	f.OrderBy = rapid.SampledFrom([]tasks.OrderBy{
		tasks.ByCreated, tasks.ByModified, tasks.ByDeadline, tasks.ByNumber,
	}).Draw(m.rt, "orderBy")
	switch rapid.IntRange(0, 5).Draw(m.rt, "what") {
	case 0:
		f.Search = rapid.SampledFrom([]string{"ПРИНТЕР", "0%", "_", "a_b", "нет такого"}).Draw(m.rt, "search")
	case 1:
		f.Stage = rapid.SampledFrom(m.stages).Draw(m.rt, "stageID").ID
	case 2:
		f.Assignee = rapid.SampledFrom(m.employees).Draw(m.rt, "assignedTo").ID
	case 3:
		f.Deadline = m.span()
	case 4:
		f.Modified = m.span()
	}
}

func (m *model) span() (r tasks.Range) {
	if rapid.Bool().Draw(m.rt, "from") {
		r.From = m.moment()
	}
	if rapid.Bool().Draw(m.rt, "till") {
		r.Till = m.moment()
	}
	return r
}

func (m *model) compare() {
	reach, f := m.filter()
	var want []tasks.Task
	for _, t := range m.tasks {
		if matches(reach, f, t) {
			want = append(want, t)
		}
	}
	slices.SortFunc(want, func(a, b tasks.Task) int { return compare(f, a, b) })
	total := int64(len(want))
	want = want[min(f.Offset, len(want)):]
	want = want[:min(f.Fetch, len(want))]
	got := m.list(m.rt, reach, f)
	if got.Total != total {
		m.rt.Fatalf("%+v in %+v: total is %d, want %d", f, reach, got.Total, total)
	}
	if diff := gocmp.Diff(ids(want), ids(got.Items)); diff != "" {
		m.rt.Fatalf("%+v in %+v:\n%s", f, reach, diff)
	}
}

func matches(r tasks.Reach, f tasks.Filter, t tasks.Task) bool {
	return t.Deleted == f.Deleted && (f.Closed == nil || *f.Closed == t.Stage.Final) &&
		(f.Area == 0 || f.Area == t.Area.ID) && (r.Areas.All || r.Areas.Allow(t.Area.ID)) &&
		(f.Stage == 0 || f.Stage == t.Stage.ID) && (f.Assignee == 0 || f.Assignee == t.Assignee.ID) &&
		inside(f.Created, t.Created) && inside(f.Deadline, t.Deadline) && inside(f.Modified, t.Modified) &&
		found(f.Search, tasks.SearchText(t))
}

func found(search, text string) bool {
	for _, word := range tasks.SearchWords(search) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func inside(r tasks.Range, at time.Time) bool {
	if r.Empty() {
		return true
	}
	return !at.IsZero() && !at.Before(r.From) && (r.Till.IsZero() || !at.After(r.Till))
}

// compare sorts as the contract says: missing values last in both directions,
// ties by id.
func compare(f tasks.Filter, a, b tasks.Task) int {
	sign := -1
	if f.Ascending {
		sign = 1
	}
	switch f.OrderBy {
	case tasks.ByNumber:
		return sign * cmp.Compare(a.Number, b.Number)
	case tasks.ByModified:
		return sign * cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.ID, b.ID))
	case tasks.ByDeadline:
		if a.Deadline.IsZero() != b.Deadline.IsZero() {
			if a.Deadline.IsZero() {
				return 1
			}
			return -1
		}
		return sign * cmp.Or(a.Deadline.Compare(b.Deadline), cmp.Compare(a.ID, b.ID))
	default:
		return sign * cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	}
}
