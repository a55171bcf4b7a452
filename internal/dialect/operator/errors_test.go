package operator_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/operator"
)

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range authority.Codes() {
		status, ok := operator.StatusOf(code)
		if !ok || http.StatusText(status) == "" {
			t.Errorf("%s: %d", code, status)
		}
		if code != authority.Internal && status == http.StatusInternalServerError {
			t.Errorf("%s is answered as a defect", code)
		}
	}
	if _, ok := operator.StatusOf("unheard"); ok {
		t.Error("a code that does not exist has a status")
	}
}

func TestErrorsComeInTheEnvelope(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{authority.E(authority.NotFound, "no such thing"), `{"error":{"errorMessage":"no such thing","errorCode":404},"result":null}`},
		{authority.E(authority.Conflict, ""), `{"error":{"errorMessage":"Conflict","errorCode":409},"result":null}`},
		{http.ErrBodyNotAllowed, `{"error":{"errorMessage":"Internal Server Error","errorCode":500},"result":null}`},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		operator.New(operator.Config{}).WriteError(w, httptest.NewRequest(http.MethodGet, "/docs", nil), test.err)
		if got := w.Body.String(); got != test.want {
			t.Errorf("%v: %s", test.err, got)
		}
	}
}
