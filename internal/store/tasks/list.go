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
