package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/dialect/smarts/odata"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func shelf() []catalog.Product {
	base := func(price, quantity float64) []catalog.Packing {
		return []catalog.Packing{{ID: "шт", Name: "шт", Price: price, Quantity: quantity, UnitsQuantity: 1}}
	}
	return []catalog.Product{
		{ID: "1", Name: "Болт М8", Barcode: "4600000000011", Marking: "B-8", Packings: base(9.99, 100)},
		{ID: "2", Name: "ГАЙКА М8", Barcode: "4600000000028", Marking: "g-8", WithSeries: true, Packings: base(3, 0)},
		{ID: "3", Name: "Шайба 100% медь_x", Marking: "", WithSerialNumber: true, Packings: base(-1.5, 7)},
		{ID: "4", Name: "O'Ring \"5\"", Barcode: "4600000000011", Marking: "O'Ring", WithAttributes: true},
		{ID: "А", Name: "", Marking: "болт", BasePackingID: "нет", Packings: base(1e15, 1)},
	}
}

// Each option of a set against what it must find.
func TestFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill(shelf()...)
		for text, want := range map[string]string{
			"id eq '1'": "1", "id ne '1'": "2 3 4 А", "id gt '3'": "4 А", "id ge '3'": "3 4 А", "id lt '2'": "1", "id le '2'": "1 2", "'2' le id": "2 3 4 А",
			"price eq 9.99": "1", "price gt 3": "1 А", "price lt 0": "3", "price eq 0": "4", "3 eq price": "2", "price ge 1e15": "А", "quantity eq 7.0": "3",
			"withSeries": "2", "not withSeries": "1 3 4 А", "withSeries eq false and withAttributes eq false": "1 3 А", "withSeries gt false": "2", "withSeries ne withSerialNumber": "2 3",
			"contains(name,'болт')": "1", "contains(name,'гайка')": "2", "contains(name,'БОЛТ') or startswith(marking,'Бол')": "1 А", "contains(name,'м8')": "1 2",
			"contains(name,'100%')": "3", "contains(name,'%')": "3", "contains(name,'ь_x')": "3", "contains(name,'_')": "3", "contains(name,'!')": "", "contains(name,'O''R')": "4",
			"startswith(name,'ш')": "3", "startswith(name,'')": "1 2 3 4 А", "startswith(barcode,'46000')": "1 2 4", "endswith(name,'М8')": "1 2", "endswith(barcode,'11')": "1 4", "startswith(id,'а')": "А",
			"contains(name,marking)": "3 4", "startswith(name,marking)": "3 4", "endswith(marking,id)": "", "contains('болт м8 и гайка',name)": "1 А", "endswith('вот болт',marking)": "3 А",
			"name eq marking": "", "barcode eq '4600000000011' and marking ne 'B-8'": "4", "name eq null": "", "name ne null": "1 2 3 4 А", "null eq null": "1 2 3 4 А", "null ne null": "",
			"price eq null or id eq '2'": "2", "true": "1 2 3 4 А", "false": "", "not true or id eq '4'": "4", "1 lt 2 and id eq '1'": "1", "'a' eq 'b'": "", "contains('abc','B')": "1 2 3 4 А",
			"name eq 'O''Ring \"5\"'": "4", "name eq 'болт м8'": "", "not (id eq '1' or not (price gt 0))": "2 А", "name eq ''": "А", "basePackingId eq 'нет'": "А",
		} {
			filter, err := odata.Filter(text, catalog.ProductSchema())
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			page := w.products(query.Query{Filter: filter, Count: true})
			if got := strings.Join(ids(page.Items), " "); got != want || page.Total != int64(len(page.Items)) {
				t.Errorf("%s: %s (%d), want %s", text, got, page.Total, want)
			}
		}
	})
}

// Text that others would take for SQL finds what is called so, and harms nothing
// (B45).
func TestInjection(t *testing.T) {
	lists := []string{
		"' OR '1'='1", "'; DROP TABLE catalog_product; --", "1' OR 1=1 --", "\" OR \"\"=\"", "') OR ('a'='a", "' UNION SELECT 1,2,3 --",
		"%' OR 1=1 --", "\\'; DELETE FROM audit; --", "$1", "?", "${1}", "' || (SELECT 1) || '", "a' AND SLEEP(5)#", "1; SELECT pg_sleep(5)", "'%00", "!%!_",
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var all []catalog.Product
		for _, text := range lists {
			all = append(all, catalog.Product{ID: text, Name: text})
		}
		w.fill(all...)
		for _, text := range lists {
			quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
			for _, form := range []string{"name eq #", "contains(name,#)", "startswith(name,#)", "endswith(name,#)", "id eq #", "contains(#,name) and name ge #"} {
				filter, err := odata.Filter(strings.ReplaceAll(form, "#", quoted), catalog.ProductSchema())
				w.must(err)
				want, _ := query.Apply(query.Query{Filter: filter, Order: []query.Order{{Field: "id"}}}, all)
				if got := ids(w.products(query.Query{Filter: filter}).Items); !slices.Equal(got, ids(want)) || !slices.Contains(got, text) {
					t.Errorf("%s with %s: %q", form, text, got)
				}
			}
		}
	})
}

