package operation

import (
	"errors"
	"strconv"
	"time"

	"propusk/internal/spelling"
)

// Span is a duration as people write it: 90s, 12h, 7d.
type Span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := spelling.Duration(string(text))
	if err != nil {
		return errSpan
	}
	*s = Span(d)
	return nil
}

var (
	errSpan   = errors.New("a duration is written like 90s, 12h or 7d")
	errMoment = errors.New("a time is written like 2027-01-31, 2027-01-31T12:00:00Z, or 90d from now")
	errPast   = errors.New("a time is written like 2024-05-20, or 2024-05-20T12:00:00Z")
)

// Moment is a point in time: a date (its beginning, UTC), RFC 3339, or a span
// from now. A past one is a date or a full time.
type Moment struct {
	time.Time

	ahead Span
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, string(text)); err == nil {
			m.Time = at
			return nil
		}
	}
	if m.ahead.UnmarshalText(text) != nil {
		return errMoment
	}
	return nil
}

// UnmarshalJSON undoes the one that time.Time brings along.
func (m *Moment) UnmarshalJSON(data []byte) error {
	if string(data) == "null" { // as exporters write what is empty
		return nil
	}
	text, err := strconv.Unquote(string(data))
	if err != nil {
		return errMoment
	}
	return m.UnmarshalText([]byte(text))
}

// Past is a point in time that has been: a Moment without a span from now.
type Past struct{ Moment }

// UnmarshalJSON undoes the one that Moment brings along.
func (p *Past) UnmarshalJSON(data []byte) error {
	if p.Moment.UnmarshalJSON(data) != nil || p.ahead != 0 {
		return errPast
	}
	return nil
}

// at gives the time as seen from now; zero when nothing was said.
func (m Moment) at(now time.Time) time.Time {
	if m.ahead != 0 {
		return now.Add(time.Duration(m.ahead))
	}
	return m.Time
}
