package hubex

import (
	"math"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

// span is a part of a list in the words of the Range field: counted from 1, both
// ends included. docs/dialects/hubex.md §2
type span struct{ first, last int64 }

// parseRange reads the value of a Range field. Units other than items ask for
// nothing (RFC 9110 §14.2). "items=0-49" means 1 to 49, "items=5-" up to the
// end; numbers too large to count with are just large.
func parseRange(value string) (s span, asked bool, err error) {
	unit, set, ok := strings.Cut(value, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(unit), "items") {
		return span{}, false, nil
	}
	from, to, ok := strings.Cut(strings.TrimSpace(set), "-")
	first, firstOK := position(from)
	last, lastOK := position(to)
	if to == "" {
		last, lastOK = math.MaxInt64, true
	}
	if !ok || !firstOK || !lastOK || last < first {
		return span{}, true, authority.E(authority.InvalidValue,
			"the header Range must be items=FROM-TILL, counted from 1").With("header", "Range")
	}
	return span{first, last}, true, nil
}

// position reads one end: digits alone.
func position(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return math.MaxInt64, true // the one thing that digits can get wrong is being many
	}
	return max(n, 1), true
}

// page gives s as rows to read; no page is longer than the longest.
func (s span) page() (fetch, offset int) {
	return int(min(s.last-s.first, tasks.MaxFetch-1)) + 1, int(s.first - 1)
}

// within clamps s to a list of total items, and reports whether it begins in it.
func (s span) within(total int64) (span, bool) {
	fetch, _ := s.page()
	if s.first > total {
		return span{}, false
	}
	return span{s.first, min(s.first-1+int64(fetch), total)}, true
}

// contentRange is the value of the Content-Range field for s (RFC 9110 §14.4).
func (s span) contentRange(total int64) string {
	return "items " + strconv.FormatInt(s.first, 10) + "-" + strconv.FormatInt(s.last, 10) +
		"/" + strconv.FormatInt(total, 10)
}
