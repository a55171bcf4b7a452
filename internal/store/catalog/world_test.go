package catalog_test

import (
	"fmt"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/store"
	storecatalog "propusk/internal/store/catalog"
)

// world is an account with an empty warehouse in a real database.
type world struct {
	tb      testing.TB
	db      *store.DB
	store   *storecatalog.Store
	service *catalog.Service
	uploads *catalog.Uploads
	account authority.Account
	now     time.Time
}

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

func newWorld(tb testing.TB, db *store.DB) *world {
	w := &world{tb: tb, db: db, store: storecatalog.New(db), now: epoch, account: authority.Account{ID: authority.NewID(), Stand: authority.Test}}
	clock := func() time.Time { return w.now }
	w.service, w.uploads = catalog.New(w.store, w.store, clock), catalog.NewUploads(w.store, clock)
	return w
}

// system may everything in the account.
func (w *world) system() authority.Caller {
	return authority.System(authority.Test, w.account, "test", "test")
}

func (w *world) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

// fill makes all the catalogue.
func (w *world) fill(all ...catalog.Product) {
	w.tb.Helper()
	c := w.system()
	w.must(w.uploads.Begin(w.tb.Context(), c, catalog.Scheme{}))
	w.must(w.uploads.Add(w.tb.Context(), c, all, nil))
	n, err := w.uploads.End(w.tb.Context(), c)
	w.must(err)
	if n != int64(len(all)) {
		w.tb.Fatalf("%d products of %d", n, len(all))
	}
}

func (w *world) products(q query.Query) catalog.Page[catalog.Product] {
	w.tb.Helper()
	page, err := w.service.Products(w.tb.Context(), w.system(), catalog.Lookup{Query: q})
	w.must(err)
	return page
}

// numbered is a believable product.
func numbered(i int) catalog.Product {
	return catalog.Product{
		ID: fmt.Sprintf("%08x-%04d", uint32(i)*2654435761, i%10000), Name: fmt.Sprintf("Болт М%d оцинкованный %d", i%30, i),
		Barcode: fmt.Sprintf("46%011d", i), Marking: fmt.Sprintf("A-%06d", i), BasePackingID: "шт",
		Packings: []catalog.Packing{
			{ID: "шт", Name: "шт", UnitsQuantity: 1, Price: float64(i%1000) + .5, Quantity: float64(i % 77), Barcode: fmt.Sprintf("46%011d", i)},
			{ID: "кор", Name: "коробка", UnitsQuantity: 24, Price: float64(i%1000) * 23},
		},
		Stocks: []catalog.Stock{{WarehouseID: "1", Quantity: float64(i % 77)}},
	}
}

func ids(all []catalog.Product) []string {
	out := []string{}
	for _, p := range all {
		out = append(out, p.ID)
	}
	return out
}
