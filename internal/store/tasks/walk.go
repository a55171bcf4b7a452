package tasks

import (
	"errors"

	"propusk/internal/store"
)

// span is a run of whole chunks [lo, hi), and of them what lies in [from, to):
// inside tasks of a group, with before of them in front.
type span struct {
	lo, hi         key
	from, to       key
	before, inside int64
}

// bound is the start of a chunk, or the end of all, and how many tasks of the
// group stand before it.
type bound struct {
	at   key
	rank int64
}

// part is what of a group lies in [from, to): the ranks [first, last). low and
// high are the whole chunks around it.
type part struct {
	from, to    key
	low, high   bound
	first, last int64
}

// clip leaves out of s what lies outside p, in the chunks at its ends.
func (p part) clip(s span) span {
	s.from, s.to = s.lo, s.hi
	if s.hi == p.high.at {
		s.to, s.inside = p.to, s.inside-(p.high.rank-p.last)
	}
	if s.lo == p.low.at {
		s.from, s.before, s.inside = p.from, p.first, s.inside-(p.first-p.low.rank)
	}
	return s
}

// find gives the shortest span that holds the tasks of ranks [a, b), which lie
// in p and are not empty. It walks from the nearer end.
func (g group) find(tx *store.Tx, p part, a, b int64) (span, error) {
	low, high := p.low.rank, p.high.rank
	if high-b < a-low {
		w := walk{group: g, tx: tx, down: true, first: high - b, last: high - a, at: p.high.at}
		s, err := w.run()
		s.before = high - s.before - s.inside
		return p.clip(s), err
	}
	s, err := (&walk{group: g, tx: tx, first: a - low, last: b - low, at: p.low.at}).run()
	s.before += low
	return p.clip(s), err
}

// walk adds up chunks from one end until it has met the ranks [first, last),
// which count from that end.
type walk struct {
	group
	tx          *store.Tx
	down        bool
	first, last int64

	at    key   // what lies behind is done
	seen  int64 // tasks behind at
	found bool  // span has begun
	span  span  // before and the near end are set once found
}

// Chunks read at once: few at first, because most pages are near an end.
const (
	firstStride = 8
	mostStride  = 256
)

func (w *walk) run() (span, error) {
	for stride := firstStride; w.seen < w.last; stride = min(2*stride, mostStride) {
		edge, err := w.edge(stride)
		if err != nil {
			return span{}, err
		}
		if edge == w.at {
			return span{}, errCounts
		}
		if err := w.step(edge); err != nil {
			return span{}, err
		}
	}
	return w.span, nil
}

// edge gives the start of the chunk that lies stride chunks on, or the end of
// all.
func (w *walk) edge(stride int) (key, error) {
	if !w.down {
		return chunkAfter(w.tx, w.account, w.at, stride-1)
	}
	k, err := scanKey(w.tx.QueryRow(`SELECT from_ms, from_id FROM task_chunk
		WHERE account = $1 AND (from_ms, from_id) < ($2, $3)
		ORDER BY from_ms DESC, from_id DESC LIMIT 1 OFFSET $4`, w.account, w.at.ms, w.at.id, stride-1))
	if errors.Is(err, store.ErrNoRows) {
		return firstKey(), nil
	}
	return k, err
}

// step takes the chunks between w.at and edge in.
func (w *walk) step(edge key) error {
	from, to := w.at, edge
	if w.down {
		from, to = edge, w.at
	}
	sums, err := w.sums(w.tx, from, to, w.down)
	if err != nil {
		return err
	}
	near := w.at // where the chunk begins, seen from the walker
	for i, s := range sums {
		far := edge
		switch {
		case w.down:
			far = s.start
		case i+1 < len(sums):
			far = sums[i+1].start
		}
		w.take(near, far, s.n)
		if w.seen >= w.last {
			return nil
		}
		near = far
	}
	w.at = edge
	return nil
}

// take counts a chunk that reaches from near to far in the walker's direction.
func (w *walk) take(near, far key, n int64) {
	if !w.found && w.seen+n > w.first {
		w.found = true
		w.span.before, w.span.lo = w.seen, near
		if w.down {
			w.span.hi = near
		}
	}
	w.seen += n
	if !w.found {
		return
	}
	w.span.inside = w.seen - w.span.before
	if w.down {
		w.span.lo = far
	} else {
		w.span.hi = far
	}
}
