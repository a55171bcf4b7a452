package operation_test

import (
	"encoding/json"
	"testing"
	"time"

	"propusk/internal/server/operation"
)

func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "7d": 7 * 24 * time.Hour, "1h30m": 90 * time.Minute, "0d": 0,
		"": -1, "7": -1, "d": -1, "-1d": -1, "1.5d": -1, "99999999999d": -1,
	} {
		var s operation.Span
		err := s.UnmarshalText([]byte(text))
		if want < 0 != (err != nil) || (err == nil && time.Duration(s) != want) {
			t.Errorf("%q: %v, %v", text, time.Duration(s), err)
		}
	}
}

func FuzzMoment(f *testing.F) {
	for _, seed := range []string{`"2027-01-31"`, `"2027-01-31T12:00:00Z"`, `"90d"`, `""`, `5`, `null`, `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m operation.Moment
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return
		}
	})
}
