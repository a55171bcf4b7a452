package catalog_test

import (
	"context"
	"flag"
	"slices"
	"sync"
	"testing"
	"time"

	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/dialect/smarts/odata"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// rows is how many products the benchmarks' catalogue has; the bar is 1,000,000.
var rows = flag.Int("catalog.rows", 20_000, "products of the benchmark's catalogue")

// post is how many products one request of an upload brings.
const post = 1000

// BenchmarkReplace replaces a whole catalogue while others write, and says how
// long the longest of their writes waited (the bar is 50 ms) and how long the
// switch itself took.
func BenchmarkReplace(b *testing.B) {
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		w := newWorld(b, db)
		w.upload(b.Context(), 0)
		for b.Loop() {
			ctx, stop := context.WithCancel(b.Context())
			var longest time.Duration
			var wg sync.WaitGroup
			wg.Go(func() { longest = w.others(ctx) })
			began := time.Now()
			switched := w.upload(b.Context(), 1)
			took := time.Since(began)
			w.now = w.now.Add(catalog.Pages)
			w.purge()
			purged := time.Since(began) - took
			stop()
			wg.Wait()
			b.ReportMetric(float64(*rows)/took.Seconds(), "products/s")
			b.ReportMetric(float64(*rows)/purged.Seconds(), "purged/s")
			b.ReportMetric(switched.Seconds()*1000, "switch-ms")
			b.ReportMetric(longest.Seconds()*1000, "longest-wait-ms")
		}
	})
}

// upload brings a generation and gives how long End took.
func (w *world) upload(ctx context.Context, g int) time.Duration {
	w.tb.Helper()
	c := w.system()
	w.must(w.uploads.Begin(ctx, c, catalog.Scheme{}))
	for from := 0; from < *rows; from += post {
		var all []catalog.Product
		for i := from; i < min(from+post, *rows); i++ {
			p := numbered(i)
			p.WithSeries = g == 1
			all = append(all, p)
		}
		w.must(w.uploads.Add(ctx, c, all, nil))
	}
	began := time.Now()
	_, err := w.uploads.End(ctx, c)
	w.must(err)
	return time.Since(began)
}

// others writes now and then until ctx ends, and gives the longest wait.
func (w *world) others(ctx context.Context) (longest time.Duration) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return longest
		case <-tick.C:
		}
		began := time.Now()
		w.must(w.db.Write(context.WithoutCancel(ctx), func(*store.Tx) error { return nil }))
		longest = max(longest, time.Since(began))
	}
}

// BenchmarkPages reads what terminals and accounting programs ask for.
func BenchmarkPages(b *testing.B) {
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		w := newWorld(b, db)
		w.upload(b.Context(), 0)
		for _, c := range []struct{ name, filter, order string }{
			{"first", "", ""},
			{"by name", "", "name desc"},
			{"barcode", "barcode eq '4600000000077'", ""},
			{"marking begins", "startswith(marking,'a-00007')", ""},
			{"name holds", "contains(name,'м7 оцинкованный 77')", ""},
			{"price", "price gt 990 and withSeries eq false", "price desc"},
		} {
			b.Run(c.name, func(b *testing.B) { w.pages(b, c.filter, c.order, nil) })
		}
		for _, order := range []string{"", "name"} {
			last := w.lastPlace(order)
			b.Run("last by "+order, func(b *testing.B) { w.pages(b, "", order, last) })
		}
	})
}

func (w *world) lookup(filter, order string, after *catalog.Place) catalog.Lookup {
	top := 100
	l := catalog.Lookup{Query: query.Query{Top: &top}, After: after}
	var err error
	if filter != "" {
		l.Filter, err = odata.Filter(filter, catalog.ProductSchema())
		w.must(err)
	}
	if order != "" {
		l.Order, err = odata.Orders(order, catalog.ProductSchema())
		w.must(err)
	}
	return l
}

// lastPlace goes through everything in pages of the largest size.
func (w *world) lastPlace(order string) (last *catalog.Place) {
	for {
		l := w.lookup("", order, last)
		l.Top = nil
		page, err := w.service.Products(w.tb.Context(), w.system(), l)
		w.must(err)
		if page.Next == nil {
			return last
		}
		last = page.Next
	}
}

func (w *world) pages(b *testing.B, filter, order string, after *catalog.Place) {
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		_, err := w.service.Products(b.Context(), w.system(), w.lookup(filter, order, after))
		w.must(err)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
}
