package calls

import (
	"cmp"
	"context"
	"math"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
)

// Calls reads a page.
func (s *Store) Calls(ctx context.Context, account authority.ID, q calls.Query) (page calls.Page, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		l := list{tx: tx, account: account, q: q, span: spanOf(q.Period, q.After, q.Ascending)}
		rows, err := l.read(q.Offset, q.Limit+1)
		if err != nil {
			return err
		}
		if page.More = len(rows) > q.Limit; page.More {
			rows = rows[:q.Limit]
		}
		page.Items, err = withRecordings(tx, rows)
		return err
	})
	return page, err
}

// key is where a call stands in its account.
type key struct{ ms, id int64 }

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.ms, other.ms), cmp.Compare(k.id, other.id))
}

func keyOf(c calls.Call) key { return key{c.Begun.UnixMilli(), int64(c.ID)} }

// span is the keys from lo on and before hi.
type span struct{ lo, hi key }

// spanOf gives what of a period lies behind a mark.
func spanOf(period calls.Range, after calls.Mark, ascending bool) span {
	s := span{key{math.MinInt64, 0}, key{math.MaxInt64, math.MaxInt64}}
	if !period.From.IsZero() {
		s.lo = key{period.From.UnixMilli(), 0}
	}
	if !period.Till.IsZero() {
		s.hi = key{period.Till.UnixMilli(), 0}
	}
	switch mark := (key{after.Begun.UnixMilli(), int64(after.ID)}); {
	case after == calls.Mark{}:
	case ascending && mark.compare(s.lo) >= 0:
		s.lo = key{mark.ms, mark.id + 1}
	case !ascending && mark.compare(s.hi) < 0:
		s.hi = mark
	}
	return s
}

// where appends the condition that a row lies in s. The plain bounds say nothing
// new: PostgreSQL judges by them how little that is.
func (s span) where(q *store.Statement, table, id string) {
	ms := table + ".begun_ms"
	q.Add(" AND ("+ms+", "+table+"."+id+") >= (?, ?) AND ("+ms+", "+table+"."+id+") < (?, ?)", s.lo.ms, s.lo.id, s.hi.ms, s.hi.id)
	q.Add(" AND "+ms+" >= ? AND "+ms+" <= ?", s.lo.ms, s.hi.ms)
}

// order appends the order of a page and how much of it is wanted.
func order(q *store.Statement, by string, ascending bool) {
	direction := " DESC"
	if ascending {
		direction = ""
	}
	q.Add(" ORDER BY " + by + ".begun_ms" + direction + ", ")
	if by == "p" {
		q.Add("p.phone_call" + direction)
	} else {
		q.Add(by + ".id" + direction)
	}
}

// list reads one page in one transaction.
type list struct {
	tx      *store.Tx
	account authority.ID
	q       calls.Query
	span    span
}

// parties gives what the calls are found by; nil = all of them.
func (l list) parties() []string {
	if len(l.q.Numbers) == 0 && l.q.Extension != 0 {
		return []string{extensionParty(l.q.Extension)}
	}
	return l.q.Numbers
}

func (l list) read(offset, limit int) ([]row, error) {
	parties := l.parties()
	switch {
	case l.span.lo.compare(l.span.hi) >= 0:
		return nil, nil
	case len(parties) == 0:
		return l.scan(offset, limit)
	case len(parties) == 1:
		return l.ofParty(parties[0], l.span, offset, limit)
	}
	return l.merge(parties, offset, limit)
}

// scan reads along the account's calls.
func (l list) scan(offset, limit int) ([]row, error) {
	var q store.Statement
	q.Add("SELECT "+columns+" FROM phone_call c WHERE c.account = ?", l.account)
	l.span.where(&q, "c", "id")
	l.filter(&q)
	order(&q, "c", l.q.Ascending)
	q.Add(" LIMIT ? OFFSET ?", limit, offset)
	return store.Collect(l.tx, scanCall, q.String(), q.Args()...)
}

