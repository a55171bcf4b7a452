package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/dialect/smarts/odata"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// Whatever filter and order can be read can be asked of the database, and finds
// what it finds in memory (B45).
func FuzzQueries(f *testing.F) {
	for _, seed := range [][2]string{
		{"contains(name,'болт') and not withSeries", "name desc"},
		{"id eq '1' or price gt 1e3", "price,id desc"},
		{"startswith(name,'''; --')", "id"},
		{"endswith(marking,name) or null ne null", ""},
		{"'a' lt id and 2 ge quantity", "withSeries,barcode desc"},
		{"contains(name,'\U0010ffff%_!')", ""},
		{"startswith(name,'\ud7ff')", ""},
		{"price eq 9.99", "quantity"},
	} {
		f.Add(seed[0], seed[1])
	}
	w := newWorld(f, storetest.Open(f, store.SQLite))
	w.fill(shelf()...)
	f.Fuzz(func(t *testing.T, filter, order string) {
		if strings.ToValidUTF8(filter, "") != filter || strings.Contains(filter, "\x00") {
			return // the edge refuses it (rule 19)
		}
		var q query.Query
		var err error
		if q.Filter, err = odata.Filter(filter, catalog.ProductSchema()); err != nil {
			q.Filter = nil
		}
		if q.Order, err = odata.Orders(order, catalog.ProductSchema()); err != nil {
			q.Order = nil
		}
		page, err := w.service.Products(t.Context(), w.system(), catalog.Lookup{Query: q})
		if err != nil {
			t.Fatalf("%q %q: %v", filter, order, err)
		}
		q.Order = catalog.Closed(q.Order, "id")
		want, _ := query.Apply(q, shelf())
		if !slices.Equal(ids(page.Items), ids(want)) {
			t.Fatalf("%q %q: %q, want %q", filter, order, ids(page.Items), ids(want))
		}
	})
}
