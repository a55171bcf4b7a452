package ringme

import (
	"errors"
	"time"

	"propusk/internal/calls"
)

// wireTime is how this API writes times, in GMT.
const wireTime = time.DateTime

// moment is a time as clients send it: "2024-05-20 10:00:00" in GMT, with a
// fraction or without seconds, a date alone, or RFC 3339. The zero value is none.
type moment struct {
	at   time.Time
	span time.Duration // what the text leaves open: a second, a minute, a day
}

var errMoment = errors.New("not a time")

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) error {
	s := string(text)
	if i := len(s) - len("+03:00"); i > len(time.DateOnly)+1 && s[i] == ' ' {
		s = s[:i] + "+" + s[i+1:] // a plus sign that the query decoding took
	}
	for _, known := range []struct {
		layout string
		span   time.Duration
	}{
		{wireTime, time.Second},
		{time.DateOnly, 24 * time.Hour},
		{"2006-01-02 15:04", time.Minute},
		{"2006-01-02T15:04:05", time.Second},
		{time.RFC3339, time.Second},
	} {
		at, err := time.Parse(known.layout, s)
		if err != nil || at.Year() < 1 || at.UTC().Year() > 9999 {
			continue
		}
		if at.Nanosecond() != 0 {
			known.span = time.Millisecond
		}
		m.at, m.span = at.UTC(), known.span
		return nil
	}
	return errMoment
}

// Words implements bind.Worded.
func (moment) Words() string { return "a time in GMT such as 2024-05-20 10:00:00, or a date" }

// period is the time from one moment to another, both in it as far as they are
// told.
func period(from, till moment) calls.Range {
	p := calls.Range{From: from.at}
	if !till.at.IsZero() {
		p.Till = till.at.Truncate(time.Millisecond).Add(till.span)
	}
	return p
}
