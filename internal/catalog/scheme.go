package catalog

import (
	"slices"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Scheme says what an upload is made of.
type Scheme struct {
	// Fields names the columns of rows, such as Product.Id and Packing.Barcode;
	// none = products come whole.
	Fields []string `json:"fields,omitempty"`
	// Keep leaves products of the current catalogue that the upload does not name
	// where they are.
	Keep bool `json:"keep,omitempty"`
}

// maxFields bounds the columns of a row.
const maxFields = 100

func (s Scheme) checked() (Scheme, error) {
	var c cleaner
	c.list("lschema", len(s.Fields), maxFields)
	s.Fields = slices.Clone(s.Fields)
	var seen []string
	for i := range s.Fields {
		f := &s.Fields[i]
		c.line("lschema", f, 2*maxExtraName)
		object, name, ok := strings.Cut(*f, ".")
		folded := strings.ToLower(*f)
		switch {
		case !ok || !isName(name) || !strings.EqualFold(object, "Product") && !strings.EqualFold(object, "Packing"):
			c.fail("lschema", "must name fields as Product.Name or Packing.Name; "+strconv.Quote(*f)+" is none")
		case slices.Contains(seen, folded):
			c.fail("lschema", "names "+*f+" twice")
		}
		seen = append(seen, folded)
	}
	if len(seen) > 0 && !slices.Contains(seen, "product.id") {
		c.fail("lschema", "lacks Product.Id")
	}
	return s, c.err
}

// Products reads rows: cells, one after the other, in the order of Fields. Rows
// of one product that follow each other are its packings.
func (s Scheme) Products(cells []string) ([]Product, error) {
	n := len(s.Fields)
	if n == 0 {
		return nil, authority.E(authority.InvalidValue, "rows need an upload that was begun with lschema").With("field", "flds")
	}
	if len(cells)%n != 0 {
		return nil, authority.E(authority.InvalidValue, "flds must hold a value for each of the "+strconv.Itoa(n)+" fields of lschema").With("field", "flds")
	}
	out := make([]Product, 0, len(cells)/n)
	at := 0
	for row := range slices.Chunk(cells, n) {
		at++
		p, err := s.product(row)
		if err != nil {
			return nil, within("flds, row "+strconv.Itoa(at), err)
		}
		if last := len(out) - 1; last >= 0 && out[last].ID == p.ID {
			p = out[last].With(p)
			out = out[:last]
		}
		out = append(out, p)
	}
	return out, nil
}

func (s Scheme) product(row []string) (Product, error) {
	var p Product
	var k, loose Packing
	packed := false
	var err error
	for i, field := range s.Fields {
		object, name, _ := strings.Cut(field, ".")
		switch {
		case !strings.EqualFold(object, "Product"):
			packed = packed || row[i] != ""
			err = k.set(name, row[i])
		case isAmount(name):
			err = loose.set(name, row[i])
		default:
			err = p.set(name, row[i])
		}
		if err != nil {
			return p, err
		}
	}
	if packed {
		p.Packings = []Packing{k}
		return p, nil
	}
	return p.Loose(&loose.Price, &loose.Quantity), nil
}

// isAmount tells fields of a product that are those of its base packing.
func isAmount(name string) bool {
	name = strings.ToLower(name)
	return name == "price" || name == "quantity" || name == "qty"
}

// Loose gives p, which has no packing, the one that price and quantity are told
// in. Without either it stays as it is.
func (p Product) Loose(price, quantity *float64) Product {
	k := Packing{ID: p.BasePackingID, UnitsQuantity: 1}
	set(&k.Price, price)
	set(&k.Quantity, quantity)
	if k.Price != 0 || k.Quantity != 0 {
		p.Packings = []Packing{k}
	}
	return p
}

// set puts a cell into a field; one that is not known is the account's own.
func (p *Product) set(name, cell string) (err error) {
	switch strings.ToLower(name) {
	case "id":
		p.ID = cell
	case "name":
		p.Name = cell
	case "barcode":
		p.Barcode = cell
	case "marking":
		p.Marking = cell
	case "basepackingid":
		p.BasePackingID = cell
	case "withseries":
		p.WithSeries, err = flag(name, cell)
	case "withserialnumber":
		p.WithSerialNumber, err = flag(name, cell)
	case "withattributes":
		p.WithAttributes, err = flag(name, cell)
	default:
		put(&p.Extra, name, cell)
	}
	return err
}

func (k *Packing) set(name, cell string) (err error) {
	switch strings.ToLower(name) {
	case "id":
		k.ID = cell
	case "name":
		k.Name = cell
	case "barcode": // several are separated by |
		k.Barcodes = strings.FieldsFunc(cell, func(r rune) bool { return r == '|' || r == ' ' })
	case "marking":
		k.Marking = cell
	case "unitid":
		k.UnitID = cell
	case "unitsquantity":
		k.UnitsQuantity, err = number(name, cell)
	case "quantity", "qty":
		k.Quantity, err = number(name, cell)
	case "price":
		k.Price, err = number(name, cell)
	case "selfweight":
		k.SelfWeight, err = number(name, cell)
	case "selfvolume":
		k.SelfVolume, err = number(name, cell)
	case "isweighed":
		k.IsWeighed, err = flag(name, cell)
	default:
		put(&k.Extra, name, cell)
	}
	return err
}

func put(into *Extra, name, cell string) {
	if cell == "" {
		return
	}
	if *into == nil {
		*into = Extra{}
	}
	(*into)[name] = cell
}

func number(field, cell string) (float64, error) {
	if strings.TrimSpace(cell) == "" {
		return 0, nil
	}
	n, err := spelling.Decimal(cell)
	if err != nil {
		return 0, authority.Invalid(field, field+" must be a number")
	}
	return n, nil
}

func flag(field, cell string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "", "0", "false", "нет":
		return false, nil
	case "1", "true", "да":
		return true, nil
	}
	return false, authority.Invalid(field, field+" must be true or false")
}

// With gives p as other has it, with the packings of both: those of one id, or
// where it has none of one name, are one, and other's counts.
func (p Product) With(other Product) Product {
	all := slices.Clone(p.Packings)
	for _, k := range other.Packings {
		same := func(have Packing) bool {
			return have.ID == k.ID && (k.ID != "" || have.Name == k.Name)
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i] = k
		} else {
			all = append(all, k)
		}
	}
	other.Packings = all
	return other
}
