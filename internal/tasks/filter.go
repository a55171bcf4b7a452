package tasks

import (
	"time"

	"propusk/internal/authority"
)

// Bounds of a page.
const (
	MaxFetch  = 1000
	maxSearch = 200 // characters
)

// Range is a span of time, both ends included; a zero end is open.
type Range struct{ From, Till time.Time }

// Empty reports whether the range asks for nothing.
func (r Range) Empty() bool { return r.From.IsZero() && r.Till.IsZero() }

// OrderBy names what a list is sorted by. Ties are sorted by id in the same
// direction; tasks without the value come last in both.
type OrderBy string

// The orders. "" means ByCreated.
const (
	ByCreated  OrderBy = "created"
	ByModified OrderBy = "lastModified"
	ByDeadline OrderBy = "deadline"
	ByNumber   OrderBy = "number"
)

// Filter says which tasks a list holds and which page of it is wanted. The zero
// value means every task that is not deleted, newest first, and no page: only
// the total.
type Filter struct {
	Fetch     int // rows of the page, 0–1000; 0 = only the total
	Offset    int // rows before the page
	Closed    *bool
	Deleted   bool   // true = deleted tasks and no others
	Search    string // every word must occur, case folded
	Stage     authority.ID
	Area      authority.ID
	Assignee  authority.ID
	Created   Range
	Deadline  Range
	Modified  Range
	OrderBy   OrderBy
	Ascending bool
}

// Page is a consistent cut of a list: Items and Total are of one moment. Total
// counts what the filter finds, not the page.
type Page struct {
	Items []Task
	Total int64
}

// Conversation is a page of a task's comments, oldest first.
type Conversation struct {
	Items []Comment
	Total int64
}

// checked gives f with its text cleaned and its order named, or says which part
// cannot be.
func (f Filter) checked() (Filter, error) {
	if err := checkPage(f.Fetch, f.Offset); err != nil {
		return f, err
	}
	switch f.OrderBy {
	case "":
		f.OrderBy = ByCreated
	case ByCreated, ByModified, ByDeadline, ByNumber:
	default:
		return f, authority.Invalid("orderBy", "orderBy must be created, lastModified, deadline or number")
	}
	search, err := cleanText("searchText", f.Search, maxSearch)
	f.Search = search
	return f, err
}

func checkPage(fetch, offset int) error {
	if fetch < 0 || fetch > MaxFetch {
		return authority.Invalid("fetch", "fetch must lie between 1 and 1000")
	}
	if offset < 0 {
		return authority.Invalid("offset", "offset must not be negative")
	}
	return nil
}
