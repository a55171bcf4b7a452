package smarts_test

import (
	"net/http"
	"strings"
	"testing"
)

// What is misspelt, or left out, empties no catalogue: that has to be asked for
// by an empty list.
func TestNothingEmptiesUnasked(t *testing.T) {
	w := newWorld(t)
	w.replace(3, "a", external)
	post := func(path, body string, want int, text string) {
		t.Helper()
		a := w.do("POST", "/api/v1/Products/"+path, body, external, asJSON)
		if a.Status != want || !strings.Contains(a.Body, text) {
			t.Errorf("%s %s: %d %s, want %d %q", path, body, a.Status, a.Body, want, text)
		}
	}
	has := func(want int) {
		t.Helper()
		if got := w.list("/api/v1/Products?$count=true", external); *got.Count != want {
			t.Errorf("%d products, want %d", *got.Count, want)
		}
	}
	post("BeginUploadProducts", "", http.StatusNoContent, "")
	for _, body := range []string{`{"Product":[{"id":"Q"}]}`, `{}`, `{"products":null}`, `{"flds":null}`} {
		post("AddProductsToUpload", body, http.StatusBadRequest, "products nor flds")
	}
	post("EndUploadProducts", "", http.StatusConflict, "nothing was added")
	has(3)
	post("AddProductsToUpload", `{"products":[{"id":"Q","name":"Q"}]}`, http.StatusNoContent, "")
	post("EndUploadProducts", "", http.StatusNoContent, "")
	has(1)
	post("BeginUploadProducts", `{"rewriteProductsBook":false}`, http.StatusNoContent, "")
	post("EndUploadProducts", "", http.StatusNoContent, "")
	has(1)
	for _, none := range []string{`{"products":[]}`, `[]`, `{"flds":[]}`} {
		w.replace(2, "b", external)
		post("BeginUploadProducts", "", http.StatusNoContent, "")
		post("AddProductsToUpload", none, http.StatusNoContent, "")
		post("EndUploadProducts", "", http.StatusNoContent, "")
		has(0)
	}
}

// What is wrong within a post is told with its row.
func TestFaultsOfAPostArePlaced(t *testing.T) {
	w := newWorld(t)
	post := func(path, body, want string) {
		t.Helper()
		if a := w.do("POST", "/api/v1/Products/"+path, body, external, asJSON); !strings.Contains(a.Body, `"message":"`+want) {
			t.Errorf("%s: %d %s, want %s", body, a.Status, a.Body, want)
		}
	}
	post("BeginUploadProducts", `{"lschema":["Product.Id",5]}`, "lschema[1] must be a string")
	w.do("POST", "/api/v1/Products/BeginUploadProducts", `{"lschema":["Product.Id","Product.Name","Packing.Price"]}`, external, asJSON)
	for body, want := range map[string]string{
		`{"products":[{"id":"A"},{"name":"B"}]}`:      "products[1]: id is missing",
		`{"flds":["A","Болт","1", "B","Гайка","x"]}`:  "flds, row 2: Price must be a number",
		`{"flds":[["A","Болт","1"],["","Гайка",""]]}`: `flds, product \"\": id is missing`,
		`{"flds":[["A","Болт",{}]]}`:                  "flds[0][2] must be a string",
	} {
		post("AddProductsToUpload", body, want)
	}
}
