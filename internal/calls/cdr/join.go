package cdr

import (
	"reflect"
	"slices"
	"time"

	"propusk/internal/calls"
)

// Call is a call with what its recordings can be named after.
type Call struct {
	calls.Call

	Names   []string // ids
	Texts   []string // of a dialplan: names, or texts within names
	Records int      // that it is made of, where they were counted
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
		out.Names, out.Texts = append(out.Names, l.Names...), append(out.Texts, l.Texts...)
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
	out.Names, out.Texts = each(out.Names), each(out.Texts)
	return out
}

// each gives the texts in order, each once.
func each(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
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

// maxLegs is how many legs of one call are looked at.
const maxLegs = 200

// Joiner gathers legs that lie apart, in one file or in several. It holds those
// whose calls are not whole.
type Joiner struct {
	Source string

	open map[string]*Joined
}

// Place is where a record stands.
type Place struct {
	File string
	Line int
}

// Joined is a call that is not whole.
type Joined struct {
	at    Place // its first leg
	legs  []Leg
	files []string // of each leg
	seen  int      // legs, those that were too many too
}

// Add takes a leg; with its last one it gives the call and where it begins.
func (j *Joiner) Add(at Place, l Leg, last bool) (Place, Call, bool) {
	if j.open == nil {
		j.open = make(map[string]*Joined)
	}
	whole := j.open[l.Key]
	if whole == nil {
		whole = &Joined{at: at}
		j.open[l.Key] = whole
	}
	whole.add(at.File, l)
	if !last {
		return Place{}, Call{}, false
	}
	return j.give(l.Key)
}

// add keeps a leg, unless another file holds it too: folders have copies.
func (j *Joined) add(file string, l Leg) {
	j.seen++
	for i, there := range j.legs {
		if j.files[i] != file && reflect.DeepEqual(there, l) {
			return
		}
	}
	if len(j.legs) < maxLegs {
		j.legs, j.files = append(j.legs, l), append(j.files, file)
	}
}

// Flush gives a call that is held; false when there is none.
func (j *Joiner) Flush() (Place, Call, bool) {
	for key := range j.open {
		return j.give(key)
	}
	return Place{}, Call{}, false
}

func (j *Joiner) give(key string) (Place, Call, bool) {
	whole := j.open[key]
	delete(j.open, key)
	if slices.ContainsFunc(whole.files, func(f string) bool { return f != whole.at.File }) {
		// Files come in any order; a record is written when its leg ends.
		slices.SortStableFunc(whole.legs, func(a, b Leg) int { return a.Ended.Compare(b.Ended) })
	}
	call := Join(j.Source, whole.legs)
	call.Records = whole.seen
	return whole.at, call, true
}
