package catalog

import (
	"propusk/internal/catalog/query"
)

// Product is one line of the catalogue. Ids are the client's own.
type Product struct {
	ID               string
	Name             string
	Barcode          string
	Marking          string // the article
	BasePackingID    string
	WithSeries       bool
	WithSerialNumber bool
	WithAttributes   bool
	Packings         []Packing
	Stocks           []Stock
	Extra            Extra // fields that the account has of its own
}

// Packing is a unit that a product comes in.
type Packing struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Barcode       string   `json:"barcode"`
	Barcodes      []string `json:"barcodes"` // all of them, Barcode among them
	Marking       string   `json:"marking"`
	UnitID        string   `json:"unitId"`
	UnitsQuantity float64  `json:"unitsQuantity"` // how many base units it holds
	Quantity      float64  `json:"quantity"`      // how many there are
	Price         float64  `json:"price"`
	SelfWeight    float64  `json:"selfWeight"`
	SelfVolume    float64  `json:"selfVolume"`
	IsWeighed     bool     `json:"isWeighed"`
	Extra         Extra    `json:"extra,omitempty"`
}

// Stock is how much of a product lies in a warehouse, in base units.
type Stock struct {
	WarehouseID string  `json:"warehouseId"`
	Quantity    float64 `json:"quantity"`
}

// Warehouse is a place of work.
type Warehouse struct {
	ID   string
	Name string
}

// DocType is a kind of document. Its name is what paths say.
type DocType struct {
	Name        string
	DisplayName string
}

// base is the packing that price and quantity of the whole are told in.
func (p Product) base() (base Packing) {
	for i, k := range p.Packings {
		if i == 0 || k.ID == p.BasePackingID {
			base = k
		}
	}
	return base
}

// ProductSchema lists what of a product can be asked for.
func ProductSchema() query.Schema {
	return query.Schema{
		{Name: "id", Kind: query.StringKind},
		{Name: "name", Kind: query.StringKind},
		{Name: "barcode", Kind: query.StringKind},
		{Name: "basePackingId", Kind: query.StringKind},
		{Name: "marking", Kind: query.StringKind},
		{Name: "price", Kind: query.NumberKind},
		{Name: "quantity", Kind: query.NumberKind},
		{Name: "withSeries", Kind: query.BoolKind},
		{Name: "withSerialNumber", Kind: query.BoolKind},
		{Name: "withAttributes", Kind: query.BoolKind},
		{Name: "packings", Kind: query.ListKind},
		{Name: "stocks", Kind: query.ListKind},
	}
}

// Field implements query.Row.
func (p Product) Field(name string) query.Value {
	switch name {
	case "id":
		return query.Text(p.ID)
	case "name":
		return query.Text(p.Name)
	case "barcode":
		return query.Text(p.Barcode)
	case "basePackingId":
		return query.Text(p.BasePackingID)
	case "marking":
		return query.Text(p.Marking)
	case "price":
		return query.Number(p.base().Price)
	case "quantity":
		return query.Number(p.base().Quantity)
	case "withSeries":
		return query.Flag(p.WithSeries)
	case "withSerialNumber":
		return query.Flag(p.WithSerialNumber)
	case "withAttributes":
		return query.Flag(p.WithAttributes)
	}
	return query.Value{}
}

// WarehouseSchema lists what of a warehouse can be asked for.
func WarehouseSchema() query.Schema {
	return query.Schema{{Name: "id", Kind: query.StringKind}, {Name: "name", Kind: query.StringKind}}
}

// Field implements query.Row.
func (w Warehouse) Field(name string) query.Value {
	if name == "id" {
		return query.Text(w.ID)
	}
	return query.Text(w.Name)
}

// DocTypeSchema lists what of a type of documents can be asked for.
func DocTypeSchema() query.Schema {
	return query.Schema{{Name: "name", Kind: query.StringKind}, {Name: "displayName", Kind: query.StringKind}}
}

// Field implements query.Row.
func (t DocType) Field(name string) query.Value {
	if name == "name" {
		return query.Text(t.Name)
	}
	return query.Text(t.DisplayName)
}
