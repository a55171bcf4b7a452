package testenv

import (
	"time"

	"propusk/internal/testenv/fake"
)

// Clock is a clock that a test moves.
type Clock = fake.Clock

// NewClock makes a Clock that stands at now.
func NewClock(now time.Time) *Clock { return fake.NewClock(now) }

// Log keeps what a server wrote.
type Log = fake.Log
