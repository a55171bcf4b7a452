package catalog

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Bounds of text, in characters, and of lists.
const (
	maxID          = 128
	maxName        = 500
	maxDescription = 4000
	maxExtra       = 64 // fields
	maxExtraName   = 64
	maxExtraText   = 2000
	maxPackings    = 100
	maxBarcodes    = 100
	maxStocks      = 1000
	maxItems       = 20_000
	maxDirectory   = 10_000
)

// Extra are fields that an account has of its own, by name. Values are string,
// float64 or bool.
type Extra map[string]any

// cleaner gathers the first thing that is wrong, and brings text to its one form
// (rule 19).
type cleaner struct{ err error }

func (c *cleaner) fail(field, message string) {
	if c.err == nil {
		c.err = authority.Invalid(field, field+" "+message)
	}
}

// text brings *s to NFC without space around it.
func (c *cleaner) text(field string, s *string, most int) {
	text, err := spelling.Clean(*s, most)
	if err != nil {
		c.fail(field, err.Error())
		return
	}
	*s = text
}

// line is text without control characters.
func (c *cleaner) line(field string, s *string, most int) {
	c.text(field, s, most)
	if strings.ContainsFunc(*s, unicode.IsControl) {
		c.fail(field, "holds a control character")
	}
}

// key is a line that must be there.
func (c *cleaner) key(field string, s *string, most int) {
	c.line(field, s, most)
	if *s == "" {
		c.fail(field, "is missing")
	}
}

// maxNumber is the largest number that every reader of JSON keeps exactly.
const maxNumber = 1 << 53

func (c *cleaner) number(field string, n float64) {
	if math.IsNaN(n) || math.Abs(n) > maxNumber {
		c.fail(field, "is not a number of this world")
	}
}

func (c *cleaner) list(field string, n, most int) {
	if n > most {
		c.fail(field, "has more than "+strconv.Itoa(most)+" entries")
	}
}

// extra checks fields of the account's own. known are names that are taken.
func (c *cleaner) extra(all Extra, known ...string) Extra {
	c.list("extra fields", len(all), maxExtra)
	out := make(Extra, len(all))
	for name, value := range all {
		taken := func(k string) bool { return strings.EqualFold(k, name) }
		if !isName(name) || slices.ContainsFunc(known, taken) {
			c.fail("a field of your own", "must have a name of letters, digits and _")
			continue
		}
		switch v := value.(type) {
		case nil:
			continue
		case string:
			c.text(name, &v, maxExtraText)
			value = v
		case float64:
			c.number(name, v)
		case bool:
		default:
			c.fail(name, "must be a text, a number or true or false")
		}
		out[name] = value
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// isName reports whether s can be a property's name. OData CSDL 4.01 §15.2
func isName(s string) bool {
	if s == "" || len(s) > 4*maxExtraName || utf8.RuneCountInString(s) > maxExtraName {
		return false
	}
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return norm.NFC.IsNormalString(s)
}

// Check gives p as the catalogue keeps it, or InvalidValue that names what to
// change.
func (p Product) Check() (Product, error) {
	var c cleaner
	c.key("id", &p.ID, maxID)
	c.line("name", &p.Name, maxName)
	c.line("barcode", &p.Barcode, maxID)
	c.line("marking", &p.Marking, maxID)
	c.line("basePackingId", &p.BasePackingID, maxID)
	c.list("packings", len(p.Packings), maxPackings)
	c.list("stocks", len(p.Stocks), maxStocks)
	p.Packings, p.Stocks = slices.Clone(p.Packings), slices.Clone(p.Stocks)
	for i := range p.Packings {
		c.packing(&p.Packings[i])
	}
	for i := range p.Stocks {
		c.key("warehouseId", &p.Stocks[i].WarehouseID, maxID)
		c.number("quantity", p.Stocks[i].Quantity)
	}
	names := make([]string, 0, 16)
	for _, f := range ProductSchema() {
		names = append(names, f.Name)
	}
	p.Extra = c.extra(p.Extra, names...)
	return p, c.err
}

func (c *cleaner) packing(k *Packing) {
	c.line("packing id", &k.ID, maxID)
	c.line("packing name", &k.Name, maxName)
	c.line("packing barcode", &k.Barcode, maxID)
	c.line("packing marking", &k.Marking, maxID)
	c.line("packing unitId", &k.UnitID, maxID)
	c.list("barcodes", len(k.Barcodes), maxBarcodes)
	k.Barcodes = slices.Clone(k.Barcodes)
	for i := range k.Barcodes {
		c.line("barcodes", &k.Barcodes[i], maxID)
	}
	if k.Barcode == "" && len(k.Barcodes) > 0 {
		k.Barcode = k.Barcodes[0]
	}
	if k.Barcode != "" && !slices.Contains(k.Barcodes, k.Barcode) {
		k.Barcodes = append([]string{k.Barcode}, k.Barcodes...)
	}
	for field, n := range map[string]float64{
		"unitsQuantity": k.UnitsQuantity, "quantity": k.Quantity, "price": k.Price,
		"selfWeight": k.SelfWeight, "selfVolume": k.SelfVolume,
	} {
		c.number("packing "+field, n)
	}
	k.Extra = c.extra(k.Extra, "id", "name", "barcode", "barcodes", "marking", "unitId", "unitsQuantity", "quantity", "price",
		"selfWeight", "selfVolume", "isWeighed")
}
