package odata_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/catalog/query"
	"propusk/internal/dialect/smarts/odata"
)

func schema() query.Schema {
	return query.Schema{
		{Name: "id", Kind: query.NumberKind},
		{Name: "name", Kind: query.StringKind},
		{Name: "on", Kind: query.BoolKind},
		{Name: "made", Kind: query.TimeKind},
	}
}

type row map[string]query.Value

func (r row) Field(name string) query.Value { return r[name] }

func rows() []row {
	at := func(day int) query.Value {
		return query.Value{Kind: query.TimeKind, Time: time.Date(2024, 5, day, 0, 0, 0, 0, time.UTC)}
	}
	return []row{
		{"id": query.Count(1), "name": query.Text("Болт"), "on": query.Flag(true), "made": at(1)},
		{"id": query.Count(2), "name": query.Text("Гайка"), "on": query.Flag(false), "made": at(2)},
		{"id": query.Count(3), "name": query.Text("O'Ring"), "on": query.Flag(true), "made": at(3)},
		{"id": query.Count(4), "on": query.Flag(false), "made": at(4)}, // without a name
	}
}

func ids(list []row) string {
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprint(r["id"].Number))
	}
	return strings.Join(out, " ")
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]string{
		"id eq 2": "2", "2 eq id": "2", "id ne 2": "1 3 4", "id gt 2": "3 4", "id ge 2": "2 3 4", "id lt 2": "1", "id le 2": "1 2",
		"id eq 2.0": "2", "id gt -1": "1 2 3 4", "id eq 1e0": "1", "on": "1 3", "not on": "2 4", "on eq false": "2 4", "true": "1 2 3 4",
		"name eq 'O''Ring'": "3", "name eq null": "4", "name ne null": "1 2 3", "name gt 'А'": "1 2", "name lt 'А'": "3", "null eq null": "1 2 3 4",
		"contains(name,'ай')": "2", "startswith( name , 'О' )": "", "startswith(name,'O')": "3", "endswith(name,'т')": "1", "contains(name,'')": "1 2 3 4",
		"id eq 1 or id eq 2 and on": "1", "(id eq 1 or id eq 2) and on": "1", "not (on or id eq 2)": "4", "not not on": "1 3",
		"made gt 2024-05-02T00:00:00Z": "3 4", "made eq 2024-05-02T03:00:00+03:00": "2", "  id\teq 1  ": "1", "((((id eq 1))))": "1",
		"not contains(name,'т') and id lt 4": "2 3",
	} {
		e, err := odata.Filter(text, schema())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if page, _ := query.Apply(query.Query{Filter: e}, rows()); ids(page) != want {
			t.Errorf("%s: %s, want %s", text, ids(page), want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	for text, at := range map[string]int{
		"": 1, "id": 3, "id eq": 6, "id eq 1 and": 12, "id equals 1": 4, "id eq 'a": 7, "id eq 'a'": 7, "ид eq 1": 1, "id eq 1 id": 9,
		"имя": 1, "no eq 1": 1, "(id eq 1": 9, "id eq 1)": 8, "contains(id,'a')": 10, "contains(name)": 14, "contains(name,5)": 15, "contains name": 10,
		"id eq 1-2": 7, "id eq --1": 7, "id eq 1.2.3": 7, "id eq 0x1": 7, "id eq Infinity": 7, "id EQ 1": 4, "id eq 1 AND on": 9, "made eq 2024-13-01T00:00:00Z": 9,
		"name eq 'я' и": 13, "* eq 1": 1, "id eq 1 or or": 12, "'a'": 4, "name eq \"a\"": 9, "not": 4, "()": 2, "id eq 1;": 8, "name/first eq 'a'": 5,
		strings.Repeat("(", 40): 33, strings.Repeat("not ", 40) + "on": 129, strings.Repeat("a", 5000): 4097,
	} {
		_, err := odata.Filter(text, schema())
		var e *odata.Error
		if !errors.As(err, &e) || e.Position != at || e.Message == "" {
			t.Errorf("%.40q: %v, want position %d", text, err, at)
		}
	}
}

func TestOrdersAndSelect(t *testing.T) {
	orders, err := odata.Orders("on desc, name asc,id", schema())
	if err != nil || !slices.Equal(orders, []query.Order{{Field: "on", Descending: true}, {Field: "name"}, {Field: "id"}}) {
		t.Errorf("%v %v", orders, err)
	}
	page, total := query.Apply(query.Query{Order: orders, Skip: 1, Top: new(int)}, rows())
	if len(page) != 0 || total != 4 {
		t.Errorf("%v of %d", page, total)
	}
	two := 2
	if page, _ = query.Apply(query.Query{Order: orders, Skip: 1, Top: &two}, rows()); ids(page) != "1 4" { // null before texts
		t.Error(ids(page))
	}
	if page, _ = query.Apply(query.Query{Skip: 9}, rows()); len(page) != 0 {
		t.Error(ids(page))
	}
	if names, err := odata.Select("name,id", schema()); err != nil || !slices.Equal(names, []string{"name", "id"}) {
		t.Errorf("%v %v", names, err)
	}
	if names, err := odata.Select("id,name,id", schema()); err != nil || !slices.Equal(names, []string{"id", "name"}) {
		t.Errorf("%v %v", names, err)
	}
	if names, err := odata.Select("id,*", schema()); err != nil || names != nil {
		t.Errorf("%v %v", names, err)
	}
	for _, text := range []string{"", ",", "id,", "id name", "id desc desc", "no", "'id'", "id;name", strings.Repeat("id,", 20) + "id"} {
		if _, err := odata.Orders(text, schema()); err == nil {
			t.Errorf("orderby %q is taken", text)
		}
	}
}

func TestListsAreShownOnly(t *testing.T) {
	s := append(schema(), query.Field{Name: "parts", Kind: query.ListKind})
	for _, text := range []string{"parts eq 1", "1 eq parts", "contains(parts,'a')", "parts", "not parts", "parts eq null"} {
		if _, err := odata.Filter(text, s); err == nil {
			t.Errorf("filter %q is taken", text)
		}
	}
	for text, at := range map[string]int{"parts": 1, "id,parts desc": 4, "*": 1, "id,*": 4} {
		_, err := odata.Orders(text, s)
		var e *odata.Error
		if !errors.As(err, &e) || e.Position != at {
			t.Errorf("orderby %q: %v", text, err)
		}
	}
	if names, err := odata.Select("id,parts", s); err != nil || len(names) != 2 {
		t.Errorf("%v %v", names, err)
	}
}

func TestExpand(t *testing.T) {
	s := query.Schema{{Name: "declaredItems", Kind: query.ListKind}, {Name: "currentItems", Kind: query.ListKind}}
	for text, want := range map[string]string{"declaredItems": "declaredItems", "currentItems, declaredItems": "currentItems declaredItems", "*": "declaredItems currentItems"} {
		if names, err := odata.Expand(text, s); err != nil || strings.Join(names, " ") != want {
			t.Errorf("%s: %v %v", text, names, err)
		}
	}
	for _, text := range []string{"", "cells", "declaredItems($top=1)", "declaredItems/product", "declaredItems,", "declareditems", "declaredItems,declaredItems", "*,currentItems"} {
		if _, err := odata.Expand(text, s); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestNumbersAndTruth(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "007": 7, "2147483647": 2147483647} {
		if n, err := odata.Number(text); err != nil || n != want {
			t.Errorf("%s: %d %v", text, n, err)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1.0", "1e3", " 1", "2147483648", "99999999999999999999", "١"} {
		if _, err := odata.Number(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	for _, text := range []string{"", "True", "1", "yes"} {
		if _, err := odata.Truth(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// A page is what a slow reading of the words gives, whatever is combined.
func TestApplyIsFilterSortCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := make([]row, rapid.IntRange(0, 30).Draw(t, "n"))
		for i := range list {
			list[i] = row{"id": query.Count(rapid.IntRange(0, 5).Draw(t, "id")), "on": query.Flag(rapid.Bool().Draw(t, "on"))}
		}
		least, skip, top := rapid.IntRange(0, 5).Draw(t, "least"), rapid.IntRange(0, 10).Draw(t, "skip"), rapid.IntRange(0, 10).Draw(t, "top")
		e, err := odata.Filter(fmt.Sprintf("id ge %d or on", least), schema())
		if err != nil {
			t.Fatal(err)
		}
		page, total := query.Apply(query.Query{Filter: e, Order: []query.Order{{Field: "id"}}, Skip: skip, Top: &top}, list)
		var met []float64
		for _, r := range list {
			if r["id"].Number >= float64(least) || r["on"].Bool {
				met = append(met, r["id"].Number)
			}
		}
		slices.Sort(met)
		want := met[min(skip, len(met)):]
		want = want[:min(top, len(want))]
		if total != len(met) || len(page) != len(want) {
			t.Fatalf("%d of %d, want %d of %d", len(page), total, len(want), len(met))
		}
		for i := range page {
			if page[i]["id"].Number != want[i] {
				t.Fatalf("row %d", i)
			}
		}
	})
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"id eq 1", "not (on or contains(name,'a''b'))", "made lt 2024-05-02T00:00:00Z", "((", "id eq 'я", "\xff", "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := odata.Filter(text, schema())
		var at *odata.Error
		if err != nil && (!errors.As(err, &at) || at.Position < 1 || at.Position > len(text)+1) {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil {
			for _, r := range rows() {
				e.Test(r)
			}
		}
	})
}

func FuzzLists(f *testing.F) {
	f.Add("id desc,name")
	f.Add("*")
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) error{
			func(s string) error { _, err := odata.Orders(s, schema()); return err },
			func(s string) error { _, err := odata.Select(s, schema()); return err },
			func(s string) error { _, err := odata.Number(s); return err },
		} {
			var at *odata.Error
			if err := parse(text); err != nil && !errors.As(err, &at) {
				t.Fatalf("%q: %v", text, err)
			}
		}
	})
}
