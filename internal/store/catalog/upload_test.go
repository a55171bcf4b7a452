package catalog_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// generation makes a catalogue whose products all carry its number.
func generation(g, n int) []catalog.Product {
	out := make([]catalog.Product, n)
	for i := range out {
		out[i] = numbered(i)
		out[i].Marking = strconv.Itoa(g)
	}
	return out
}

// Readers see the old catalogue or the new one, never a mix, also in the middle of
// paging; so does a count.
func TestReplacementIsOneStep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const size = 300
		w.fill(generation(0, size)...)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { w.watch(ctx, t, size) })
		}
		for g := 1; g <= 8; g++ {
			w.fill(generation(g, size+g)...)
		}
		stop()
		wg.Wait()
	})
}

// watch pages through the catalogue again and again.
func (w *world) watch(ctx context.Context, t *testing.T, size int) {
	top := 70
	for ctx.Err() == nil {
		l := catalog.Lookup{Query: query.Query{Top: &top, Count: true}}
		seen, marking, total := 0, "", int64(0)
		for {
			page, err := w.service.Products(ctx, w.system(), l)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			for _, p := range page.Items {
				if marking == "" {
					marking, total = p.Marking, page.Total
				}
				if p.Marking != marking || page.Total != total {
					t.Errorf("generations %s and %s, %d and %d in one reading", marking, p.Marking, total, page.Total)
					return
				}
			}
			seen += len(page.Items)
			if l.After = page.Next; l.After == nil {
				break
			}
		}
		if g, _ := strconv.Atoi(marking); seen != size+g || total != int64(seen) {
			t.Errorf("generation %s has %d of %d", marking, seen, total)
			return
		}
	}
}

func TestUploadProtocol(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx, c := t.Context(), w.system()
		for name, err := range map[string]error{
			"add": w.uploads.Add(ctx, c, shelf(), nil), "end": func() error { _, err := w.uploads.End(ctx, c); return err }(),
		} {
			if authority.CodeOf(err) != authority.Conflict {
				t.Errorf("%s without begin: %v", name, err)
			}
		}
		w.must(w.uploads.Reset(ctx, c))
		w.fill(shelf()...)
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{}))
		w.must(w.uploads.Add(ctx, c, generation(1, 10), nil))
		w.sees(shelf()...)
		w.must(w.uploads.Reset(ctx, c))
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{}))
		w.must(w.uploads.Add(ctx, c, generation(2, 100), nil))
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{})) // begins anew
		w.must(w.uploads.Add(ctx, c, generation(3, 7), nil))
		w.must(w.uploads.Add(ctx, c, generation(3, 7), nil)) // a repeat changes nothing
		if n, err := w.uploads.End(ctx, c); err != nil || n != 7 {
			t.Fatal(n, err)
		}
		w.sees(generation(3, 7)...)
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{Keep: true}))
		if n, err := w.uploads.End(ctx, c); err != nil || n != 7 { // nothing to change
			t.Fatal(n, err)
		}
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{}))
		if _, err := w.uploads.End(ctx, c); authority.CodeOf(err) != authority.Conflict { // nobody asked for that
			t.Fatal(err)
		}
		w.sees(generation(3, 7)...)
		w.must(w.uploads.Add(ctx, c, nil, nil))
		if n, err := w.uploads.End(ctx, c); err != nil || n != 0 { // nothing is a catalogue too
			t.Fatal(n, err)
		}
		w.sees()
	})
}

// sees checks what readers find.
func (w *world) sees(all ...catalog.Product) {
	w.tb.Helper()
	want := ids(all)
	slices.Sort(want)
	if got := ids(w.products(query.Query{}).Items); !slices.Equal(got, want) {
		w.tb.Fatalf("%q, want %q", got, want)
	}
}

