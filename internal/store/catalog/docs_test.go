package catalog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestDocs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx, c := t.Context(), w.system()
		made, err := w.service.AddDoc(ctx, c, catalog.Doc{
			Type: "PrihodNaSklad", Name: " Заказ №44597 ", WarehouseID: "1", Extra: catalog.Extra{"Поставщик": "ООО", "Места": 3.0, "Срочно": true},
			Declared: []catalog.Item{{ProductID: "1", Declared: 2.5, Extra: catalog.Extra{"Серия": "A1"}}},
		})
		w.must(err)
		read, err := w.service.Doc(ctx, c, "PrihodNaSklad", made.ID)
		w.must(err)
		if diff := cmp.Diff(made, read, cmp.Transformer("empty", func(l []catalog.Item) []catalog.Item { return append([]catalog.Item{}, l...) })); diff != "" || read.Name != "Заказ №44597" {
			t.Error(diff)
		}
		w.now = w.now.Add(time.Hour)
		done, current := true, []catalog.Item{{UID: "u", ProductID: "1", Current: 2}}
		changed, err := w.service.ChangeDoc(ctx, c, "PrihodNaSklad", made.ID, catalog.DocPatch{
			Finished: &done, Current: &current, Extra: catalog.Extra{"Места": nil, "Ворота": "7"},
		})
		w.must(err)
		if !changed.Finished || !changed.Changed.Equal(w.now) || !changed.Created.Equal(epoch) || changed.Current[0].Current != 2 ||
			len(changed.Declared) != 1 || changed.Extra["Места"] != nil || changed.Extra["Ворота"] != "7" || len(changed.Extra) != 3 {
			t.Errorf("%+v", changed)
		}
		for what, err := range map[string]error{
			"another type":   func() error { _, err := w.service.Doc(ctx, c, "PodborZakaza", made.ID); return err }(),
			"an unheard one": func() error { _, err := w.service.AddDoc(ctx, c, catalog.Doc{Type: "Nix"}); return err }(),
			"removing":       w.service.RemoveDoc(ctx, c, "PodborZakaza", made.ID),
			"changing": func() error {
				_, err := w.service.ChangeDoc(ctx, c, "PodborZakaza", made.ID, catalog.DocPatch{})
				return err
			}(),
		} {
			if authority.CodeOf(err) != authority.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := w.service.AddDoc(ctx, c, catalog.Doc{ID: made.ID, Type: "PodborZakaza"}); authority.CodeOf(err) != authority.Conflict {
			t.Errorf("the same id: %v", err)
		}
		w.must(w.service.RemoveDoc(ctx, c, "PrihodNaSklad", made.ID))
		if err := w.service.RemoveDoc(ctx, c, "PrihodNaSklad", made.ID); authority.CodeOf(err) != authority.NotFound {
			t.Error(err)
		}
	})
}

func TestDocsAreChecked(t *testing.T) {
	w := newWorld(t, storetest.Open(t, store.SQLite))
	for name, d := range map[string]catalog.Doc{
		"extra of a known name": {Extra: catalog.Extra{"Finished": true}}, "extra without a name": {Extra: catalog.Extra{"a b": "c"}},
		"extra of another kind": {Extra: catalog.Extra{"a": []any{}}}, "line break": {Name: "a\nb"}, "NUL": {Description: "a\x00"},
		"no text": {Name: "\xff"}, "item of nothing": {Declared: []catalog.Item{{}}},
		"one uid twice": {Current: []catalog.Item{{UID: "u", ProductID: "a"}, {UID: " u", ProductID: "b"}}}, "number": {Priority: 1e300},
		"long": {Barcode: string(make([]byte, 600))},
	} {
		d.Type = "PodborZakaza"
		if _, err := w.service.AddDoc(t.Context(), w.system(), d); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Documents of one type or all, by whatever is asked.
func TestDocPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var all []catalog.Doc
		for i := range 30 {
			w.now = epoch.Add(time.Duration(i/3) * time.Hour)
			d, err := w.service.AddDoc(t.Context(), w.system(), catalog.Doc{
				Type: []string{"PodborZakaza", "PrihodNaSklad"}[i%2], Name: numbered(i).Name, Finished: i%3 == 0, Priority: float64(i % 4),
				Declared: []catalog.Item{{ProductID: "1", Declared: 1}},
			})
			w.must(err)
			all = append(all, d)
		}
		rapid.Check(t, func(rt *rapid.T) {
			q := query.Query{Order: orders(rt, catalog.DocSchema()), Filter: condition(rt, catalog.DocSchema(), all, 2), Count: true}
			l := catalog.Lookup{Query: q, Type: rapid.SampledFrom([]string{"", "PodborZakaza"}).Draw(rt, "type"), Items: rapid.Bool().Draw(rt, "items")}
			rows := all
			if l.Type != "" {
				rows, _ = query.Apply(query.Query{Filter: query.Compare{Op: "eq", Left: query.Operand{Field: "documentTypeName"}, Right: query.Operand{Value: query.Text(l.Type)}}}, all)
			}
			want, total := query.Apply(query.Query{Filter: q.Filter, Order: closed(q.Order)}, rows)
			page, err := w.service.Docs(t.Context(), w.system(), l)
			if err != nil || page.Total != int64(total) || len(page.Items) != len(want) {
				rt.Fatalf("%d of %d, %v; want %d of %d", len(page.Items), page.Total, err, len(want), total)
			}
			for i, d := range page.Items {
				if d.ID != want[i].ID || (len(d.Declared) == 1) != l.Items {
					rt.Fatalf("row %d: %+v", i, d)
				}
			}
		})
	})
}
