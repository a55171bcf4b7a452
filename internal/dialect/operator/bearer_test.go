package operator_test

import (
	"net/http"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/operator"
)

func TestBearer(t *testing.T) {
	tests := []struct {
		value, want string
		code        authority.Code
	}{
		{"Bearer abc.def.ghi", "abc.def.ghi", ""},
		{"bEARER   abc", "abc", ""},
		{`Bearer "abc"`, "abc", ""},
		{`"Bearer abc"`, "abc", ""},
		{`"Bearer "abc""`, "abc", ""},
		{` "Bearer  abc " `, "abc", ""},
		{`Bearer " abc "`, "abc", ""},
		{`Bearer "abc`, "", authority.InvalidToken},
		{`Bearer abc"`, "", authority.InvalidToken},
		{`Bearer ""`, "", authority.InvalidToken},
		{`"`, "", authority.InvalidToken},
		{`""`, "", authority.Unauthenticated},
		{"", "", authority.Unauthenticated},
		{"Basic YTpi", "", authority.Unauthenticated},
		{"Bearer a b", "", authority.InvalidToken},
	}
	for _, test := range tests {
		got, err := operator.ReadBearer(&http.Request{Header: http.Header{"Authorization": {test.value}}})
		if got.Reveal() != test.want || authority.CodeOf(err) != test.code {
			t.Errorf("%q: %q %v", test.value, got.Reveal(), err)
		}
	}
	twice := &http.Request{Header: http.Header{"Authorization": {"Bearer a", "Bearer a"}}}
	if _, err := operator.ReadBearer(twice); authority.CodeOf(err) != authority.InvalidRequest {
		t.Errorf("two fields: %v", err)
	}
}

// Whatever is sent, what comes out is one token that could have been sent
// plainly, or a refusal.
func FuzzBearer(f *testing.F) {
	for _, seed := range []string{"Bearer a", `"Bearer a"`, `Bearer "a"`, `"`, `Bearer`, `"" ""`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, err := operator.ReadBearer(&http.Request{Header: http.Header{"Authorization": {value}}})
		if err != nil {
			if authority.CodeOf(err) == authority.Internal {
				t.Fatal(err)
			}
			return
		}
		if got.Empty() || strings.ContainsAny(got.Reveal(), "\" \t") || !strings.Contains(value, got.Reveal()) {
			t.Fatalf("%q gives %q", value, got.Reveal())
		}
	})
}
