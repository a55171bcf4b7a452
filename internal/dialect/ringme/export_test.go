package ringme

import (
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

// Allowed says why a call is refused to the user and the application behind it.
func Allowed(user, through authority.Principal, reads bool, level string) error {
	return allowed(user, through, reads, level)
}

// Wires gives status and word of a code in both tables; false for one that a
// table lacks.
func Wires(code authority.Code) (statuses []int, ok bool) {
	call, inCall := callWire(code)
	token, inToken := tokenWire(code)
	return []int{call.status, token.status}, inCall && inToken
}

// Marks is what pages far from the beginning are found by.
type Marks = marks

// NewMarks makes an empty one.
func NewMarks() *Marks { return newMarks() }

// Find tells where a page begins.
func (m *marks) Find(c authority.Caller, page, size int) (calls.Mark, int, error) {
	return m.place(c, "list", paging{Page: page, PerPage: size}).find()
}

// Keep remembers where the page behind a page begins.
func (m *marks) Keep(c authority.Caller, page, size int, next calls.Mark) {
	m.place(c, "list", paging{Page: page, PerPage: size}).keep(next)
}

// ParseMoment reads a time of a query; span is what it leaves open.
func ParseMoment(text string) (at time.Time, span time.Duration, err error) {
	var m moment
	err = m.UnmarshalText([]byte(text))
	return m.at, m.span, err
}