// The documented form: a scheme, then rows of text, one for each packing.
func TestRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx, c := t.Context(), w.system()
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{Fields: []string{
			"Product.Name", "Product.Barcode", "Product.Marking", "Packing.Barcode", "Packing.Name", "Packing.UnitsQuantity",
			"Packing.price", "Packing.qty", "Product.Id", "Product.BasePackingId", "Packing.Id", "Product.Country",
		}}))
		piece := []string{"Печенье", "00112", "А-352996", "7622300691967|7622300691968", "шт", "1", "9,5", "8", "c7", "p1", "p1", "РФ"}
		box := []string{"Печенье", "00112", "А-352996", "1762230069196", "кор.", "24", "200", "2", "c7", "p1", "p2", "РФ"}
		w.must(w.uploads.Add(ctx, c, nil, append(slices.Clone(piece), box...)))
		w.must(w.uploads.Add(ctx, c, nil, box)) // another post, the same packing
		if _, err := w.uploads.End(ctx, c); err != nil {
			t.Fatal(err)
		}
		p, err := w.service.Product(ctx, c, "c7")
		w.must(err)
		if len(p.Packings) != 2 || p.Packings[1].UnitsQuantity != 24 || p.Field("price").Number != 9.5 || p.Field("quantity").Number != 8 ||
			p.Extra["Country"] != "РФ" || len(p.Packings[0].Barcodes) != 2 {
			t.Errorf("%+v", p)
		}
		if _, err := w.service.Product(ctx, c, "c8"); authority.CodeOf(err) != authority.NotFound {
			t.Error(err)
		}
	})
}

// What an upload keeps it takes over in the same step.
func TestKeep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx, c := t.Context(), w.system()
		w.fill(generation(0, 500)...)
		changed := generation(1, 600)[400:]
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{Keep: true}))
		w.must(w.uploads.Add(ctx, c, changed, nil))
		if n, err := w.uploads.End(ctx, c); err != nil || n != 600 {
			t.Fatal(n, err)
		}
		w.sees(generation(0, 600)...)
		for _, p := range w.products(query.Query{}).Items {
			i := slices.IndexFunc(changed, func(have catalog.Product) bool { return have.ID == p.ID })
			if (i >= 0) != (p.Marking == "1") {
				t.Fatalf("%s is of generation %s", p.ID, p.Marking)
			}
		}
	})
}

// One principal's upload is not another's, and one session's not another's.
func TestTwoUploaders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		who := func(principal, grant authority.ID) catalog.Uploader {
			return catalog.Uploader{Account: w.account.ID, Principal: principal, Grant: grant, At: w.now}
		}
		e := w.system().Entry("catalog")
		conflict := func(what string, err error) {
			t.Helper()
			if authority.CodeOf(err) != authority.Conflict {
				t.Errorf("%s: %v", what, err)
			}
		}
		w.must(w.store.BeginUpload(ctx, who(1, 10), catalog.Scheme{}, e))
		conflict("another begins", w.store.BeginUpload(ctx, who(2, 20), catalog.Scheme{}, e))
		conflict("another adds", w.store.AddProducts(ctx, who(2, 20), shelf()))
		conflict("another resets", w.store.ResetUpload(ctx, who(2, 20), e))
		_, err := w.store.EndUpload(ctx, who(2, 20), e)
		conflict("another ends", err)
		w.must(w.store.AddProducts(ctx, who(1, 11), shelf())) // signed in again
		w.must(w.store.BeginUpload(ctx, who(1, 12), catalog.Scheme{}, e))
		conflict("the former session adds", w.store.AddProducts(ctx, who(1, 10), shelf()))
		conflict("the former session resets", w.store.ResetUpload(ctx, who(1, 10), e))
		w.must(w.store.AddProducts(ctx, who(1, 12), shelf()))
		w.now = w.now.Add(catalog.Abandoned)
		w.must(w.store.BeginUpload(ctx, who(2, 20), catalog.Scheme{}, e))
		conflict("who abandoned it adds", w.store.AddProducts(ctx, who(1, 12), shelf()))
		w.must(w.store.AddProducts(ctx, who(2, 20), shelf()))
		if n, err := w.store.EndUpload(ctx, who(2, 20), e); err != nil || n != int64(len(shelf())) {
			t.Error(n, err)
		}
		w.sees(shelf()...)
	})
}