// Whatever is asked, SQL finds what the tree finds in memory, page by page.
func TestPagesAreWhatMemoryFinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		all := shelf()
		for i := range 40 {
			p := numbered(i)
			p.Name, p.WithSeries = p.Name[:len(p.Name)-i%5], i%3 == 0
			if i%4 == 0 {
				p.Name, p.Marking = "Ёж", "\U0010FFFFя"
			}
			all = append(all, cleaned(p))
		}
		w.fill(all...)
		rapid.Check(t, func(rt *rapid.T) {
			q := query.Query{Order: orders(rt, catalog.ProductSchema()), Count: true}
			if rapid.Bool().Draw(rt, "filtered") {
				q.Filter = condition(rt, catalog.ProductSchema(), all, 3)
			}
			want, total := query.Apply(query.Query{Filter: q.Filter, Order: closed(q.Order)}, all)
			top := rapid.IntRange(7, 30).Draw(rt, "top")
			q.Top = &top
			var got []catalog.Product
			l := catalog.Lookup{Query: q}
			for {
				page, err := w.service.Products(t.Context(), w.system(), l)
				if err != nil {
					rt.Fatal(err)
				}
				if page.Total != int64(total) {
					rt.Fatalf("total %d, want %d", page.Total, total)
				}
				got = append(got, page.Items...)
				if l.After = page.Next; l.After == nil {
					break
				}
			}
			if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
				rt.Fatalf("-want +got\n%s", diff)
			}
		})
	})
}

func cleaned(p catalog.Product) catalog.Product {
	p.Name = strings.TrimSpace(strings.ToValidUTF8(p.Name, ""))
	return p
}

// closed ends an order as the service does.
func closed(order []query.Order) []query.Order {
	down := len(order) > 0 && order[len(order)-1].Descending
	return append(slices.Clone(order), query.Order{Field: "id", Descending: down})
}

func orders(t *rapid.T, s query.Schema) (out []query.Order) {
	for range rapid.IntRange(0, 3).Draw(t, "orders") {
		f := rapid.SampledFrom(s).Draw(t, "by")
		have := func(o query.Order) bool { return o.Field == f.Name }
		if f.Kind != query.ListKind && f.Name != "id" && !slices.ContainsFunc(out, have) {
			out = append(out, query.Order{Field: f.Name, Descending: rapid.Bool().Draw(t, "down")})
		}
	}
	return out
}

// condition makes a tree over fields of s and values that rows have.
func condition[R query.Row](t *rapid.T, s query.Schema, rows []R, depth int) query.Expr {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 {
		kind = 3 + kind%3
	}
	switch kind {
	case 0:
		return query.And{Left: condition(t, s, rows, depth-1), Right: condition(t, s, rows, depth-1)}
	case 1:
		return query.Or{Left: condition(t, s, rows, depth-1), Right: condition(t, s, rows, depth-1)}
	case 2:
		return query.Not{Of: condition(t, s, rows, depth-1)}
	case 3:
		how := rapid.SampledFrom([]string{"contains", "startswith", "endswith"}).Draw(t, "how")
		what := operand(t, s, rows, query.StringKind)
		if what.Field == "" && what.Value.Text != "" {
			letters := []rune(what.Value.Text)
			from := rapid.IntRange(0, len(letters)-1).Draw(t, "from")
			what.Value.Text = string(letters[from : from+rapid.IntRange(0, len(letters)-from).Draw(t, "n")])
		}
		return query.Match{Func: how, In: operand(t, s, rows, query.StringKind), What: what}
	}
	of := rapid.SampledFrom([]query.Kind{query.StringKind, query.NumberKind, query.BoolKind, query.TimeKind}).Draw(t, "of")
	op := rapid.SampledFrom([]string{"eq", "ne", "gt", "ge", "lt", "le"}).Draw(t, "op")
	return query.Compare{Op: op, Left: operand(t, s, rows, of), Right: operand(t, s, rows, of)}
}

func operand[R query.Row](t *rapid.T, s query.Schema, rows []R, kind query.Kind) query.Operand {
	var fields []query.Field
	for _, f := range s {
		if f.Kind == kind {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return query.Operand{Kind: kind, Value: query.Moment(epoch)}
	}
	f := rapid.SampledFrom(fields).Draw(t, "field")
	if rapid.IntRange(0, 2).Draw(t, "value") > 0 {
		return query.Operand{Kind: kind, Field: f.Name}
	}
	v := rapid.SampledFrom(rows).Draw(t, "row").Field(f.Name)
	if kind == query.TimeKind && rapid.Bool().Draw(t, "finer") {
		v.Time = v.Time.Add(500 * time.Microsecond)
	}
	return query.Operand{Kind: kind, Value: v}
}
