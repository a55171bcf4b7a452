package cdr

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// maxHeld is about how many legs wait at once for others of their calls.
const maxHeld = 50_000

// Plan knows which record is the last of its call, so that a call can be given
// out as soon as it is whole, however far apart its records lie. It is made in a
// first reading: Note each leg in order, then Settle. It takes 18 bytes a leg
// meanwhile, and one afterwards.
type Plan struct {
	Held int // how many legs may wait at once; 0 = 50,000

	seed  maphash.Seed
	noted []noted
	last  []bool // by the leg's place
	parts uint64
}

type noted struct {
	key   uint64 // a hash: two calls that share one are given out late, no more
	place int
}

// NewPlan makes an empty Plan.
func NewPlan() *Plan { return &Plan{seed: maphash.MakeSeed(), parts: 1} }

// Note takes the next leg.
func (p *Plan) Note(l Leg) {
	p.noted = append(p.noted, noted{p.hash(l), len(p.noted)})
}

func (p *Plan) hash(l Leg) uint64 { return maphash.String(p.seed, l.Key) }

// Settle ends the first reading.
func (p *Plan) Settle() {
	slices.SortFunc(p.noted, func(a, b noted) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place))
	})
	p.last = make([]bool, len(p.noted))
	change := make([]int16, len(p.noted)) // of how many legs wait, by place
	waiting := 0                          // of one call
	for i, n := range p.noted {
		switch {
		case i+1 == len(p.noted) || p.noted[i+1].key != n.key:
			p.last[n.place], change[n.place] = true, int16(-waiting)
			waiting = 0
		case waiting < maxLegs:
			change[n.place] = 1
			waiting++
		}
	}
	p.noted = nil
	p.parts = uint64(p.peak(change)/cmp.Or(p.Held, maxHeld)) + 1
}

func (p *Plan) peak(change []int16) int {
	held, peak := 0, 0
	for _, c := range change {
		held += int(c)
		peak = max(peak, held)
	}
	return peak
}

// Parts is how many times the records have to be read, each time for a part of
// the calls, so that few enough legs wait: once, as a rule.
func (p *Plan) Parts() int { return int(p.parts) }

// Part tells in which reading, from 0, the leg's call has its turn.
func (p *Plan) Part(l Leg) int { return int(p.hash(l) % p.parts) }

// Last reports whether the leg at a place, counted from 0, is the last of its
// call. What the first reading has not seen is its call's own last.
func (p *Plan) Last(place int) bool { return place >= len(p.last) || p.last[place] }
