package smarts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
)

// entity is a set as clients know it: what it is called, and what of it can be
// asked for.
type entity struct {
	set    string // in paths
	name   string // of its type
	key    string
	schema query.Schema
	expand query.Schema        // what comes only when it is asked for
	within map[string]compound // what lists hold, by property
	open   bool                // elements have fields of the account's own
}

// compound is the type of what a list holds. zero is written as any other is.
type compound struct {
	name string
	key  string // "" = it has none
	zero object
}

func userEntity() entity { return entity{set: "Users", name: "User", key: "id", schema: userSchema()} }

func groupEntity() entity {
	return entity{set: "UserGroups", name: "UserGroup", key: "id", schema: groupSchema()}
}

func warehouseEntity() entity {
	return entity{set: "Warehouses", name: "Warehouse", key: "id", schema: catalog.WarehouseSchema()}
}

func docTypeEntity() entity {
	return entity{set: "DocTypes", name: "DocType", key: "name", schema: catalog.DocTypeSchema()}
}

func productEntity() entity {
	return entity{
		set: "Products", name: "Product", key: "id", schema: catalog.ProductSchema(), open: true,
		within: map[string]compound{
			"packings": {name: "Packing", zero: packing(catalog.Packing{})},
			"stocks":   {name: "Stock", zero: stock(catalog.Stock{})},
		},
	}
}

func docEntity() entity {
	item := compound{name: "DocumentItem", key: "uid", zero: item(catalog.Item{})}
	return entity{
		set: "Docs", name: "Document", key: "id", schema: catalog.DocSchema(), open: true,
		expand: query.Schema{{Name: "declaredItems", Kind: query.ListKind}, {Name: "currentItems", Kind: query.ListKind}},
		within: map[string]compound{"declaredItems": item, "currentItems": item},
	}
}

// entities lists every set.
func entities() []entity {
	return []entity{docTypeEntity(), docEntity(), productEntity(), userEntity(), groupEntity(), warehouseEntity()}
}

// chosen is what an answer shows of each element.
type chosen struct {
	names  []string // nil = every property
	expand []string
}

func (c chosen) shows(name string) bool {
	return c.names == nil || slices.Contains(c.names, name)
}

// context names what was chosen. OData 4.01 Protocol §10.7, §10.9
func (c chosen) context() string {
	names := slices.Clone(c.names)
	for _, name := range c.expand {
		names = append(names, name+"()")
	}
	if names == nil {
		return ""
	}
	return "(" + strings.Join(names, ",") + ")"
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// element is a row that may hold more than its schema says.
type element struct {
	query.Row

	lists map[string][]object
	extra catalog.Extra
}

// object writes what is chosen of e's element.
func (e entity) object(c chosen, row query.Row) object {
	var out object
	holds, _ := row.(element)
	for _, f := range e.schema {
		switch {
		case !c.shows(f.Name):
		case f.Kind == query.ListKind:
			out = append(out, member{f.Name, orEmpty(holds.lists[f.Name])})
		default:
			out = append(out, member{f.Name, plain(row.Field(f.Name))})
		}
	}
	if c.names == nil {
		out = out.with(holds.extra)
	}
	for _, f := range e.expand {
		if slices.Contains(c.expand, f.Name) {
			out = append(out, member{f.Name, orEmpty(holds.lists[f.Name])})
		}
	}
	return out
}

func orEmpty(list []object) []object {
	if list == nil {
		return []object{}
	}
	return list
}

// with appends fields of the account's own, by name.
func (o object) with(extra catalog.Extra) object {
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		o = append(o, member{name, extra[name]})
	}
	return o
}

// one gives one element with its context.
func (e entity) one(ctx context.Context, q shape, row query.Row) (object, error) {
	c, err := q.chosen(e)
	if err != nil {
		return nil, err
	}
	first := member{"@odata.context", contextOf(ctx, e.set+c.context()+"/$entity")}
	return append(object{first}, e.object(c, row)...), nil
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for i, m := range o {
		buf.WriteByte("{,"[min(i, 1)])
		if err := errors.Join(enc.Encode(m.name), buf.WriteByte(':'), enc.Encode(m.value)); err != nil {
			return nil, err
		}
	}
	if len(o) == 0 {
		buf.WriteByte('{')
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

// plain gives a value as package json knows it.
func plain(v query.Value) any {
	switch v.Kind {
	case query.StringKind:
		return v.Text
	case query.NumberKind:
		return v.Number
	case query.BoolKind:
		return v.Bool
	case query.TimeKind:
		return v.Time.UTC().Format(time.RFC3339Nano)
	case query.NullKind, query.ListKind:
	}
	return nil
}

func packing(k catalog.Packing) object {
	barcodes := k.Barcodes
	if barcodes == nil {
		barcodes = []string{}
	}
	return object{
		{"id", k.ID},
		{"name", k.Name},
		{"barcode", k.Barcode},
		{"barcodes", barcodes},
		{"marking", k.Marking},
		{"unitId", k.UnitID},
		{"unitsQuantity", k.UnitsQuantity},
		{"quantity", k.Quantity},
		{"price", k.Price},
		{"selfWeight", k.SelfWeight},
		{"selfVolume", k.SelfVolume},
		{"isWeighed", k.IsWeighed},
	}.with(k.Extra)
}

func stock(s catalog.Stock) object {
	return object{{"warehouseId", s.WarehouseID}, {"quantity", s.Quantity}}
}

func item(i catalog.Item) object {
	return object{
		{"uid", i.UID},
		{"productId", i.ProductID},
		{"productName", i.ProductName},
		{"packingId", i.PackingID},
		{"declaredQuantity", i.Declared},
		{"currentQuantity", i.Current},
		{"price", i.Price},
	}.with(i.Extra)
}

// objects writes each of a list.
func objects[T any](list []T, write func(T) object) []object {
	out := make([]object, len(list))
	for i, v := range list {
		out[i] = write(v)
	}
	return out
}

func productElement(p catalog.Product) element {
	return element{p, map[string][]object{"packings": objects(p.Packings, packing), "stocks": objects(p.Stocks, stock)}, p.Extra}
}

func docElement(d catalog.Doc) element {
	return element{d, map[string][]object{"declaredItems": objects(d.Declared, item), "currentItems": objects(d.Current, item)}, d.Extra}
}
