package hubex_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/hubex"
	"propusk/internal/web"
)

func TestEveryCodeHasAWireForm(t *testing.T) {
	for _, code := range authority.Codes() {
		status, word, ok := hubex.WireOf(code)
		if !ok || word == "" || http.StatusText(status) == "" {
			t.Errorf("%s: %d %q", code, status, word)
		}
		if code != authority.Internal && status == http.StatusInternalServerError {
			t.Errorf("%s is answered as a defect", code)
		}
	}
	if _, _, ok := hubex.WireOf("unheard"); ok {
		t.Error("a code that does not exist has a form")
	}
}

// The pairs that clients of the real API look for.
func TestDocumentedStatuses(t *testing.T) {
	tests := map[authority.Code]int{
		authority.Malformed: 400, authority.InvalidRequest: 400, authority.InvalidValue: 409,
		authority.Unauthenticated: 401, authority.InvalidToken: 401, authority.InvalidGrant: 401,
		authority.Forbidden: 403, authority.NotFound: 404, authority.Conflict: 409,
		authority.Unprocessable: 422, authority.LimitExceeded: 429, authority.RangeUnsatisfiable: 416,
	}
	for code, want := range tests {
		if got, _, _ := hubex.WireOf(code); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
	if _, word, _ := hubex.WireOf(authority.InvalidValue); word != "InvalidData" {
		t.Errorf("the word of a wrong value is %q", word)
	}
}

func TestWriteErrorSpeaksAboutAnyError(t *testing.T) {
	d := hubex.New(hubex.Config{})
	for name, err := range map[string]error{
		"without a message": authority.E(authority.Conflict, ""), "of another type": http.ErrBodyNotAllowed,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/fsm/WORK/Tasks", nil)
		r = r.WithContext(web.WithExchange(r.Context(), &web.Exchange{ID: "trace-1"}))
		d.WriteError(w, r, err)
		var got []map[string]any
		if json.Unmarshal(w.Body.Bytes(), &got) != nil || len(got) != 1 || got[0]["message"] == "" ||
			got[0]["traceIdentifier"] != "trace-1" || got[0]["arguments"] == nil {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}
