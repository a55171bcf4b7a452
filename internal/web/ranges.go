package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// span is the bytes from first to last, both in it.
type span struct{ first, last int64 }

// Bounds of what is sent for a list of ranges: so many parts, and so many bytes
// that each part costs beside its own.
const (
	maxRanges = 1000
	maxParts  = 8
	partCost  = 200
)

// parseRanges reads a list of byte ranges of something of size bytes
// (RFC 9110 §14.1.2): ascending, each apart from the next, and together with
// what they cost never longer than the whole.
func parseRanges(text string, size int64) ([]span, error) {
	_, list, _ := strings.Cut(text, "=")
	items := strings.Split(list, ",")
	if len(items) > maxRanges {
		return nil, errRange()
	}
	var spans []span
	for _, item := range items {
		if item = strings.Trim(item, " \t"); item == "" {
			continue
		}
		s, ok := parseRange(item, size)
		if !ok {
			return nil, errRange()
		}
		if s.first < size {
			spans = append(spans, s)
		}
	}
	if len(spans) == 0 {
		return nil, errRange()
	}
	return thrifty(joined(spans), size), nil
}

// parseRange reads one range; one that begins behind the end is given as it is.
func parseRange(text string, size int64) (span, bool) {
	from, till, ok := strings.Cut(text, "-")
	if !ok {
		return span{}, false
	}
	if from == "" {
		n, ok := digits(till)
		if !ok {
			return span{}, false
		}
		if n == 0 {
			return span{size, size}, true // the last no bytes: there is nothing of it
		}
		return span{max(size-n, 0), size - 1}, true
	}
	first, ok := digits(from)
	if !ok {
		return span{}, false
	}
	if till == "" {
		return span{first, size - 1}, true
	}
	last, ok := digits(till)
	return span{first, min(last, size-1)}, ok && first <= last
}

// digits reads a number; one past 63 bits is the largest there is.
func digits(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.ParseInt(text, 10, 64) // what is out of range is cut to the largest
	return n, true
}

// joined sorts spans and makes one of those that meet.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	out := spans[:1]
	for _, s := range spans[1:] {
		if end := &out[len(out)-1]; s.first <= end.last+1 {
			end.last = max(end.last, s.last)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// thrifty makes one span of many that would cost more than they save.
func thrifty(spans []span, size int64) []span {
	cost := int64(len(spans)+1) * partCost
	for _, s := range spans {
		cost += s.last - s.first + 1
	}
	if len(spans) == 1 || len(spans) <= maxParts && cost <= size {
		return spans
	}
	return []span{{spans[0].first, spans[len(spans)-1].last}}
}

func rangeText(spans []span) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = strconv.FormatInt(s.first, 10) + "-" + strconv.FormatInt(s.last, 10)
	}
	return "bytes=" + strings.Join(parts, ", ")
}
