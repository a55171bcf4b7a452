package catalog

import (
	"encoding/json"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

const productList = `id, name, barcode, marking, base_packing, with_series, with_serial_number, with_attributes, body`

// body is what no condition looks at.
type body struct {
	Packings []catalog.Packing `json:"p,omitempty"`
	Stocks   []catalog.Stock   `json:"s,omitempty"`
	Extra    catalog.Extra     `json:"e,omitempty"`
}

// scanProduct reads productList. Price and quantity follow from the packings.
func scanProduct(row store.Scanner) (p catalog.Product, err error) {
	var series, serial, attributes int64
	var text string
	if err := row.Scan(&p.ID, &p.Name, &p.Barcode, &p.Marking, &p.BasePackingID, &series, &serial, &attributes, &text); err != nil {
		return p, err
	}
	p.WithSeries, p.WithSerialNumber, p.WithAttributes = series == 1, serial == 1, attributes == 1
	var b body
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return p, err
	}
	p.Packings, p.Stocks, p.Extra = b.Packings, b.Stocks, b.Extra
	return p, nil
}

const productColumnList = `account, version, id, name, barcode, marking, base_packing, price, quantity,
	with_series, with_serial_number, with_attributes,
	id_fold, name_fold, barcode_fold, marking_fold, base_packing_fold, body`

// productMarks is a row of productColumnList, but for its first parenthesis.
const productMarks = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

// prepared is a product with the values that productColumnList has behind account
// and version: they are worked out before the writer is asked for.
type prepared struct {
	catalog.Product
	values []any
}

func prepare(p catalog.Product) (prepared, error) {
	text, err := json.Marshal(body{p.Packings, p.Stocks, p.Extra})
	return prepared{p, []any{
		p.ID, p.Name, p.Barcode, p.Marking, p.BasePackingID, p.Field("price").Number, p.Field("quantity").Number,
		p.WithSeries, p.WithSerialNumber, p.WithAttributes,
		spelling.Fold(p.ID), spelling.Fold(p.Name), spelling.Fold(p.Barcode), spelling.Fold(p.Marking), spelling.Fold(p.BasePackingID),
		string(text),
	}}, err
}

func prepareAll(all []catalog.Product) ([]prepared, error) {
	out := make([]prepared, len(all))
	var err error
	for i, p := range all {
		if out[i], err = prepare(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// insert writes products of different ids into a version, and gives the ids of
// those that were not there.
func insert(tx *store.Tx, account, version authority.ID, all []prepared) ([]string, error) {
	s := new(store.Statement).Add("INSERT INTO catalog_product (" + productColumnList + ") VALUES ")
	for i, p := range all {
		s.Add([]string{"", ", "}[min(i, 1)]+"("+productMarks, append([]any{account, version}, p.values...)...)
	}
	s.Add(" ON CONFLICT (account, version, id) DO NOTHING RETURNING id")
	return store.Collect(tx, store.Column[string], s.String(), s.Args()...)
}

// replace writes p over the one that is there.
func replace(tx *store.Tx, account, version authority.ID, p catalog.Product) error {
	row, err := prepare(p)
	if err != nil {
		return err
	}
	set := strings.ReplaceAll(productColumnList, "account, version, id, ", "")
	marks := strings.TrimPrefix(productMarks, "?, ?, ?, ")
	s := new(store.Statement).Add("UPDATE catalog_product SET ("+set+") = ("+marks, row.values[1:]...)
	s.Add(" WHERE account = ? AND version = ? AND id = ?", account, version, p.ID)
	_, err = tx.Exec(s.String(), s.Args()...)
	return err
}
