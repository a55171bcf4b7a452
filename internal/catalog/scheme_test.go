package catalog_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
)

func TestSchemeReadsRows(t *testing.T) {
	s := catalog.Scheme{Fields: []string{"product.ID", "Product.Name", "Product.WithSeries", "Product.Price", "Packing.Id", "Packing.UnitsQuantity", "Packing.Barcode", "Packing.Полка"}}
	all, err := s.Products([]string{
		"1", "Болт", "да", "7,5", "", "", "", "",
		"2", "Гайка", "0", "", "шт", "1", "46|47", "А-3", "2", "Гайка", "0", "", "кор", "100", "48", "",
	})
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if p := all[0]; !p.WithSeries || p.Field("price").Number != 7.5 || len(p.Packings) != 1 {
		t.Errorf("%+v", p)
	}
	if p := all[1]; len(p.Packings) != 2 || p.Packings[0].Extra["Полка"] != "А-3" || len(p.Packings[0].Barcodes) != 2 || p.Packings[1].UnitsQuantity != 100 {
		t.Errorf("%+v", p)
	}
	for name, cells := range map[string][]string{
		"a number": {"1", "a", "0", "x", "", "", "", ""}, "a flag": {"1", "a", "maybe", "", "", "", "", ""}, "hexadecimal": {"1", "a", "", "0x1p3", "", "", "", ""},
		"cut off": {"1", "a"}, "infinite": {"1", "a", "", "Inf", "", "", "", ""},
	} {
		if _, err := s.Products(cells); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (catalog.Scheme{}).Products([]string{"1"}); authority.CodeOf(err) != authority.InvalidValue {
		t.Error(err)
	}
}

// taker is an UploadStore that takes what it is given.
type taker struct {
	catalog.UploadStore

	scheme catalog.Scheme
	got    []catalog.Product
}

func (s *taker) BeginUpload(_ context.Context, _ catalog.Uploader, scheme catalog.Scheme, _ authority.Entry) error {
	s.scheme = scheme
	return nil
}

func (s *taker) UploadScheme(context.Context, catalog.Uploader) (catalog.Scheme, error) {
	return s.scheme, nil
}

func (s *taker) AddProducts(_ context.Context, _ catalog.Uploader, all []catalog.Product) error {
	s.got = append(s.got, all...)
	return nil
}

func system() authority.Caller {
	return authority.System(authority.Test, authority.Account{ID: 1}, "test", "test")
}

func TestUploadsAreChecked(t *testing.T) {
	store := &taker{}
	u := catalog.NewUploads(store, time.Now)
	for name, fields := range map[string][]string{
		"without an id": {"Product.Name"}, "another object": {"Product.Id", "Cell.Name"}, "no object": {"Id"}, "twice": {"Product.Id", "product.ID"},
		"a name that is none": {"Product.Id", "Product.a b"}, "too many": strings.Split(strings.Repeat("Product.a,", 200), ","),
	} {
		if err := u.Begin(t.Context(), system(), catalog.Scheme{Fields: fields}); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]catalog.Product{
		"without an id": {Name: "a"}, "an id of spaces": {ID: "  "}, "NUL": {ID: "a", Name: "\x00"}, "no text": {ID: "a", Marking: "\xff"}, "long": {ID: strings.Repeat("я", 129)},
		"a line break": {ID: "a", Name: "b\nc"}, "a huge number": {ID: "a", Packings: []catalog.Packing{{Price: 1e300}}}, "a stock nowhere": {ID: "a", Stocks: []catalog.Stock{{}}},
		"a field that is ours": {ID: "a", Extra: catalog.Extra{"PRICE": 1.0}}, "many packings": {ID: "a", Packings: make([]catalog.Packing, 101)},
		"a packing's field that is ours": {ID: "a", Packings: []catalog.Packing{{Extra: catalog.Extra{"Price": "1"}}}},
	} {
		if err := u.Add(t.Context(), system(), []catalog.Product{{ID: "good"}, p}, nil); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(store.got) > 0 {
		t.Errorf("%d products were added beside bad ones", len(store.got))
	}
	if err := u.Add(t.Context(), system(), []catalog.Product{{ID: " a ", Name: "й", Packings: []catalog.Packing{{Barcodes: []string{"46"}}}}}, nil); err != nil {
		t.Fatal(err)
	}
	if p := store.got[0]; p.ID != "a" || p.Name != "й" || p.Packings[0].Barcode != "46" {
		t.Errorf("%+v", p)
	}
}

// Nobody without an account or the right does anything.
func TestWhoMay(t *testing.T) {
	u := catalog.NewUploads(&taker{}, time.Now)
	s := catalog.New(nil, nil, time.Now)
	for name, c := range map[string]authority.Caller{
		"nobody": {}, "the system without an account": authority.System(authority.Test, authority.Account{}, "", ""),
	} {
		_, read := s.Products(t.Context(), c, catalog.Lookup{})
		_, doc := s.AddDoc(t.Context(), c, catalog.Doc{Type: "a"})
		for what, err := range map[string]error{
			"begin": u.Begin(t.Context(), c, catalog.Scheme{}), "add": u.Add(t.Context(), c, nil, nil), "reset": u.Reset(t.Context(), c), "read": read, "doc": doc,
			"remove": s.RemoveDoc(t.Context(), c, "a", "b"), "set up": s.PutDirectory(t.Context(), c, catalog.Directory{}),
		} {
			if authority.CodeOf(err) != authority.Forbidden {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}

func TestClosed(t *testing.T) {
	order := func(text string) (out []query.Order) {
		for _, f := range strings.Fields(text) {
			name, down := strings.CutPrefix(f, "-")
			out = append(out, query.Order{Field: name, Descending: down})
		}
		return out
	}
	for text, want := range map[string]string{"": "id", "name": "name id", "-name": "-name -id", "a -b": "a -b -id", "id name": "id", "a a -a": "a id", "-id a": "-id", "a -id b": "a -id"} {
		var got []string
		for _, o := range catalog.Closed(order(text), "id") {
			got = append(got, map[bool]string{true: "-"}[o.Descending]+o.Field)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

func FuzzScheme(f *testing.F) {
	f.Add("Product.Id,Packing.Price", "1,2,3,4")
	f.Add("product.id,Packing.Barcode,Product.x", "a,1|2,,b,3,y")
	f.Fuzz(func(t *testing.T, fields, cells string) {
		store := &taker{}
		u := catalog.NewUploads(store, time.Now)
		if u.Begin(t.Context(), system(), catalog.Scheme{Fields: strings.Split(fields, ",")}) != nil {
			return
		}
		err := u.Add(t.Context(), system(), nil, strings.Split(cells, ","))
		if err != nil && authority.CodeOf(err) != authority.InvalidValue {
			t.Fatal(err)
		}
		for _, p := range store.got {
			if p.ID == "" || p.Field("price").Number != p.Field("price").Number {
				t.Fatalf("%+v", p)
			}
		}
	})
}
