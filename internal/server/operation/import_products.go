package operation

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/spelling"
)

// productRow is a product of another system: either flat, with one unit that it
// is counted in, or with its packings and stocks as the API has them.
// docs/guide.md
type productRow struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Marking        string            `json:"marking"`
	Barcode        string            `json:"barcode"`
	Unit           string            `json:"unit"` // name of the base packing
	Price          Figure            `json:"price"`
	Quantity       Figure            `json:"quantity"`
	Warehouse      string            `json:"warehouse"` // where quantity lies
	WithSeries     bool              `json:"with_series"`
	WithSerials    bool              `json:"with_serial_numbers"`
	Packings       []catalog.Packing `json:"packings"`
	Stocks         []catalog.Stock   `json:"stocks"`
	BasePacking    string            `json:"base_packing"`
	Extra          catalog.Extra     `json:"extra"`
	WithAttributes bool              `json:"with_attributes"`
}

// defaultUnit counts what no unit is named for: "piece", in the language of the
// catalogues that are imported. It is data, not a word of the interface.
const defaultUnit = "шт"

// product gives the row in the form that the catalogue keeps.
func (r productRow) product() (catalog.Product, error) {
	p := catalog.Product{
		ID: r.ID, Name: r.Name, Marking: r.Marking, Barcode: r.Barcode, BasePackingID: r.BasePacking,
		WithSeries: r.WithSeries, WithSerialNumber: r.WithSerials, WithAttributes: r.WithAttributes,
		Packings: r.Packings, Stocks: r.Stocks, Extra: r.Extra,
	}
	if len(p.Packings) == 0 {
		unit := cmp.Or(r.Unit, defaultUnit)
		p.BasePackingID = unit
		p.Packings = []catalog.Packing{{
			ID: unit, Name: unit, Barcode: r.Barcode, Marking: r.Marking, UnitsQuantity: 1, Quantity: float64(r.Quantity), Price: float64(r.Price),
		}}
	}
	if r.Warehouse != "" {
		p.Stocks = append(p.Stocks, catalog.Stock{WarehouseID: r.Warehouse, Quantity: float64(r.Quantity)})
	}
	return p.Check()
}

// Figure is a number as people write it into a table: 149.90, or 149,90. Empty
// text is 0.
type Figure float64

var errFigure = errors.New("a number is written like 149.90")

// UnmarshalJSON implements json.Unmarshaler.
func (f *Figure) UnmarshalJSON(text []byte) error {
	plain := strings.Trim(string(text), `"`)
	if plain == "" || plain == "null" {
		return nil
	}
	n, err := spelling.Decimal(plain)
	if err != nil {
		return errFigure
	}
	*f = Figure(n)
	return nil
}

// productsInput says whether the file is the whole catalogue.
type productsInput struct {
	Replace bool `json:"replace"`
}

// ProductsResult says how many products the catalogue has.
type ProductsResult struct {
	Products int64 `json:"products"`
}

// countProducts says how many products the catalogue has.
func countProducts(ctx context.Context, t *Table, c authority.Caller, _ struct{}) (ProductsResult, error) {
	none := 0
	page, err := t.Products.Products(ctx, c, catalog.Lookup{Query: query.Query{Top: &none, Count: true}})
	return ProductsResult{page.Total}, err
}

// productOperations import a catalogue: begin, rows, and end, which makes what
// came the catalogue in one step. What was begun and not ended changes nothing.
func productOperations() []operation {
	return []operation{
		op("import.products.begin", inside, func(ctx context.Context, t *Table, c authority.Caller, in productsInput) (ProductsResult, error) {
			return ProductsResult{}, t.Uploads.Begin(ctx, c, catalog.Scheme{Keep: !in.Replace})
		}),
		importer("import.products", importProducts),
		op("import.products.count", inside, countProducts),
		op("import.products.end", inside, func(ctx context.Context, t *Table, c authority.Caller, _ struct{}) (ProductsResult, error) {
			n, err := t.Uploads.End(ctx, c)
			return ProductsResult{n}, err
		}),
		op("import.products.reset", inside, func(ctx context.Context, t *Table, c authority.Caller, _ struct{}) (ProductsResult, error) {
			return ProductsResult{}, t.Uploads.Reset(ctx, c)
		}),
	}
}

// importProducts puts the products of rows into the upload that was begun.
func importProducts(ctx context.Context, t *Table, b batch[productRow]) ([]loaded, error) {
	c, err := t.within(ctx, b.caller)
	if err != nil {
		return nil, err
	}
	out := make([]loaded, len(b.rows))
	var fresh []catalog.Product
	for i, row := range b.rows {
		p, err := row.product()
		if err != nil {
			out[i].err = err
			continue
		}
		there, err := t.Products.Product(ctx, c, p.ID)
		if err != nil && authority.CodeOf(err) != authority.NotFound {
			return nil, err
		}
		out[i].added, out[i].changed = err != nil, err == nil && !there.Same(p)
		fresh = append(fresh, p)
	}
	if b.try || len(fresh) == 0 {
		return out, nil
	}
	return out, t.Uploads.Add(ctx, c, fresh, nil)
}
