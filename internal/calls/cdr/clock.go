package cdr

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// stamp is how cdr_csv writes a time: local, without saying so.
const stamp = "2006-01-02 15:04:05"

var errTime = errors.New("has a time that is not written like 2024-05-20 10:00:00")

// moments gives when a local time may have been: twice in the hour that a clock
// is set back through. One that a clock jumped over is read as if it had not.
func moments(text string, zone *time.Location) ([]time.Time, error) {
	wall, err := time.Parse(stamp, strings.TrimSpace(text))
	if err != nil {
		return nil, errTime
	}
	var all []time.Time
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(around).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if at.In(zone).Format(stamp) == wall.Format(stamp) {
			all = append(all, at)
		}
	}
	if len(all) == 0 {
		_, offset := wall.Add(-24 * time.Hour).In(zone).Zone()
		all = append(all, wall.Add(-time.Duration(offset)*time.Second))
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal), nil
}

// nearest gives the moment that lies next to at.
func nearest(all []time.Time, at time.Time) time.Time {
	return slices.MinFunc(all, func(a, b time.Time) int {
		return int(a.Sub(at).Abs().Milliseconds() - b.Sub(at).Abs().Milliseconds())
	})
}

// span is the beginning and end of a record as far as its text says.
type span struct {
	begun, ended []time.Time
	lasted       time.Duration
}

// settle chooses when a record began and ended. A known time (of its id) decides;
// else how long it lasted; else that records are written in the order in which
// calls end.
func (s span) settle(known, last time.Time) (begun, ended time.Time) {
	if !known.IsZero() {
		begun = nearest(s.begun, known)
		return begun, nearest(s.ended, begun.Add(s.lasted))
	}
	type pair struct{ begun, ended time.Time }
	var pairs []pair
	for _, b := range s.begun {
		pairs = append(pairs, pair{b, nearest(s.ended, b.Add(s.lasted))})
	}
	off := func(p pair) time.Duration { return p.ended.Sub(p.begun.Add(s.lasted)).Abs() }
	best := off(slices.MinFunc(pairs, func(a, b pair) int { return int(off(a) - off(b)) }))
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return off(p) > best+time.Second })
	for _, p := range pairs {
		if !p.ended.Before(last) {
			return p.begun, p.ended
		}
	}
	p := pairs[len(pairs)-1]
	return p.begun, p.ended
}
