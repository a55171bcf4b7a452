package dashboard

import (
	"slices"
	"time"

	"propusk/internal/console/page"
)

// span is how far back the screen looks, and in what steps.
type span struct {
	Name  string
	count int
	hours int // of a step; 24 = a day of the account's zone
}

func spans() []span {
	return []span{{"24h", 24, 1}, {"7d", 28, 6}, {"30d", 30, 24}}
}

// spanOf gives the span that the address asks for; the first where it asks for
// none.
func spanOf(v *page.View) (span, error) {
	var names []string
	for _, s := range spans() {
		names = append(names, s.Name)
	}
	name, err := v.Chosen("span", names...)
	return spans()[max(slices.Index(names, name), 0)], err
}

// bucket is one step, from Begin to the begin of the next.
type bucket struct{ Begin, End time.Time }

// buckets are the steps up to now; they begin on whole hours and days of zone.
func (s span) buckets(now time.Time, zone *time.Location) []bucket {
	now = now.In(zone)
	hour := now.Hour() - now.Hour()%s.hours
	out := make([]bucket, s.count)
	for i := range out {
		back := (s.count - 1 - i) * s.hours
		begin := time.Date(now.Year(), now.Month(), now.Day(), hour-back, 0, 0, 0, zone)
		if s.hours == 24 {
			begin = time.Date(now.Year(), now.Month(), now.Day()-back/24, 0, 0, 0, 0, zone)
		}
		out[i].Begin = begin
		if i > 0 {
			out[i-1].End = begin
		}
	}
	out[s.count-1].End = now.Add(time.Hour) // what is noted while the page is made counts too
	return out
}

// label writes when a bucket begins.
func (s span) label(v *page.View, b bucket) string {
	if s.hours == 24 {
		return v.Day(b.Begin)
	}
	return v.Moment(b.Begin)
}

// tick writes the short form below a plot.
func (s span) tick(b bucket) string {
	if s.hours == 1 {
		return b.Begin.Format("15:04")
	}
	return b.Begin.Format("02.01")
}
