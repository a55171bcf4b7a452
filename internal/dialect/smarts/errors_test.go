package smarts_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/smarts"
)

func TestEveryCodeHasAWireForm(t *testing.T) {
	for _, code := range authority.Codes() {
		status, set, session, ok := smarts.WireOf(code)
		if !ok || set == "" || session == "" || http.StatusText(status) == "" {
			t.Errorf("%s: %d %q %q", code, status, set, session)
		}
		if code != authority.Internal && status == http.StatusInternalServerError {
			t.Errorf("%s is answered as a defect", code)
		}
	}
	if _, _, _, ok := smarts.WireOf("unheard"); ok {
		t.Error("a code that does not exist has a form")
	}
}

// What the contract says in numbers.
func TestDocumentedStatuses(t *testing.T) {
	for code, want := range map[authority.Code]int{
		authority.InvalidRequest: 400, authority.UnsupportedGrantType: 400, authority.InvalidValue: 400,
		authority.InvalidGrant: 401, authority.InvalidToken: 401, authority.Unauthenticated: 401,
		authority.Forbidden: 403, authority.NotFound: 404, authority.LimitExceeded: 429,
	} {
		if got, _, _, _ := smarts.WireOf(code); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
}

// The path picks the shape, whatever came of the request.
func TestShapes(t *testing.T) {
	d := smarts.New(smarts.Config{})
	for path, want := range map[string]string{
		"/api/session": `{"error":"invalid_request","error_description":"x"}`, "/X/API/V1/Session/": `{"error":"invalid_request","error_description":"x"}`,
		"/oauth/token": `{"error":"invalid_request","error_description":"x"}`,
		"/api/v1":      `{"error":{"code":"NotFound","message":"x"}}`, "/api/v1/Users": `{"error":{"code":"NotFound","message":"x"}}`,
	} {
		w := httptest.NewRecorder()
		d.WriteError(w, httptest.NewRequest("GET", path, nil), authority.E(authority.NotFound, "x"))
		if w.Body.String() != want || w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	d.WriteError(w, httptest.NewRequest("GET", "/api/v1", nil), http.ErrBodyNotAllowed)
	if w.Code != 500 || w.Body.String() != `{"error":{"code":"InternalError","message":"Internal Server Error"}}` {
		t.Errorf("another error: %d %s", w.Code, w.Body)
	}
}
