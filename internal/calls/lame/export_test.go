package lame

import "time"

// WithLimit gives p with another limit of time.
func WithLimit(p *Program, limit time.Duration) *Program {
	c := *p
	c.limit = limit
	return &c
}

// Slots is how many conversions p runs at once.
func Slots(p *Program) int { return cap(p.slots) }
