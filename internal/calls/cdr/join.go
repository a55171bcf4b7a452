package cdr

import (
	"slices"
	"time"

	"propusk/internal/calls"
)

// Call is a call with what its recordings can be named after.
type Call struct {
	calls.Call

	Names   []string
	Records int // that it is made of, where they were counted
}

// answered reports whether somebody spoke.
func (l Leg) answered() bool { return l.Disposition == calls.Answered }

// Join makes one call of its legs, one at least, in the order of the file. It
// went from who began it to who first answered it, or else to who was dialled
// first; a transfer does not change that, its talk counts.
func Join(source string, legs []Leg) Call {
	first := slices.MinFunc(legs, func(a, b Leg) int { return a.Begun.Compare(b.Begun) })
	out := Call{Call: calls.Call{
		Source: source, SourceID: first.Key, Direction: direction(first.From.Number, first.To.Number, first.Context),
		From: first.From, To: first.To, Begun: first.Begun, Disposition: legs[len(legs)-1].Disposition,
	}}
	ended := first.Ended
	var taken *Leg
	for i, l := range legs {
		ended = later(ended, l.Ended)
		out.Names = append(out.Names, l.Names...)
		out.Talk += l.Talk
		if taken == nil || better(l, *taken) {
			taken = &legs[i]
		}
	}
	if !taken.Answered.IsZero() {
		out.To, out.Answered, out.Disposition = taken.To, taken.Answered, taken.Disposition
	}
	out.Duration = ended.Sub(out.Begun)
	out.Talk = min(out.Talk, out.Duration)
	slices.Sort(out.Names)
	out.Names = slices.Compact(out.Names)
	return out
}

// better reports whether l was taken rather than than: a person before a
// machine, who came first before who came later.
func better(l, than Leg) bool {
	switch {
	case l.answered() != than.answered():
		return l.answered()
	case l.Answered.IsZero() != than.Answered.IsZero():
		return !l.Answered.IsZero()
	}
	return l.Answered.Before(than.Answered)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Bounds of what a Joiner holds.
const (
	maxOpen = 5000 // calls
	maxLegs = 200  // of one call
)

// Joiner gathers legs that lie apart. A file lists the legs of a call near each
// other, so it holds the newest 5,000 calls alone, whatever the file's size.
type Joiner struct {
	Source string

	open  map[string]*Joined
	order []string
}

// Joined is a call and the line of its first leg.
type Joined struct {
	Line int
	legs []Leg
	seen int // legs, those that were too many too
}

// Add takes the leg in a line and gives the call that is whole now, if any.
func (j *Joiner) Add(line int, l Leg) (int, Call, bool) {
	if j.open == nil {
		j.open = make(map[string]*Joined)
	}
	if there := j.open[l.Key]; there != nil {
		if there.seen++; len(there.legs) < maxLegs {
			there.legs = append(there.legs, l)
		}
		return 0, Call{}, false
	}
	j.open[l.Key] = &Joined{line, []Leg{l}, 1}
	j.order = append(j.order, l.Key)
	if len(j.order) <= maxOpen {
		return 0, Call{}, false
	}
	return j.Flush()
}

// Flush gives the oldest call that is held; false when there is none.
func (j *Joiner) Flush() (int, Call, bool) {
	if len(j.order) == 0 {
		return 0, Call{}, false
	}
	key := j.order[0]
	j.order = j.order[1:]
	whole := j.open[key]
	delete(j.open, key)
	call := Join(j.Source, whole.legs)
	call.Records = whole.seen
	return whole.Line, call, true
}
