package ringme

import (
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

const (
	// shallow is how many rows are counted off rather than remembered: pages
	// close to the beginning show what is there now.
	shallow    = 10_000
	knownPages = 10_000
	pageLife   = 10 * time.Minute
)

// marks remembers where the pages begin that follow those just read, so that
// whoever reads a long list page by page pays for each page alone. It holds
// nothing but times and ids. Safe for concurrent use.
type marks struct {
	known *otter.Cache[markKey, calls.Mark]
}

type markKey struct {
	account authority.ID
	list    string // with everything that it was asked by but the page
	page    int
}

func newMarks() *marks {
	return &marks{otter.Must(&otter.Options[markKey, calls.Mark]{
		MaximumSize: knownPages, ExpiryCalculator: otter.ExpiryWriting[markKey, calls.Mark](pageLife),
	})}
}

// place is a page of a list of an account.
type place struct {
	marks *marks
	key   markKey
	size  int
}

// place names the page that p asks for; more is what else the list was asked by.
func (m *marks) place(c authority.Caller, list string, p paging, more ...any) place {
	text := fmt.Sprint(list, p.Start, p.End, p.PerPage, p.Order)
	for _, part := range more {
		if f, ok := part.(*flow); ok && f != nil {
			part = f.of
		}
		text += fmt.Sprint("|", part)
	}
	return place{m, markKey{c.Account().ID, text, p.Page}, p.PerPage}
}

// find tells where the page begins: behind a mark, or so many rows from the
// beginning.
func (p place) find() (after calls.Mark, offset int, err error) {
	before := int64(p.key.page-1) * int64(p.size)
	if before <= shallow {
		return calls.Mark{}, int(before), nil
	}
	if after, ok := p.marks.known.GetIfPresent(p.key); ok {
		return after, 0, nil
	}
	if before > maxOffset {
		return calls.Mark{}, 0, authority.E(authority.InvalidValue,
			"the page is too far from the beginning: read the pages in their order, or choose a shorter time").With("parameter", "page")
	}
	return calls.Mark{}, int(before), nil
}

// keep remembers that the page behind p begins at next.
func (p place) keep(next calls.Mark) {
	if int64(p.key.page)*int64(p.size) <= shallow {
		return
	}
	p.key.page++
	p.marks.known.Set(p.key, next)
}
