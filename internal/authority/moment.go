package authority

import "time"

// Moment gives t as it can be kept: UTC, in whole milliseconds.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
