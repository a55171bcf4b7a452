package calls_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// rows is how many calls BenchmarkHistory looks among; the bar is 5,000,000.
var rows = flag.Int("calls.rows", 200_000, "calls of the benchmark's account")

// BenchmarkHistory adds the calls of a year in batches, then reads first pages: of
// a month (bar: 50 ms) and of one number among many, a busy and a rare one (20
// ms).
func BenchmarkHistory(b *testing.B) {
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		w := newWorld(b, db)
		began := time.Now()
		for at := 0; at < *rows; at += calls.MaxBatch {
			drafts := make([]calls.Draft, calls.MaxBatch)
			for i := range drafts {
				drafts[i] = year(at + i)
			}
			w.add(b, w.ours, drafts...)
		}
		b.Logf("%d calls added in %v", *rows, time.Since(began).Round(time.Millisecond))
		month := calls.Range{From: epoch.AddDate(0, 5, 0), Till: epoch.AddDate(0, 6, 0)}
		yes := true
		for name, q := range map[string]calls.Query{
			"month":          {Period: month},
			"month incoming": {Period: month, Directions: []calls.Direction{calls.Incoming}},
			"month long":     {Period: month, MinDuration: 55 * time.Second},
			"month nothing":  {Period: month, Recorded: &yes},
			"busy number":    {Numbers: []string{numberOf(0)}},
			"rare number":    {Numbers: []string{numberOf(99_999)}},
			"20 numbers":     {Numbers: someNumbers(20)},
			"month, number":  {Period: month, Numbers: []string{numberOf(0)}},
		} {
			q.Limit = 500
			b.Run(name, func(b *testing.B) { w.first(b, w.ours, q) })
		}
	})
}

// first reads a first page and tells the slowest of 100.
func (w *world) first(b *testing.B, c authority.Caller, q calls.Query) {
	var took []time.Duration
	found := 0
	for b.Loop() {
		began := time.Now()
		page, err := w.Calls(b.Context(), c, q)
		if err != nil {
			b.Fatal(err)
		}
		took, found = append(took, time.Since(began)), len(page.Items)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(found), "rows")
}

// year spreads rows over a year; one number is in every tenth call.
func year(i int) calls.Draft {
	d := draft(fmt.Sprint(i), time.Duration(i)*(365*24*time.Hour/time.Duration(*rows)))
	d.Direction, d.Duration = calls.Directions()[i%3], time.Duration(10+i%60)*time.Second
	d.From.Number, d.To.Number = numberOf(i*7919), numberOf(0)
	if i%10 > 0 {
		d.To.Number = numberOf(i * 104_729)
	}
	return d
}

func numberOf(i int) string { return fmt.Sprintf("7912%07d", i%100_000) }

func someNumbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = numberOf(i * 31)
	}
	return out
}
