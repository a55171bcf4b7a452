package calls

import (
	"slices"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// Bounds of a query.
const (
	MaxPage    = 1000      // rows of one page
	MaxNumbers = 1000      // numbers that a query names
	MaxOffset  = 1_000_000 // rows before a page
)

// Range is a span of time: From is in it, Till is not. A zero end is open.
type Range struct{ From, Till time.Time }

// Mark names a place in a list: that of the row with this time and id. The zero
// Mark is the list's beginning.
type Mark struct {
	Begun time.Time
	ID    authority.ID
}

// Query says which calls a list holds and which page of it is wanted. The zero
// value of each filter finds everything. Lists are sorted by the beginning of
// calls, newest first, ties by id.
type Query struct {
	Period      Range
	Numbers     []string // on either side, in any spelling
	Directions  []Direction
	Results     []Disposition
	MinDuration time.Duration
	MaxDuration *time.Duration // in it; nil = no limit
	Recorded    *bool
	Read        *bool
	Extension   authority.ID // on either side

	Ascending bool // oldest first
	After     Mark // the page begins behind it
	Offset    int  // rows before the page, from After
	Limit     int  // rows of the page, 1–MaxPage
}

// Page is one page of a list.
type Page struct {
	Items []Call
	More  bool // there are rows behind it
}

// Next is where the page behind p begins.
func (p Page) Next() Mark {
	if len(p.Items) == 0 {
		return Mark{}
	}
	last := p.Items[len(p.Items)-1]
	return Mark{last.Begun, last.ID}
}

// RecordingQuery asks for a page of recordings, sorted by the beginning of their
// calls, newest first, ties by id.
type RecordingQuery struct {
	Period    Range
	Ascending bool
	After     Mark
	Offset    int
	Limit     int // 1–MaxPage
}

// RecordingPage is one page of recordings.
type RecordingPage struct {
	Items []Recording
	More  bool
}

// Next is where the page behind p begins.
func (p RecordingPage) Next() Mark {
	if len(p.Items) == 0 {
		return Mark{}
	}
	last := p.Items[len(p.Items)-1]
	return Mark{last.Begun, last.ID}
}

// checked gives q with its numbers as NumberKey writes them, or says which part
// cannot be.
func (q Query) checked() (Query, error) {
	if err := checkPage(q.Offset, q.Limit); err != nil {
		return q, err
	}
	if len(q.Numbers) > MaxNumbers {
		return q, authority.Invalid("numbers", "more than "+strconv.Itoa(MaxNumbers)+" numbers are asked for")
	}
	for _, d := range q.Directions {
		if !slices.Contains(Directions(), d) {
			return q, authority.Invalid("direction", "there is no such direction")
		}
	}
	for _, d := range q.Results {
		if !slices.Contains(Dispositions(), d) {
			return q, authority.Invalid("result", "there is no such result")
		}
	}
	if q.MinDuration < 0 || q.MaxDuration != nil && *q.MaxDuration < 0 {
		return q, authority.Invalid("duration", "a duration must not be negative")
	}
	keys := make([]string, 0, len(q.Numbers))
	for _, number := range q.Numbers {
		key := NumberKey(number)
		if key == "" || len(key) > maxKey {
			return q, authority.Invalid("numbers", "a number must hold digits")
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	q.Numbers = slices.Compact(keys)
	return q, nil
}

func checkPage(offset, limit int) error {
	if limit < 1 || limit > MaxPage {
		return authority.Invalid("limit", "a page must hold 1 to "+strconv.Itoa(MaxPage)+" rows")
	}
	if offset < 0 || offset > MaxOffset {
		return authority.Invalid("offset", "the page lies too far behind the beginning")
	}
	return nil
}
