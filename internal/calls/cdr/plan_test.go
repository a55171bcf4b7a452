package cdr_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/calls"
	"propusk/internal/calls/cdr"
)

// leg is a leg of a call that ends at a second.
func leg(key string, second int64, d calls.Disposition) cdr.Leg {
	at := time.Unix(second, 0)
	l := cdr.Leg{Key: key, Begun: at.Add(-time.Second), Ended: at, Disposition: d}
	if d == calls.Answered {
		l.Answered, l.Talk = l.Begun, time.Second
	}
	return l
}

// Whatever the order and however few may wait: each call is given once, with all
// its legs, and with one reading as soon as the last of them has come.
func TestPlanGivesEachCallOnceAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 60).Draw(t, "keys")
		plan := cdr.NewPlan()
		plan.Held = rapid.IntRange(1, 30).Draw(t, "held")
		var legs []cdr.Leg
		want := map[string]int{}
		for i, k := range keys {
			legs = append(legs, leg(fmt.Sprint(k), int64(i), calls.NoAnswer))
			want[fmt.Sprint(k)]++
			plan.Note(legs[i])
		}
		plan.Settle()
		got := map[string]int{}
		for part := range plan.Parts() {
			j := cdr.Joiner{Source: "x"}
			for i, l := range legs {
				if plan.Part(l) != part {
					continue
				}
				if _, call, whole := j.Add(cdr.Place{Line: i}, l, plan.Last(i)); whole {
					if got[call.SourceID] != 0 {
						t.Fatalf("%s is given twice", call.SourceID)
					}
					got[call.SourceID] = call.Records
				}
			}
			if _, call, more := j.Flush(); more {
				t.Fatalf("%s is still held", call.SourceID)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// Of 200,000 calls whose two legs lie in two halves, few wait at once.
func TestPlanHoldsLittle(t *testing.T) {
	const n = 200_000
	plan := cdr.NewPlan()
	for i := range 2 * n {
		plan.Note(leg(fmt.Sprint(i%n), 1, calls.NoAnswer))
	}
	plan.Settle()
	held := make([]int, plan.Parts())
	for i := range n {
		held[plan.Part(leg(fmt.Sprint(i), 1, calls.NoAnswer))]++
	}
	if most := slices.Max(held); most > 55_000 || len(held) > 6 {
		t.Errorf("%d wait at once in %d readings", most, len(held))
	}
}

// A file's copy adds nothing to a call, and the order of files does not matter.
func TestJoinerTakesFilesInAnyOrder(t *testing.T) {
	early, late := leg("a", 10, calls.Busy), leg("a", 20, calls.Failed)
	talk := leg("b", 10, calls.Answered)
	var j cdr.Joiner
	j.Add(cdr.Place{File: "new", Line: 1}, late, false)
	at, call, _ := j.Add(cdr.Place{File: "old", Line: 9}, early, true)
	if at.File != "new" || call.Disposition != calls.Failed || call.Duration != 11*time.Second {
		t.Errorf("%v: %+v", at, call)
	}
	j.Add(cdr.Place{File: "one", Line: 1}, talk, false)
	if _, call, _ = j.Add(cdr.Place{File: "copy", Line: 1}, talk, true); call.Talk != time.Second || call.Records != 2 {
		t.Errorf("%+v", call)
	}
}
