package smarts_test

import (
	"encoding/json"
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

// Keys are found however their text is composed (rule 19).
func TestKeysAreOfOneForm(t *testing.T) {
	for text, want := range map[string]string{"'\u0438\u0306d'": "йd", "'о''ринг'": "о'ринг"} {
		if got, err := smarts.KeyOf(text); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}
