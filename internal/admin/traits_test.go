package admin_test

import (
	"slices"
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// Addresses are stored as client libraries send them.
func TestRedirectAddresses(t *testing.T) {
	for in, want := range map[string]string{ // "" = refused
		"https://example.com/cb":          "https://example.com/cb",
		"https://пример.рф/cb":            "https://xn--e1afmkfd.xn--p1ai/cb",
		"https://Пример.РФ:8443/cb?a=%20": "https://xn--e1afmkfd.xn--p1ai:8443/cb?a=%20",
		"https://e.com/%D0%BF":            "https://e.com/%D0%BF",
		"https://e.com/путь":              "",
		"https://пример.рф/путь":          "",
		"https://e.com/?q=ё":              "",
		"com.example.app:/обратно":        "",
		"https://при мер.рф/":             "",
		"https://a@пример.рф/":            "",
		"http://пример.рф/":               "",
	} {
		got, err := admin.Traits(authority.Traits{RedirectURIs: []string{in}})
		switch {
		case want == "" && authority.CodeOf(err) != authority.InvalidValue:
			t.Errorf("%q is taken: %v", in, err)
		case want != "" && (err != nil || !slices.Equal(got.RedirectURIs, []string{want})):
			t.Errorf("%q is %q, %v", in, got.RedirectURIs, err)
		}
	}
	_, err := admin.Traits(authority.Traits{RedirectURIs: []string{"https://e.com/путь"}})
	if err == nil || !strings.Contains(err.Error(), "percent-encode") {
		t.Errorf("the error does not help: %v", err)
	}
	_, err = admin.Traits(authority.Traits{RedirectURIs: []string{"https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/"}})
	if err == nil {
		t.Error("one address is there in two spellings")
	}
}

// Who asks users first says where they come back to.
func TestPublicApplicationsNeedAnAddress(t *testing.T) {
	back := []string{"https://example.com/"}
	for _, c := range []struct {
		traits authority.Traits
		ok     bool
	}{
		{authority.Traits{Type: "trusted"}, true},
		{authority.Traits{Type: "public"}, false},
		{authority.Traits{NoSecret: true}, false},
		{authority.Traits{Type: "public", RedirectURIs: back}, true},
		{authority.Traits{NoSecret: true, RedirectURIs: back}, true},
	} {
		if err := admin.Returns(c.traits); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.traits, err)
		}
	}
}