// What was replaced can be paged through for a while, then its rows leave; so do
// those of uploads that were thrown away or forgotten.
func TestPurge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx, c := t.Context(), w.system()
		w.fill(generation(0, 200)...)
		top := 150
		first := w.products(query.Query{Top: &top})
		w.now = w.now.Add(time.Minute)
		w.fill(generation(1, 50)...)
		w.purge()
		rest, err := w.service.Products(ctx, c, catalog.Lookup{After: first.Next})
		w.must(err)
		if len(rest.Items) != 50 || rest.Items[0].Marking != "0" {
			t.Fatalf("%d rows of the former catalogue", len(rest.Items))
		}
		w.must(w.uploads.Begin(ctx, c, catalog.Scheme{}))
		w.must(w.uploads.Add(ctx, c, generation(2, 90), nil))
		// As after an End that was cut off while it took over.
		storetest.Exec(t, db, `UPDATE catalog_version SET taken = 'zzz' WHERE state = 'open'`)
		w.now = w.now.Add(catalog.Pages)
		w.purge()
		if _, err := w.service.Products(ctx, c, catalog.Lookup{After: first.Next}); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("a version that has gone: %v", err)
		}
		if n := w.rows(); n != 140 {
			t.Errorf("%d rows are kept", n)
		}
		w.now = w.now.Add(catalog.Forgotten)
		w.purge()
		if n := w.rows(); n != 50 {
			t.Errorf("%d rows are kept", n)
		}
		w.sees(generation(1, 50)...)
	})
}

func (w *world) purge() {
	w.tb.Helper()
	for {
		n, err := w.uploads.Purge(w.tb.Context())
		w.must(err)
		if n == 0 {
			return
		}
	}
}

func (w *world) rows() (n int) {
	w.tb.Helper()
	w.must(w.db.ReadOne(w.tb.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM catalog_product`).Scan(&n)
	}))
	return n
}

// An upload outlives a restart, and so does the catalogue before it.
func TestRestart(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			config := storetest.Config(t, driver)
			w := newWorld(t, storetest.OpenConfig(t, config))
			w.fill(shelf()...)
			ctx, c := t.Context(), w.system()
			w.must(w.uploads.Begin(ctx, c, catalog.Scheme{}))
			w.must(w.uploads.Add(ctx, c, generation(1, 10), nil))
			w.must(w.db.Close())
			again := newWorld(t, storetest.OpenConfig(t, config))
			again.account = w.account
			again.sees(shelf()...)
			again.must(again.uploads.Add(ctx, c, generation(1, 20)[10:], nil))
			if n, err := again.uploads.End(ctx, c); err != nil || n != 20 {
				t.Fatal(n, err)
			}
			again.sees(generation(1, 20)...)
		})
	}
}

// Accounts are walls (rule 9).
func TestWalls(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, other := newWorld(t, db), newWorld(t, db)
		w.fill(shelf()...)
		other.fill(generation(1, 3)...)
		w.sees(shelf()...)
		ctx, c := t.Context(), other.system()
		if _, err := other.service.Product(ctx, c, "1"); authority.CodeOf(err) != authority.NotFound {
			t.Error(err)
		}
		top := 2
		place := w.products(query.Query{Top: &top}).Next
		if _, err := other.service.Products(ctx, c, catalog.Lookup{After: place}); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("a place in another account: %v", err)
		}
		_, err := w.service.AddDoc(ctx, w.system(), catalog.Doc{ID: "d", Type: "PodborZakaza", Name: "Наш"})
		w.must(err)
		_, err = other.service.AddDoc(ctx, c, catalog.Doc{ID: "d", Type: "PodborZakaza", Name: "Их"})
		w.must(err) // ids belong to accounts
		w.must(other.service.RemoveDoc(ctx, c, "PodborZakaza", "d"))
		d, err := w.service.Doc(ctx, w.system(), "PodborZakaza", "d")
		if err != nil || d.Name != "Наш" {
			t.Error(d, err)
		}
	})
}
