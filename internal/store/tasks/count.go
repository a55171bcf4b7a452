package tasks

import (
	"cmp"
	"errors"
	"math"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// key is where a task stands among those of its account. Neither part ever
// changes. Ids are positive, so {ms, 0} lies before all tasks of ms.
type key struct{ ms, id int64 }

// firstKey and lastKey lie around all tasks.
func firstKey() key { return key{math.MinInt64, 0} }

func lastKey() key { return key{math.MaxInt64, 0} }

func (k key) less(o key) bool { return k.compare(o) < 0 }

func (k key) compare(o key) int { return cmp.Or(cmp.Compare(k.ms, o.ms), cmp.Compare(k.id, o.id)) }

func keyOf(t tasks.Task) key { return key{t.Created.UnixMilli(), int64(t.ID)} }

func scanKey(row store.Scanner) (key, error) {
	var k key
	err := row.Scan(&k.ms, &k.id)
	return k, err
}

// errCounts says that counts and rows disagree, which only a defect can cause.
var errCounts = errors.New("store/tasks: the counts of tasks do not add up")

// kind is what tasks are counted by.
type kind struct{ deleted, area, closed int64 }

// allAreas stands for "whatever the area" in task_count.
const allAreas = -1

func kindOf(t tasks.Task) kind {
	return kind{bit(t.Deleted), int64(t.Area.ID), bit(t.Closed())}
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ledger gathers what a transaction does to the counts of one account and
// writes it once. Use it after the rows themselves: flush looks at them.
type ledger struct {
	tx      *store.Tx
	account authority.ID
	size    int64
	at      key // start of the chunk met last
	end     key // start of the chunk after it
	counts  map[place]int64
	totals  map[kind]int64
	added   map[key]int64 // new tasks by chunk
	order   []key         // keys of added in the order met
}

type place struct {
	kind
	chunk key
}

func (s *Store) ledger(tx *store.Tx, account authority.ID) *ledger {
	return &ledger{
		tx: tx, account: account, size: s.chunk, at: lastKey(),
		counts: map[place]int64{}, totals: map[kind]int64{}, added: map[key]int64{},
	}
}

// insert counts a new task.
func (l *ledger) insert(t tasks.Task) error {
	chunk, err := l.chunk(keyOf(t))
	if err != nil {
		return err
	}
	if _, ok := l.added[chunk]; !ok {
		l.order = append(l.order, chunk)
	}
	l.added[chunk]++
	l.count(chunk, kindOf(t), 1)
	return nil
}

// change counts a task as another kind than before.
func (l *ledger) change(before, after tasks.Task) error {
	from, to := kindOf(before), kindOf(after)
	if from == to {
		return nil
	}
	chunk, err := l.chunk(keyOf(before))
	if err != nil {
		return err
	}
	l.count(chunk, from, -1)
	l.count(chunk, to, 1)
	return nil
}

func (l *ledger) count(chunk key, k kind, n int64) {
	l.totals[k] += n
	l.counts[place{k, chunk}] += n
	k.area = allAreas
	l.counts[place{k, chunk}] += n
}

// chunk finds the chunk that k lies in and makes the account's first one.
func (l *ledger) chunk(k key) (key, error) {
	if !k.less(l.at) && k.less(l.end) {
		return l.at, nil
	}
	start, err := chunkAt(l.tx, l.account, k)
	if errors.Is(err, store.ErrNoRows) {
		start = firstKey()
		_, err = l.tx.Exec(`INSERT INTO task_chunk (account, from_ms, from_id, n) VALUES ($1, $2, $3, 0)`,
			l.account, start.ms, start.id)
	}
	if err != nil {
		return key{}, err
	}
	l.at = start
	l.end, err = chunkAfter(l.tx, l.account, start, 0)
	return start, err
}

// chunkAt finds the start of the chunk that k lies in.
func chunkAt(tx *store.Tx, account authority.ID, k key) (key, error) {
	return scanKey(tx.QueryRow(`SELECT from_ms, from_id FROM task_chunk
		WHERE account = $1 AND (from_ms, from_id) <= ($2, $3)
		ORDER BY from_ms DESC, from_id DESC LIMIT 1`, account, k.ms, k.id))
}

// chunkAfter finds the start of the chunk that comes more chunks after the one
// right behind k; lastKey when there is none.
func chunkAfter(tx *store.Tx, account authority.ID, k key, more int) (key, error) {
	next, err := scanKey(tx.QueryRow(`SELECT from_ms, from_id FROM task_chunk
		WHERE account = $1 AND (from_ms, from_id) > ($2, $3)
		ORDER BY from_ms, from_id LIMIT 1 OFFSET $4`, account, k.ms, k.id, more))
	if errors.Is(err, store.ErrNoRows) {
		return lastKey(), nil
	}
	return next, err
}

// flush writes what was gathered and splits chunks that have grown too big.
func (l *ledger) flush() error {
	for p, n := range l.counts {
		if err := l.addCount(p, n); err != nil {
			return err
		}
	}
	for k, n := range l.totals {
		if err := l.addTotal(k, n); err != nil {
			return err
		}
	}
	for _, chunk := range l.order {
		n, err := l.grow(chunk, l.added[chunk])
		if err != nil {
			return err
		}
		if err := l.balance(chunk, n); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) addCount(p place, n int64) error {
	if n == 0 {
		return nil
	}
	_, err := l.tx.Exec(`INSERT INTO task_count (account, deleted, area, closed, from_ms, from_id, n)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (account, deleted, area, closed, from_ms, from_id) DO UPDATE SET n = task_count.n + excluded.n`,
		l.account, p.deleted, p.area, p.closed, p.chunk.ms, p.chunk.id, n)
	return err
}

func (l *ledger) addTotal(k kind, n int64) error {
	if n == 0 {
		return nil
	}
	_, err := l.tx.Exec(`INSERT INTO task_total (account, deleted, area, closed, n) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account, deleted, area, closed) DO UPDATE SET n = task_total.n + excluded.n`,
		l.account, k.deleted, k.area, k.closed, n)
	return err
}

// grow adds n to a chunk's size and gives the sum.
func (l *ledger) grow(chunk key, n int64) (sum int64, err error) {
	err = l.tx.QueryRow(`UPDATE task_chunk SET n = n + $1 WHERE account = $2 AND from_ms = $3 AND from_id = $4
		RETURNING n`, n, l.account, chunk.ms, chunk.id).Scan(&sum)
	return sum, err
}
