package tasks

import (
	"slices"

	"propusk/internal/store"
)

// pick reads the ids of ranks [a, b), which lie in p.
func (g group) pick(tx *store.Tx, p part, a, b int64, ascending bool) ([]int64, error) {
	s, err := g.find(tx, p, a, b)
	if err != nil {
		return nil, err
	}
	crowded, err := g.crowds(tx, s)
	if err != nil {
		return nil, err
	}
	if !crowded {
		return g.gather(tx, s, a-s.before, b-s.before, ascending)
	}
	var q store.Statement
	g.inOrder(&q, s)
	if ascending {
		q.Add(" ORDER BY created_ms, id LIMIT ? OFFSET ?", b-a, a-s.before)
	} else {
		q.Add(" ORDER BY created_ms DESC, id DESC LIMIT ? OFFSET ?", b-a, s.before+s.inside-b)
	}
	return store.Collect(tx, store.Column[int64], q.String(), q.Args()...)
}

// crowded is the share of a span's tasks from which on reading all of them in
// order beats gathering the group's own and sorting them.
const crowded = 4

// crowds reports whether much of what lies in s belongs to the group. Without
// areas there is an index that holds nothing else.
func (g group) crowds(tx *store.Tx, s span) (bool, error) {
	if g.areas == nil {
		return true, nil
	}
	all, err := g.among(tx, s.lo, s.hi)
	return s.inside*crowded >= all, err
}

// inOrder reads a span by an index that has it in order. "+" keeps both engines
// from using another for the area.
func (g group) inOrder(q *store.Statement, s span) {
	q.Add("SELECT id FROM task WHERE account = ? AND deleted = ?", g.account, g.deleted)
	column := "closed"
	if g.areas != nil {
		store.In(q.Add(" AND "), "+area", g.areas)
		column = "+closed"
	}
	if len(g.closed) == 1 {
		store.In(q.Add(" AND "), column, g.closed)
	}
	between(q, s.from, s.to)
}

// gather reads the group's tasks of a span kind by kind and gives those of
// ranks [a, b) within it. One statement a kind leaves neither engine a choice of
// index; statements with many kinds were planned as scans of the whole span.
func (g group) gather(tx *store.Tx, s span, a, b int64, ascending bool) ([]int64, error) {
	kinds, err := g.kinds(tx, s)
	if err != nil {
		return nil, err
	}
	keys := make([]key, 0, s.inside)
	for _, k := range kinds {
		var q store.Statement
		q.Add(`SELECT created_ms, id FROM task WHERE account = ? AND deleted = ? AND area = ? AND closed = ?`,
			g.account, g.deleted, k.area, k.closed)
		between(&q, s.from, s.to)
		part, err := store.Collect(tx, scanKey, q.String(), q.Args()...)
		if err != nil {
			return nil, err
		}
		keys = append(keys, part...)
	}
	if int64(len(keys)) != s.inside {
		return nil, errCounts
	}
	slices.SortFunc(keys, key.compare)
	ids := make([]int64, 0, b-a)
	for _, k := range keys[a:b] {
		ids = append(ids, k.id)
	}
	if !ascending {
		slices.Reverse(ids)
	}
	return ids, nil
}

// kinds reads which kinds of the group a span holds.
func (g group) kinds(tx *store.Tx, s span) ([]kind, error) {
	var q store.Statement
	q.Add("SELECT area, closed FROM task_count WHERE ")
	g.chunked(&q, s.lo, s.hi)
	q.Add(" AND n > 0 GROUP BY area, closed")
	return store.Collect(tx, func(row store.Scanner) (kind, error) {
		k := kind{deleted: g.deleted}
		err := row.Scan(&k.area, &k.closed)
		return k, err
	}, q.String(), q.Args()...)
}
