package demo

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

// Shares of the work orders, in percent, and how far back they reach.
const (
	withoutArea     = 3
	withoutDeadline = 8
	deleted         = 1
	cancelled       = 7
	reach           = 400 * 24 * time.Hour
	recent          = 12 * 24 * time.Hour // younger ones are mostly open
)

// board is what an account's work orders refer to, with the ids they have.
type board struct {
	areas     []authority.Area
	employees []tasks.Employee
	stages    []tasks.Stage
}

// author writes the work orders of one account. What it writes depends on the
// seed and, for times, on now alone.
type author struct {
	company
	board

	r   *rand.Rand
	now time.Time
}

// orders writes n of them, oldest first, and hands each to told with the kind of
// order that it is.
func (a *author) orders(n int, told func(tasks.Task, order)) iter.Seq[tasks.Task] {
	return func(yield func(tasks.Task) bool) {
		for _, at := range a.moments(n) {
			t, kind := a.order(at)
			told(t, kind)
			if !yield(t) {
				return
			}
		}
	}
}

// moments gives n times in working hours, oldest first, more of them lately.
func (a *author) moments(n int) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		back := a.r.Float64()
		at := a.now.Add(-time.Duration(back * back * float64(reach)))
		year, month, day := at.In(a.clock).Date()
		at = time.Date(year, month, day, 7, 0, 0, 0, a.clock).Add(time.Duration(a.r.IntN(13*3600)) * time.Second)
		for at.After(a.now) {
			at = at.Add(-24 * time.Hour)
		}
		out[i] = at.UTC()
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func (a *author) order(at time.Time) (tasks.Task, order) {
	kind, where := pick(a.r, a.Orders), a.site(a.r)
	t := tasks.Task{
		ID: authority.NewID(), Title: where.fill(kind.Title), Description: where.fill(kind.Text),
		Company: pick(a.r, a.Customers), Created: at, Deleted: a.chance(deleted),
	}
	if area := pick(a.r, a.areas); !a.chance(withoutArea) {
		t.Area = tasks.Ref{ID: area.ID, Name: area.Name}
	}
	if due := at.Add(time.Duration(4+a.r.IntN(116)) * time.Hour); !a.chance(withoutDeadline) {
		t.Deadline = a.awake(due, at).Truncate(time.Hour)
	}
	a.progress(&t)
	kind.Done = where.fill(kind.Done)
	return t, kind
}

// progress takes t as far as it has come by now.
func (a *author) progress(t *tasks.Task) {
	stage := 4 // done
	switch open := 5; {
	case a.now.Sub(t.Created) < recent && a.chance(70), a.chance(open):
		stage = a.r.IntN(4)
	case a.chance(cancelled):
		stage = 5
	}
	t.Stage = a.stages[stage]
	if stage > 0 {
		who := pick(a.r, a.employees)
		t.Assignee = tasks.Ref{ID: who.ID, Name: who.Name}
	}
	t.Modified = a.awake(t.Created.Add(time.Duration(a.r.IntN(60*60*60))*time.Second), t.Created)
	if stage == 0 {
		t.Modified = t.Created
	}
	if t.Modified.After(a.now) {
		t.Modified = a.now
	}
}

func (a *author) chance(percent int) bool { return a.r.IntN(100) < percent }

// talk writes what was said about t: the kind's own lines, and how it ended.
func (a *author) talk(t tasks.Task, kind order) []tasks.Comment {
	lines := slices.Clone(kind.Talk)
	switch {
	case t.Stage.ID == a.stages[4].ID:
		lines = append(lines, kind.Done)
	case t.Stage.ID == a.stages[0].ID:
		lines = lines[:1]
	default:
		lines = lines[:1+a.r.IntN(len(lines))]
	}
	span := t.Modified.Sub(t.Created) / time.Duration(len(lines)+1)
	out, at := make([]tasks.Comment, len(lines)), t.Created
	for i, line := range lines {
		who := pick(a.r, a.employees)
		if next := a.awake(t.Created.Add(time.Duration(i+1)*span), at); !next.After(t.Modified) {
			at = next
		}
		out[i] = tasks.Comment{
			ID: authority.NewID(), Author: tasks.Ref{ID: who.ID, Name: who.Name}, Text: line,
			Created: at.Truncate(time.Millisecond),
		}
	}
	return out
}
