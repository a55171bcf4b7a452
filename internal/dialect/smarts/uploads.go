package smarts

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/web"
	"propusk/internal/web/bind"
)

// maxAdd bounds one post of products.
const maxAdd = 8 << 20

// beginRequest says what is uploaded. Without lschema products come as objects.
type beginRequest struct {
	Schema  []string `json:"lschema"`
	Rewrite *bool    `json:"rewriteProductsBook" example:"false" about:"Missing = true; false keeps products that the upload does not name"`
	Search  bool     `json:"useFullTextSearch" about:"Names are searched either way"`
}

func (d *Dialect) beginUpload(ctx context.Context, c authority.Caller, q beginRequest) (web.NoContent, error) {
	s := catalog.Scheme{Fields: q.Schema, Keep: q.Rewrite != nil && !*q.Rewrite}
	return web.NoContent{}, d.Uploads.Begin(ctx, c, s)
}

// emptyIsObject reads no body at all as {}.
func emptyIsObject(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if r.ContentLength == 0 {
			r.Body = io.NopCloser(strings.NewReader("{}"))
		}
		return serve(w, r, c)
	}
}

// addRequest holds products: rows of text after lschema (flds), objects
// (products), or an array of objects alone. An empty list is products too: none.
type addRequest struct {
	Body json.RawMessage `body:"json"`
}

func (d *Dialect) addToUpload(ctx context.Context, c authority.Caller, q addRequest) (web.NoContent, error) {
	cells, products, err := q.read()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Uploads.Add(ctx, c, products, cells)
}

func (q addRequest) read() (cells []string, products []catalog.Product, err error) {
	var all *[]catalog.Product
	lines := (*rows)(&cells)
	objects := &list[catalog.Product]{&all, readProduct}
	if bytes.HasPrefix(bytes.TrimSpace(q.Body), []byte("[")) {
		err = objects.UnmarshalJSON(q.Body)
	} else {
		_, err = readObject(q.Body, map[string]any{"flds": &unlessNull{lines}, "products": &unlessNull{objects}})
	}
	switch {
	case err != nil:
		return nil, nil, refusal(err)
	case all == nil && cells == nil:
		err = authority.E(authority.InvalidValue, "neither products nor flds is there: send one of them, or a list of products alone")
	case all != nil:
		products = *all
	}
	return cells, products, err
}

func (d *Dialect) endUpload(ctx context.Context, c authority.Caller, _ struct{}) (web.NoContent, error) {
	_, err := d.Uploads.End(ctx, c)
	return web.NoContent{}, err
}

func (d *Dialect) resetUpload(ctx context.Context, c authority.Caller, _ struct{}) (web.NoContent, error) {
	return web.NoContent{}, d.Uploads.Reset(ctx, c)
}

// unlessNull reads null as if it was not sent: it says nothing, and an empty list
// empties a catalogue.
type unlessNull struct{ json.Unmarshaler }

// UnmarshalJSON implements json.Unmarshaler.
func (u unlessNull) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	return u.Unmarshaler.UnmarshalJSON(text)
}

// rows are cells, one after the other or a row each. Numbers and flags are taken
// as their text.
type rows []string

// UnmarshalJSON implements json.Unmarshaler.
func (r *rows) UnmarshalJSON(text []byte) error {
	*r = rows{}
	return r.add(text)
}

// add appends the cells of an array.
func (r *rows) add(text []byte) error {
	all, err := elements(text)
	if err != nil {
		return err
	}
	for i, one := range all {
		if err := r.cell(one); err != nil {
			return within(numbered(i), err)
		}
	}
	return nil
}

// cell appends one, or those of a row.
func (r *rows) cell(text json.RawMessage) error {
	value, ok := bind.Plain(text)
	switch {
	case text[0] == '[':
		return r.add(text)
	case !ok && text[0] != 'n':
		return misfit{kind: "a string"}
	}
	*r = append(*r, value)
	return nil
}
