package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Rule 3.
func TestBearer(t *testing.T) {
	for _, c := range []struct {
		header []string
		token  string
		want   authority.Code
	}{
		{nil, "", ""},
		{[]string{""}, "", ""},
		{[]string{"Bearer abc.def-_~+/="}, "abc.def-_~+/=", ""},
		{[]string{"bEARER   abc"}, "abc", ""},
		{[]string{" Bearer abc "}, "abc", ""},
		{[]string{"Basic abc"}, "", ""},
		{[]string{"Bearer"}, "", authority.InvalidToken},
		{[]string{"Bearer a b"}, "", authority.InvalidToken},
		{[]string{"Bearer a,b"}, "", authority.InvalidToken},
		{[]string{"Bearer =a"}, "", authority.InvalidToken},
		{[]string{"Bearer \tabc"}, "", authority.InvalidToken},
		{[]string{"Bearer \"abc\""}, "", authority.InvalidToken},
		{[]string{"Bearer ж"}, "", authority.InvalidToken},
		{[]string{"Bearer " + strings.Repeat("a", 8193)}, "", authority.InvalidToken},
		{[]string{"Bea\"rer abc"}, "", authority.InvalidToken},
		{[]string{"Bearer a", "Bearer a"}, "", authority.InvalidRequest},
	} {
		r := httptest.NewRequest("GET", "/?access_token=abc&token=abc", nil)
		r.Header["Authorization"] = c.header
		token, err := web.Bearer(r)
		if token.Reveal() != c.token || authority.CodeOf(err) != c.want {
			t.Errorf("%q: %q %v", c.header, token.Reveal(), err)
		}
	}
}

func FuzzAuthorization(f *testing.F) {
	for _, s := range []string{"Bearer a", "bearer  a=", "Basic dTpw", "", " ", "Bearer\ta", "\x00 a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		a, err := web.ParseAuthorization(value)
		if err != nil {
			return
		}
		if a.Scheme == "" && a.Rest != "" || strings.HasPrefix(a.Rest, " ") || strings.ContainsAny(a.Scheme, " \t,=\"") {
			t.Fatalf("%q gives %q", value, a)
		}
	})
}
