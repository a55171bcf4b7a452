package hubex

import (
	"time"

	"propusk/internal/tasks"
	"propusk/internal/web/bind"
)

// moment is a time that a list is asked with: RFC 3339, a time without zone in UTC,
// or a date alone. The zero value is none.
type moment struct {
	at   time.Time
	span time.Duration // what the text leaves open: a second, a day
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) error {
	at, err := bind.ParseTime(string(text))
	m.at = at
	switch {
	case len(text) == len(time.DateOnly):
		m.span = 24 * time.Hour
	case at.Nanosecond() == 0:
		m.span = time.Second // as answers tell times
	}
	return err
}

// Words implements bind.Worded.
func (moment) Words() string { return "a date-time such as 2024-05-20T10:00:00Z, or a date" }

// between is the range from one time till another. An end means all that its text
// leaves open: of a whole second the second, of a date alone the day.
func between(from, till moment) tasks.Range {
	out := tasks.Range{From: from.at, Till: till.at}
	if till.span > 0 {
		out.Till = till.at.Add(till.span - time.Millisecond)
	}
	return out
}
