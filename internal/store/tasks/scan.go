package tasks

import (
	"math"
	"strings"

	"propusk/internal/store"
	"propusk/internal/tasks"
)

// scannedPage answers a filter that the counts do not know.
func scannedPage(tx *store.Tx, g group, f tasks.Filter) ([]int64, int64, error) {
	var q query
	q.add("SELECT COUNT(*) FROM task WHERE ")
	conditions(&q, g, f)
	var total int64
	err := tx.QueryRow(q.String(), q.args...).Scan(&total)
	if err != nil || f.Fetch == 0 || int64(f.Offset) >= total {
		return nil, total, err
	}
	ids, err := scan(tx, g, f)
	return ids, total, err
}

// scan reads the ids of a page by skipping what stands before it.
func scan(tx *store.Tx, g group, f tasks.Filter) ([]int64, error) {
	var q query
	q.add("SELECT id FROM task WHERE ")
	conditions(&q, g, f)
	q.add(" ORDER BY " + order(f))
	q.add(" LIMIT ? OFFSET ?", f.Fetch, f.Offset)
	return collect(tx, scanID, q.String(), q.args...)
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

func conditions(q *query, g group, f tasks.Filter) {
	g.where(q)
	if f.Stage != 0 {
		q.add(" AND stage = ?", f.Stage)
	}
	if f.Assignee != 0 {
		q.add(" AND assignee = ?", f.Assignee)
	}
	within(q, "created_ms", f.Created)
	within(q, "deadline_ms", f.Deadline)
	within(q, "modified_ms", f.Modified)
	for _, word := range tasks.SearchWords(f.Search) {
		q.add(" AND search LIKE ? ESCAPE '!'", "%"+escapeLike(word)+"%")
	}
}

func escapeLike(word string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(word)
}

func within(q *query, column string, r tasks.Range) {
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
	q.add(" AND "+column+" >= ? AND "+column+" <= ?", from, till)
}
