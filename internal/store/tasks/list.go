package tasks

import (
	"context"

	"propusk/internal/store"
	"propusk/internal/tasks"
)

// Tasks reads a page and its total at one moment.
func (s *Store) Tasks(ctx context.Context, r tasks.Reach, f tasks.Filter) (tasks.Page, error) {
	g, ok := groupOf(r, f)
	if !ok {
		return tasks.Page{}, nil
	}
	var page tasks.Page
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		var ids []int64
		var err error
		if counted(f) {
			ids, page.Total, err = countedPage(tx, g, f)
		} else {
			ids, page.Total, err = scannedPage(tx, g, f)
		}
		if err != nil {
			return err
		}
		page.Items, err = byIDs(tx, ids)
		return err
	})
	return page, err
}

// counted reports whether the counts know the total of f.
func counted(f tasks.Filter) bool {
	return f.Search == "" && f.Stage == 0 && f.Assignee == 0 && f.Deadline.Empty() && f.Modified.Empty()
}

// countedPage answers from the counts; a page in another order than that of
// creation is scanned for.
func countedPage(tx *store.Tx, g group, f tasks.Filter) ([]int64, int64, error) {
	base, total, err := g.ranks(tx, f.Created)
	if err != nil || f.Fetch == 0 || int64(f.Offset) >= total {
		return nil, total, err
	}
	if f.OrderBy != tasks.ByCreated {
		ids, err := scan(tx, g, f)
		return ids, total, err
	}
	a := int64(f.Offset)
	b := min(a+int64(f.Fetch), total)
	if !f.Ascending {
		a, b = total-b, total-a
	}
	ids, err := g.pick(tx, base.before+a, base.before+b, base.inside, f.Ascending)
	return ids, total, err
}

// ranks gives how many tasks of the group stand before the range and how many
// there are at all (base), and how many lie in the range.
func (g group) ranks(tx *store.Tx, r tasks.Range) (base span, total int64, err error) {
	if base.inside, err = g.total(tx); err != nil || r.Empty() {
		return base, base.inside, err
	}
	upTo := base.inside
	if !r.From.IsZero() {
		if base.before, err = g.rank(tx, key{r.From.UnixMilli(), 0}); err != nil {
			return base, 0, err
		}
	}
	if !r.Till.IsZero() {
		// The end is included, with all of its millisecond.
		if upTo, err = g.rank(tx, key{r.Till.UnixMilli() + 1, 0}); err != nil {
			return base, 0, err
		}
	}
	return base, max(upTo-base.before, 0), nil
}

// pick reads the ids of ranks [a, b) of the group, which has total tasks.
func (g group) pick(tx *store.Tx, a, b, total int64, ascending bool) ([]int64, error) {
	s, err := g.find(tx, a, b, total)
	if err != nil {
		return nil, err
	}
	prefix, err := g.column(tx, s)
	if err != nil {
		return nil, err
	}
	var q query
	q.add("SELECT id FROM task WHERE account = ? AND deleted = ?", g.account, g.deleted)
	if g.areas != nil {
		q.in(" AND "+prefix+"area", g.areas)
	}
	if g.areas != nil || len(g.closed) == 1 {
		q.in(" AND "+prefix+"closed", g.closed)
	}
	q.add(" AND (created_ms, id) >= (?, ?) AND (created_ms, id) < (?, ?)", s.lo.ms, s.lo.id, s.hi.ms, s.hi.id)
	if ascending {
		q.add(" ORDER BY created_ms, id LIMIT ? OFFSET ?", b-a, a-s.before)
	} else {
		q.add(" ORDER BY created_ms DESC, id DESC LIMIT ? OFFSET ?", b-a, s.before+s.inside-b)
	}
	return collect(tx, scanID, q.String(), q.args...)
}

// crowded is the share of a span's tasks from which on reading all of them in
// order beats gathering the group's own and sorting them.
const crowded = 4

// column says how to name area and closed. "+" keeps both engines from using an
// index on them: where most of a span belongs to the group, the index on
// creation gives the page without sorting.
func (g group) column(tx *store.Tx, s span) (string, error) {
	if g.areas == nil {
		return "", nil
	}
	all, err := g.among(tx, s.lo, s.hi)
	if err != nil || s.inside*crowded < all {
		return "", err
	}
	return "+", nil
}

// byIDs reads whole tasks, in the order of ids.
func byIDs(tx *store.Tx, ids []int64) ([]tasks.Task, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var q query
	q.add(selectTask).in("t.id", ids)
	rows, err := collect(tx, scanTask, q.String(), q.args...)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(rows))
	for i, t := range rows {
		at[int64(t.ID)] = i
	}
	items := make([]tasks.Task, 0, len(ids))
	for _, id := range ids {
		items = append(items, rows[at[id]])
	}
	return items, nil
}
