package tasks

import "propusk/internal/store"

// balance splits a chunk of n tasks until no part is too big.
func (l *ledger) balance(chunk key, n int64) error {
	for n > l.size {
		end, err := chunkAfter(l.tx, l.account, chunk, 0)
		if err != nil {
			return err
		}
		keep := n / 2
		if end == lastKey() {
			// Tasks mostly come at the end: leave a full chunk behind, so that
			// the split moves next to nothing.
			keep = l.size
		}
		if chunk, err = l.split(chunk, end, keep); err != nil {
			return err
		}
		n -= keep
	}
	return nil
}

// split cuts [chunk, end) after keep tasks and gives the start of the new part.
func (l *ledger) split(chunk, end key, keep int64) (key, error) {
	var q store.Statement
	q.Add("SELECT created_ms, id FROM task WHERE account = ? AND deleted IN (0, 1)", l.account)
	between(&q, chunk, end).Add(" ORDER BY created_ms, id LIMIT 1 OFFSET ?", keep)
	cut, err := scanKey(l.tx.QueryRow(q.String(), q.Args()...))
	if err != nil {
		return key{}, err
	}
	moved, err := l.census(cut, end)
	if err != nil {
		return key{}, err
	}
	_, err = l.tx.Exec(`INSERT INTO task_chunk (account, from_ms, from_id, n) VALUES ($1, $2, $3, 0)`,
		l.account, cut.ms, cut.id)
	if err != nil {
		return key{}, err
	}
	return cut, l.transfer(chunk, cut, moved)
}

type census struct {
	kind
	n int64
}

// census counts the tasks of [from, to) by kind, looking at the rows.
func (l *ledger) census(from, to key) ([]census, error) {
	var q store.Statement
	q.Add("SELECT deleted, area, closed, COUNT(*) FROM task WHERE account = ? AND deleted IN (0, 1)", l.account)
	between(&q, from, to).Add(" GROUP BY deleted, area, closed")
	return store.Collect(l.tx, scanCensus, q.String(), q.Args()...)
}

func scanCensus(row store.Scanner) (c census, err error) {
	err = row.Scan(&c.deleted, &c.area, &c.closed, &c.n)
	return c, err
}

// transfer moves counted tasks from one chunk to another.
func (l *ledger) transfer(from, to key, moved []census) error {
	part := &ledger{tx: l.tx, account: l.account, counts: map[place]int64{}, totals: map[kind]int64{}}
	var sum int64
	for _, c := range moved {
		sum += c.n
		part.count(from, c.kind, -c.n)
		part.count(to, c.kind, c.n)
	}
	if err := part.flush(); err != nil {
		return err
	}
	if _, err := l.grow(from, -sum); err != nil {
		return err
	}
	_, err := l.grow(to, sum)
	return err
}
