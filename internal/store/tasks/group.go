package tasks

import (
	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// group is a set of tasks that the counts know: those of some areas, open or
// closed or both, deleted or not.
type group struct {
	account authority.ID
	deleted int64
	areas   []int64 // nil = whatever the area
	closed  []int64 // never empty
}

// groupOf gives the group that r and f ask for, leaving aside what only a scan
// can tell. ok is false when nobody can be in it.
func groupOf(r tasks.Reach, f tasks.Filter) (g group, ok bool) {
	g = group{account: r.Account, deleted: bit(f.Deleted), closed: []int64{0, 1}}
	if f.Closed != nil {
		g.closed = []int64{bit(*f.Closed)}
	}
	switch {
	case f.Area != 0:
		g.areas = []int64{int64(f.Area)}
		return g, r.Areas.All || r.Areas.Allow(f.Area)
	case r.Areas.All:
		return g, true
	}
	for _, id := range r.Areas.IDs {
		if id > 0 {
			g.areas = append(g.areas, int64(id))
		}
	}
	return g, len(g.areas) > 0
}

// where appends the condition on rows of task or task_total.
func (g group) where(q *store.Statement) {
	q.Add("account = ? AND deleted = ?", g.account, g.deleted)
	if g.areas != nil {
		store.In(q.Add(" AND "), "area", g.areas)
	}
	if g.areas != nil || len(g.closed) == 1 {
		store.In(q.Add(" AND "), "closed", g.closed)
	}
}

// total counts the group.
func (g group) total(tx *store.Tx) (n int64, err error) {
	var q store.Statement
	q.Add("SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM task_total WHERE ")
	g.where(&q)
	err = tx.QueryRow(q.String(), q.Args()...).Scan(&n)
	return n, err
}

// chunked appends the condition on task_count for chunks that start in
// [from, to).
func (g group) chunked(q *store.Statement, from, to key) {
	areas := g.areas
	if areas == nil {
		areas = []int64{allAreas}
	}
	q.Add("account = ? AND deleted = ?", g.account, g.deleted)
	store.In(q.Add(" AND "), "area", areas)
	store.In(q.Add(" AND "), "closed", g.closed)
	q.Add(" AND (from_ms, from_id) >= (?, ?) AND (from_ms, from_id) < (?, ?)", from.ms, from.id, to.ms, to.id)
}

// counted adds up the chunks that start in [from, to).
func (g group) counted(tx *store.Tx, from, to key) (n int64, err error) {
	var q store.Statement
	q.Add("SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM task_count WHERE ")
	g.chunked(&q, from, to)
	err = tx.QueryRow(q.String(), q.Args()...).Scan(&n)
	return n, err
}

// rank counts the tasks of the group that stand before k: whole chunks by their
// counts, the rest of one chunk by its rows. It gives the ends of that chunk too.
func (g group) rank(tx *store.Tx, k key) (low, high bound, n int64, err error) {
	if low.at, err = chunkAt(tx, g.account, k); err != nil {
		return low, high, 0, err
	}
	if high.at, err = chunkAfter(tx, g.account, low.at, 0); err != nil {
		return low, high, 0, err
	}
	if low.rank, err = g.counted(tx, firstKey(), low.at); err != nil {
		return low, high, 0, err
	}
	inside, err := g.counted(tx, low.at, high.at)
	if err != nil {
		return low, high, 0, err
	}
	high.rank = low.rank + inside
	var q store.Statement
	q.Add("SELECT COUNT(*) FROM task WHERE ")
	g.where(&q)
	between(&q, low.at, k)
	err = tx.QueryRow(q.String(), q.Args()...).Scan(&n)
	return low, high, low.rank + n, err
}

// sum is how many tasks of a group a chunk holds.
type sum struct {
	start key
	n     int64
}

// sums reads the chunks that start in [from, to) and hold tasks of the group.
func (g group) sums(tx *store.Tx, from, to key, descending bool) ([]sum, error) {
	var q store.Statement
	q.Add("SELECT from_ms, from_id, CAST(SUM(n) AS BIGINT) FROM task_count WHERE ")
	g.chunked(&q, from, to)
	if q.Add(" GROUP BY from_ms, from_id ORDER BY "); descending {
		q.Add("from_ms DESC, from_id DESC")
	} else {
		q.Add("from_ms, from_id")
	}
	return store.Collect(tx, scanSum, q.String(), q.Args()...)
}

func scanSum(row store.Scanner) (s sum, err error) {
	err = row.Scan(&s.start.ms, &s.start.id, &s.n)
	return s, err
}

// among counts all tasks of the account in chunks that start in [from, to),
// deleted ones of the other sort left out.
func (g group) among(tx *store.Tx, from, to key) (int64, error) {
	g.areas, g.closed = nil, []int64{0, 1}
	return g.counted(tx, from, to)
}

// between appends the condition that a task stands in [lo, hi). The plain bounds
// say nothing new: PostgreSQL judges by them how little that is, and SQLite
// takes for its index what comes first.
func between(q *store.Statement, lo, hi key) *store.Statement {
	return q.Add(" AND (created_ms, id) >= (?, ?) AND (created_ms, id) < (?, ?) AND created_ms >= ? AND created_ms <= ?",
		lo.ms, lo.id, hi.ms, hi.id, lo.ms, hi.ms)
}
