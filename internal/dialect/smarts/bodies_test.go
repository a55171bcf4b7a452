package smarts_test

import (
	"encoding/json"
	"errors"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/smarts"
)

// Whatever JSON is sent is read or refused in our own words.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{"flds":["a",1,null,true,["b"]]}`, `{"FLDS":{"a":1}}`, `[{"Id":"1","packings":[{"barcodes":["a"],"Полка":"7"}],"stocks":[{"warehouseId":"1"}]}]`,
		`{"products":[null]}`, `{"id":"1","declaredItems":[{"uid":null,"productId":"a","x":1e9}],"priority":null,"@odata.context":1}`, `null`, `[]`, `"a"`, `{"price":"1"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return // the edge refuses it (rule 5)
		}
		products, doc := smarts.ReadBodies(text)
		for _, err := range []error{products, doc} {
			if err != nil && authority.CodeOf(err) != authority.InvalidValue {
				t.Fatalf("%s: %v", text, err)
			}
		}
	})
}

// What is of another kind is told by its place and the kind that is wanted there,
// at any depth.
func TestKindsAreNamed(t *testing.T) {
	for body, want := range map[string]string{
		`5`:                               "the body must be an object",
		`[5]`:                             "[0] must be an object",
		`[{"id":"a"},{"id":5}]`:           "[1].id must be a string",
		`{"products":{}}`:                 "products must be an array",
		`{"products":[{"id":5}]}`:         "products[0].id must be a string",
		`{"Products":[{"id":"a"},null]}`:  "Products[1] must be an object",
		`{"products":[{"price":"9.50"}]}`: "products[0].price must be a number",
		`{"products":[{"price":1e999}]}`:  "products[0].price must be a number",
		`{"products":[{"shelf":1e999}]}`:  "products[0].shelf must be a number",
		`{"products":[{"withSeries":1}]}`: "products[0].withSeries must be a boolean",
		`{"products":[{"packings":[{"id":"шт"},{"barcodes":["1",2]}]}]}`: "products[0].packings[1].barcodes[1] must be a string",
		`{"products":[{"stocks":5}]}`:                                    "products[0].stocks must be an array",
		`{"flds":"A-1"}`:                                                 "flds must be an array",
		`{"flds":["A-1",["A-2",{}]]}`:                                    "flds[1][1] must be a string",
	} {
		if err, _ := smarts.ReadBodies([]byte(body)); !says(err, want) {
			t.Errorf("products %s: %v, want %q", body, err, want)
		}
	}
	for body, want := range map[string]string{
		`[]`:                     "the body must be an object",
		`{"name":5}`:             "name must be a string",
		`{"Finished":"yes"}`:     "Finished must be a boolean",
		`{"priority":"высокий"}`: "priority must be a number",
		`{"declaredItems":[{"productId":"a"},{"declaredQuantity":"12"}]}`: "declaredItems[1].declaredQuantity must be a number",
		`{"currentItems":["a"]}`: "currentItems[0] must be an object",
	} {
		if _, err := smarts.ReadBodies([]byte(body)); !says(err, want) {
			t.Errorf("document %s: %v, want %q", body, err, want)
		}
	}
}

func says(err error, want string) bool {
	var e *authority.Error
	return errors.As(err, &e) && e.Code == authority.InvalidValue && e.Message == want
}

// Keys are found however their text is composed (rule 19).
func TestKeysAreOfOneForm(t *testing.T) {
	for text, want := range map[string]string{"'\u0438\u0306d'": "йd", "'о''ринг'": "о'ринг"} {
		if got, err := smarts.KeyOf(text); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}
