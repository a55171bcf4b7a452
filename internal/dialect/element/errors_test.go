package element_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/element"
	"propusk/internal/testenv"
)

// checkShape says what is wrong with the form of a refusal.
func checkShape(a testenv.Answer) error {
	var body struct {
		Code                    int
		Status, Message         string
		Details                 *string
		Extra, Error, Exception any
	}
	d := json.NewDecoder(strings.NewReader(a.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return fmt.Errorf("%w: %s", err, a.Body)
	}
	if body.Code == 0 || body.Status == "" || body.Message == "" || body.Details == nil {
		return errors.New("a member is missing: " + a.Body)
	}
	return nil
}

func TestEveryCodeHasAWireForm(t *testing.T) {
	for _, code := range authority.Codes() {
		status, number, word, ok := element.WireOf(code)
		if !ok || number == 0 || word == "" || http.StatusText(status) == "" {
			t.Errorf("%s: %d %d %q", code, status, number, word)
		}
		if code != authority.Internal && status == http.StatusInternalServerError {
			t.Errorf("%s is answered as a defect", code)
		}
	}
	if _, _, _, ok := element.WireOf("unheard"); ok {
		t.Error("a code that does not exist has a form")
	}
}

// The pairs that the real API documents, and the names that gRPC gives them.
func TestDocumentedPairs(t *testing.T) {
	numbers := map[int][]int{
		400: {3, 9, 11}, 401: {16}, 403: {7}, 404: {5}, 409: {6}, 429: {8}, 500: {13}, 503: {14},
		405: {3}, 406: {3}, 413: {3}, 415: {3}, 431: {3},
	}
	words := map[int]string{
		3: "INVALID_ARGUMENT", 5: "NOT_FOUND", 6: "ALREADY_EXISTS", 7: "PERMISSION_DENIED", 8: "RESOURCE_EXHAUSTED",
		9: "FAILED_PRECONDITION", 11: "OUT_OF_RANGE", 13: "INTERNAL", 14: "UNAVAILABLE", 16: "UNAUTHENTICATED",
	}
	for _, code := range authority.Codes() {
		status, number, word, _ := element.WireOf(code)
		known := false
		for _, n := range numbers[status] {
			known = known || n == number
		}
		if !known || words[number] != word {
			t.Errorf("%s: %d %d %s", code, status, number, word)
		}
	}
}

func TestWriteErrorSpeaksAboutAnyError(t *testing.T) {
	d := element.New(element.Config{})
	for name, err := range map[string]error{
		"without a message": authority.E(authority.Conflict, ""), "of another type": http.ErrBodyNotAllowed,
		"with arguments": authority.E(authority.InvalidValue, "size must be at most 1000").With("parameter", "size").With("limit", "1000"),
	} {
		w := httptest.NewRecorder()
		d.WriteError(w, httptest.NewRequest(http.MethodGet, base+"/me", nil), err)
		if err := checkShape(testenv.Answer{Status: w.Code, Body: w.Body.String()}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "with arguments" && w.Body.String() !=
			`{"code":11,"status":"OUT_OF_RANGE","message":"size must be at most 1000","details":"limit: 1000; parameter: size"}` {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}
