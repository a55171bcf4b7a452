package bench_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	rounds = flag.Int("bench.rounds", 9, "pairs of windows: the product, then its limit")
	span   = flag.Duration("bench.window", 400*time.Millisecond, "length of one window")
	side   = flag.String("bench.profile", "", "run only the product or the limit, for a profile")
)

// concurrency lists how many connections ask at once.
func concurrency() []int { return []int{1, 16, 64} }

// contest is a figure of the product and the limit that it is held against.
type contest struct {
	name    string
	bar     float64                          // least share of the limit
	product func(tb testing.TB, n int) []act // the acts of n connections
	limit   func(tb testing.TB, n int) []act
}

// run measures both by turns, so that whatever else the machine does meets both
// alike, and prints medians with the least and the most.
func (c contest) run(b *testing.B) {
	for _, n := range concurrency() {
		b.Run(fmt.Sprintf("%s/c=%d", c.name, n), func(b *testing.B) { c.at(b, n) })
	}
}

func (c contest) at(b *testing.B, n int) {
	product, limit := c.product(b, n), c.limit(b, n)
	load(b, *span/2, product) // to fill caches and connections
	load(b, *span/2, limit)
	if only := map[string][]act{"product": product, "limit": limit}[*side]; only != nil {
		fmt.Fprintln(os.Stdout, *side, n, series{load(b, time.Duration(*rounds)**span, only)})
		return
	}
	var ours, theirs series
	b.ResetTimer()
	for range *rounds {
		ours = append(ours, load(b, *span, product))
		theirs = append(theirs, load(b, *span, limit))
	}
	b.StopTimer()
	shares := make([]float64, len(ours))
	for i := range ours {
		shares[i] = 100 * ours[i].rate / theirs[i].rate
	}
	share := median(shares) / 100
	work := median(theirs.each(processor)) / median(ours.each(processor))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(share*100, "%-of-limit")
	b.ReportMetric(work*100, "%-of-limit-cpu")
	b.ReportMetric(median(ours.rates()), "product/s")
	b.ReportMetric(median(theirs.rates()), "limit/s")
	fmt.Fprintf(os.Stdout, "%-28s %3d  %s  %s  %s %% cpu %.0f %%  bar %2.0f %%  %s\n", c.name, n,
		ours, theirs, spread(shares), work*100, c.bar*100, verdict(share, c.bar))
}

func verdict(share, bar float64) string {
	switch {
	case bar == 0:
		return "for comparison"
	case share >= bar:
		return "holds"
	}
	return "MISSED"
}

// series is one side of a contest.
type series []window

func (s series) rates() []float64 {
	return s.each(func(w window) float64 { return w.rate })
}

func processor(w window) float64 { return w.cpu }

func (s series) each(f func(window) float64) []float64 {
	out := make([]float64, len(s))
	for i, w := range s {
		out[i] = f(w)
	}
	return out
}

// String gives rate with its range, processor time and latencies.
func (s series) String() string {
	r := s.rates()
	ms := func(f func(window) time.Duration) float64 {
		return median(s.each(func(w window) float64 { return float64(f(w).Microseconds()) / 1000 }))
	}
	text := fmt.Sprintf("%s/s %.0f µs cpu p50 %.2f p99 %.1f ms", spread(r),
		median(s.each(processor)),
		ms(func(w window) time.Duration { return w.p50 }), ms(func(w window) time.Duration { return w.p99 }))
	return text + strings.Repeat(" ", max(0, 66-len([]rune(text))))
}

// spread gives the median with the least and the most.
func spread(values []float64) string {
	return fmt.Sprintf("%.0f [%.0f–%.0f]", median(values), slices.Min(values), slices.Max(values))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
