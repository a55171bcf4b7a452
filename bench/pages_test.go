package bench_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

const (
	mostPage = 20 * time.Millisecond // at the 95th percentile
	looks    = 60                    // at each page
)

// BenchmarkPages opens each page of the console that needs no id, one after the
// other, on as much data as the demo has by default. The time is that of the whole
// request on a kept connection.
func BenchmarkPages(b *testing.B) {
	e := testenv.Start(b, testenv.Options{Tasks: 2000, Calls: 5000})
	owner := e.SignIn(b, authority.Production, e.Fixture.Owner.Person)
	b.ReportMetric(0, "ns/op")
	for _, rt := range e.Server.Screens() {
		if rt.Method != http.MethodGet || rt.Public || strings.Contains(rt.Pattern, "{") {
			continue
		}
		var took []time.Duration
		var size int
		for range looks {
			began := time.Now()
			got := owner.Get(b, rt.Pattern)
			took = append(took, time.Since(began))
			if got.Status != http.StatusOK {
				b.Fatalf("%s: %d", rt.Pattern, got.Status)
			}
			size = len(got.Body)
		}
		slices.Sort(took)
		fmt.Fprintf(os.Stdout, "%-32s median %6.2f ms, 95th percentile %6.2f ms, %7d bytes, bar %d ms\n", rt.Pattern,
			inMilliseconds(took[looks/2]), inMilliseconds(took[looks*95/100]), size, mostPage.Milliseconds())
	}
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
