package smarts

import (
	"encoding/json"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/catalog"
)

// docBody is a document as it is sent. What is not a property of documents is a
// field of the account's own.
type docBody struct {
	Type string          `path:"type" about:"A name of a type of documents, as DocTypes gives it"`
	Body json.RawMessage `body:"json"`
}

// docChange changes the document that Key names.
type docChange struct {
	Type string          `path:"type" about:"A name of a type of documents, as DocTypes gives it"`
	Key  string          `path:"document" about:"An id in single quotes, as the list gives it"`
	Body json.RawMessage `body:"json"`
}

// sent is a property that may be sent; null stands for the empty value.
type sent[T any] struct{ into **T }

// UnmarshalJSON implements json.Unmarshaler.
func (s sent[T]) UnmarshalJSON(text []byte) error {
	*s.into = new(T)
	return json.Unmarshal(text, *s.into)
}

func wanted[T any](into **T) *sent[T] { return &sent[T]{into} }

// list is a property that holds objects.
type list[T any] struct {
	into **[]T
	read func(json.RawMessage) (T, error)
}

// UnmarshalJSON implements json.Unmarshaler.
func (l list[T]) UnmarshalJSON(text []byte) error {
	all, err := elements(text)
	if err != nil {
		return err
	}
	out := make([]T, len(all))
	for i, one := range all {
		if out[i], err = l.read(one); err != nil {
			return within(numbered(i), err)
		}
	}
	*l.into = &out
	return nil
}

// elements gives the text of each element of an array.
func elements(text []byte) (all []json.RawMessage, err error) {
	return all, json.Unmarshal(text, &all)
}

// readText reads an element that is a text.
func readText(text json.RawMessage) (s string, err error) { return s, json.Unmarshal(text, &s) }

// readObject reads an object into fields, whose names are in lower case: names are
// taken in any case. What has no field comes back. Annotations are not looked at. Its
// errors are misfits.
func readObject(text json.RawMessage, fields map[string]any) (catalog.Extra, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil || all == nil {
		return nil, misfit{kind: "an object"}
	}
	extra := catalog.Extra{}
	for name, value := range all {
		if strings.Contains(name, "@") {
			continue
		}
		var own any
		into, ok := fields[strings.ToLower(name)]
		if !ok {
			into = &own
		}
		if err := json.Unmarshal(value, into); err != nil {
			return nil, within(name, err)
		}
		if !ok {
			extra[name] = own
		}
	}
	return extra, nil
}

// ignored takes what is ours to say, such as dates.
type ignored struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (ignored) UnmarshalJSON([]byte) error { return nil }

// readDoc gives a document's id, if it is sent, and its other properties.
func readDoc(kind string, body json.RawMessage) (id string, p catalog.DocPatch, err error) {
	var sentID, sentType *string
	p.Extra, err = readObject(body, map[string]any{
		"id": wanted(&sentID), "documenttypename": wanted(&sentType), "createdate": &ignored{}, "lastchangedate": &ignored{},
		"name": wanted(&p.Name), "appointment": wanted(&p.Appointment), "userid": wanted(&p.UserID), "warehouseid": wanted(&p.WarehouseID),
		"barcode": wanted(&p.Barcode), "description": wanted(&p.Description), "priority": wanted(&p.Priority),
		"finished": wanted(&p.Finished), "inprocess": wanted(&p.InProcess), "modified": wanted(&p.Modified),
		"autoappointed": wanted(&p.AutoAppoint), "serverhosted": wanted(&p.ServerHosted),
		"declareditems": &list[catalog.Item]{&p.Declared, readItem}, "currentitems": &list[catalog.Item]{&p.Current, readItem},
	})
	err = refusal(err)
	if err == nil && sentType != nil && *sentType != "" && !strings.EqualFold(*sentType, kind) {
		err = authority.E(authority.InvalidValue, "documentTypeName is not the type that the path names").With("field", "documentTypeName")
	}
	if sentID != nil {
		id = *sentID
	}
	return id, p, err
}

func readItem(text json.RawMessage) (i catalog.Item, err error) {
	i.Extra, err = readObject(text, map[string]any{
		"uid": &i.UID, "productid": &i.ProductID, "productname": &i.ProductName, "packingid": &i.PackingID,
		"declaredquantity": &i.Declared, "currentquantity": &i.Current, "price": &i.Price,
	})
	return i, err
}

func readProduct(text json.RawMessage) (p catalog.Product, err error) {
	var packings *[]catalog.Packing
	var stocks *[]catalog.Stock
	var price, quantity *float64 // follow from the base packing where there is one
	p.Extra, err = readObject(text, map[string]any{
		"id": &p.ID, "name": &p.Name, "barcode": &p.Barcode, "marking": &p.Marking, "basepackingid": &p.BasePackingID,
		"withseries": &p.WithSeries, "withserialnumber": &p.WithSerialNumber, "withattributes": &p.WithAttributes,
		"price": wanted(&price), "quantity": wanted(&quantity),
		"packings": &list[catalog.Packing]{&packings, readPacking}, "stocks": &list[catalog.Stock]{&stocks, readStock},
	})
	if packings != nil {
		p.Packings = *packings
	}
	if len(p.Packings) == 0 {
		p = p.Loose(price, quantity)
	}
	if stocks != nil {
		p.Stocks = *stocks
	}
	return p, err
}

func readPacking(text json.RawMessage) (k catalog.Packing, err error) {
	var barcodes *[]string
	k.Extra, err = readObject(text, map[string]any{
		"id": &k.ID, "name": &k.Name, "barcode": &k.Barcode, "barcodes": &list[string]{&barcodes, readText}, "marking": &k.Marking, "unitid": &k.UnitID,
		"unitsquantity": &k.UnitsQuantity, "quantity": &k.Quantity, "price": &k.Price,
		"selfweight": &k.SelfWeight, "selfvolume": &k.SelfVolume, "isweighed": &k.IsWeighed,
	})
	if barcodes != nil {
		k.Barcodes = *barcodes
	}
	return k, err
}

func readStock(text json.RawMessage) (s catalog.Stock, err error) {
	_, err = readObject(text, map[string]any{"warehouseid": &s.WarehouseID, "quantity": &s.Quantity})
	return s, err
}