// ofParty reads along the calls of one party.
func (l list) ofParty(party string, within span, offset, limit int) ([]row, error) {
	var q store.Statement
	q.Add("SELECT "+columns+" FROM phone_party p JOIN phone_call c ON c.id = p.phone_call WHERE p.account = ? AND p.party = ?",
		l.account, party)
	within.where(&q, "p", "phone_call")
	l.filter(&q)
	order(&q, "p", l.q.Ascending)
	q.Add(" LIMIT ? OFFSET ?", limit, offset)
	return store.Collect(l.tx, scanCall, q.String(), q.Args()...)
}

// filter appends what is asked of a call besides when it was and whose.
func (l list) filter(q *store.Statement) {
	f := l.q
	if len(f.Directions) > 0 {
		store.In(q.Add(" AND "), "c.direction", f.Directions)
	}
	if len(f.Results) > 0 {
		store.In(q.Add(" AND "), "c.disposition", f.Results)
	}
	if f.MinDuration > 0 {
		q.Add(" AND c.duration_ms >= ?", f.MinDuration.Milliseconds())
	}
	if f.MaxDuration != nil {
		q.Add(" AND c.duration_ms <= ?", f.MaxDuration.Milliseconds())
	}
	switch {
	case f.Recorded == nil:
	case *f.Recorded:
		q.Add(" AND c.recorded > 0")
	default:
		q.Add(" AND c.recorded = 0")
	}
	if f.Read != nil {
		q.Add(" AND c.is_read = ?", *f.Read)
	}
	if f.Extension != 0 && len(f.Numbers) > 0 {
		q.Add(" AND (c.from_extension = ? OR c.to_extension = ?)", f.Extension, f.Extension)
	}
}

// compare orders rows as the list has them.
func (l list) compare(a, b row) int {
	if l.q.Ascending {
		return keyOf(a.Call).compare(keyOf(b.Call))
	}
	return keyOf(b.Call).compare(keyOf(a.Call))
}

// behind narrows s to what comes after c in the list.
func (l list) behind(s span, c row) span {
	k := keyOf(c.Call)
	if l.q.Ascending {
		s.lo = key{k.ms, k.id + 1}
	} else {
		s.hi = k
	}
	return s
}

// merge reads the calls of several parties, each call once: of each party a few
// at a time, always from the one whose next call comes first.
func (l list) merge(parties []string, offset, limit int) ([]row, error) {
	step := max(16, 2*(offset+limit)/len(parties))
	heads := make([]*head, 0, len(parties))
	for _, party := range parties {
		h := &head{party: party, rest: l.span}
		if err := h.fill(l, step); err != nil {
			return nil, err
		}
		if len(h.rows) > 0 {
			heads = append(heads, h)
		}
	}
	var out []row
	for len(heads) > 0 && len(out) < offset+limit {
		i := 0
		for j := range heads {
			if l.compare(heads[j].rows[0], heads[i].rows[0]) < 0 {
				i = j
			}
		}
		next := heads[i].rows[0]
		if len(out) == 0 || out[len(out)-1].ID != next.ID {
			out = append(out, next)
		}
		if err := heads[i].pop(l, step); err != nil {
			return nil, err
		}
		if len(heads[i].rows) == 0 {
			heads = slices.Delete(heads, i, i+1)
		}
	}
	return out[min(offset, len(out)):], nil
}

// head is what has been read of one party and not been taken yet.
type head struct {
	party string
	rows  []row
	rest  span
	last  bool // nothing is behind rows
}

func (h *head) fill(l list, step int) (err error) {
	if h.last {
		return nil
	}
	h.rows, err = l.ofParty(h.party, h.rest, 0, step)
	if h.last = len(h.rows) < step; !h.last {
		h.rest = l.behind(h.rest, h.rows[len(h.rows)-1])
	}
	return err
}

func (h *head) pop(l list, step int) error {
	if h.rows = h.rows[1:]; len(h.rows) > 0 {
		return nil
	}
	return h.fill(l, step)
}
