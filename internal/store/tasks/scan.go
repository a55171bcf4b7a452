package tasks

import (
	"math"

	"propusk/internal/store"
	"propusk/internal/tasks"
)

// scannedPage answers a filter that the counts do not know.
func scannedPage(tx *store.Tx, g group, f tasks.Filter) ([]int64, int64, error) {
	var q store.Statement
	q.Add("SELECT COUNT(*) FROM task WHERE ")
	conditions(&q, g, f)
	var total int64
	err := tx.QueryRow(q.String(), q.Args()...).Scan(&total)
	if err != nil || f.Fetch == 0 || int64(f.Offset) >= total {
		return nil, total, err
	}
	ids, err := scan(tx, g, f)
	return ids, total, err
}

// scan reads the ids of a page by skipping what stands before it.
func scan(tx *store.Tx, g group, f tasks.Filter) ([]int64, error) {
	var q store.Statement
	q.Add("SELECT id FROM task WHERE ")
	conditions(&q, g, f)
	q.Add(" ORDER BY " + order(f))
	q.Add(" LIMIT ? OFFSET ?", f.Fetch, f.Offset)
	return store.Collect(tx, store.Column[int64], q.String(), q.Args()...)
}

// order names the columns to sort by. Numbers are unique; the id ends every
// other tie.
func order(f tasks.Filter) string {
	direction := " DESC"
	if f.Ascending {
		direction = ""
	}
	switch f.OrderBy {
	case tasks.ByModified:
		return "modified_ms" + direction + ", id" + direction
	case tasks.ByDeadline:
		return "deadline_ms" + direction + " NULLS LAST, id" + direction
	case tasks.ByNumber:
		return "number" + direction
	default:
		return "created_ms" + direction + ", id" + direction
	}
}

func conditions(q *store.Statement, g group, f tasks.Filter) {
	g.where(q)
	if f.Stage != 0 {
		q.Add(" AND stage = ?", f.Stage)
	}
	if f.Assignee != 0 {
		q.Add(" AND assignee = ?", f.Assignee)
	}
	within(q, "created_ms", f.Created)
	within(q, "deadline_ms", f.Deadline)
	within(q, "modified_ms", f.Modified)
	for _, word := range tasks.SearchWords(f.Search) {
		q.Add(" AND search LIKE ? ESCAPE '!'", store.Like(word))
	}
}

func within(q *store.Statement, column string, r tasks.Range) {
	if r.Empty() {
		return
	}
	from, till := int64(math.MinInt64), int64(math.MaxInt64)
	if !r.From.IsZero() {
		from = r.From.UnixMilli()
	}
	if !r.Till.IsZero() {
		till = r.Till.UnixMilli()
	}
	q.Add(" AND "+column+" >= ? AND "+column+" <= ?", from, till)
}
