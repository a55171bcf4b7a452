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
	p, err := g.part(tx, f.Created)
	total := max(p.last-p.first, 0)
	if err != nil || f.Fetch == 0 || int64(f.Offset) >= total {
		return nil, total, err
	}
	if f.OrderBy != tasks.ByCreated {
		ids, err := scan(tx, g, f)
		return ids, total, err
	}
	a := p.first + int64(f.Offset)
	b := min(a+int64(f.Fetch), p.last)
	if !f.Ascending {
		a, b = p.last-(b-p.first), p.last-(a-p.first)
	}
	ids, err := g.pick(tx, p, a, b, f.Ascending)
	return ids, total, err
}

// part gives the ranks of the group's tasks made within r.
func (g group) part(tx *store.Tx, r tasks.Range) (part, error) {
	total, err := g.total(tx)
	p := part{from: firstKey(), to: lastKey(), low: bound{firstKey(), 0}, high: bound{lastKey(), total}, last: total}
	if err != nil || total == 0 {
		return p, err
	}
	if !r.From.IsZero() {
		p.from = key{r.From.UnixMilli(), 0}
		p.low, _, p.first, err = g.rank(tx, p.from)
	}
	if !r.Till.IsZero() && err == nil {
		// The end is included, with all of its millisecond.
		p.to = key{r.Till.UnixMilli() + 1, 0}
		_, p.high, p.last, err = g.rank(tx, p.to)
	}
	return p, err
}

// byIDs reads whole tasks, in the order of ids.
func byIDs(tx *store.Tx, ids []int64) ([]tasks.Task, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var q store.Statement
	store.In(q.Add(selectTask), "t.id", ids)
	rows, err := store.Collect(tx, scanTask, q.String(), q.Args()...)
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
