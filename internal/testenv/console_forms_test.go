package testenv_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// No form of the console drops what it does not understand: what it has no use for
// is refused, and named.
func TestConsoleFormsKnowTheirFields(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	p := env.SignIn(t, authority.Production, env.Fixture.Owner.Person)
	ids, forms := regexp.MustCompile(`\{[a-z]+\}`), 0
	for _, rt := range env.Server.Screens() {
		if rt.Method != http.MethodPost || strings.HasPrefix(rt.Pattern, "/import/") { // their files: TestConsoleImportRefuses
			continue
		}
		forms++
		got := p.Post(t, ids.ReplaceAllString(rt.Pattern, "1"), "hubex.zz", "1")
		if got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "<code>hubex.zz</code>") {
			t.Errorf("%s takes what it does not know: %d %s", rt.Pattern, got.Status, mainOf(got))
		}
	}
	if forms < 50 {
		t.Errorf("only %d forms were found", forms)
	}
	for path, field := range map[string]string{
		"/preferences": "language", "/service-users/new": "name", "/service-users/1/state": "state", "/service-users/new#": "all-areas",
		"/users/1/edit": "group", "/users/1/password": "password", "/settings": "hubex.strict", "/settings#": "section", "/roles": "name",
		"/applications/new": "type", "/applications/1/secret": "overlap", "/keys/new": "expires", "/security/password": "new",
		"/accounts/1/hosts": "host", "/accounts/1/delete": "contract", "/authorize": "answer", "/tokens/revoke-all": "all",
		"/tokens/revoke": "next", "/signing-keys/oauth/rotate": "leaked", "/prove": "by", "/areas": "name",
	} {
		got := p.Send(t, strings.TrimSuffix(path, "#"), url.Values{field: {"1", "1"}})
		if got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "<code>"+field+"</code>") {
			t.Errorf("%s takes %s twice: %d %s", path, field, got.Status, mainOf(got))
		}
	}
}

// What a form says beside the point is looked at all the same.
func TestConsoleFormsTakeNoNonsense(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	p := env.SignIn(t, authority.Production, env.Fixture.Accounts[0].Console.Administrator)
	p.Lang = "en"
	for what, c := range map[string]struct {
		path  string
		pairs []string
	}{
		"an area beside all of them":    {"/service-users/new", []string{"name", "Робот", "all-areas", "yes", "area", "1"}},
		"no area beside all of them":    {"/users/new", []string{"login", "nobody-1", "all-areas", "yes", "area", "x"}},
		"an area beside all, registers": {"/applications/new", []string{"name", "x", "type", "trusted", "all-areas", "yes", "area", "1"}},
		"another section's field":       {"/settings", []string{"section", "smarts", "hubex.strict", "yes"}},
		"a section that is none":        {"/settings", []string{"section", "zz"}},
		"neither on nor off":            {"/authorization/smarts", []string{"state", "perhaps"}},
		"no such language":              {"/choices", []string{"language", "de"}},
		"no such theme":                 {"/preferences", []string{"theme", "pink"}},
		"no such proof":                 {"/prove", []string{"by", "magic", "password", "x"}},
	} {
		if got := p.Post(t, c.path, c.pairs...); got.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", what, got.Status, mainOf(got))
		}
	}
}

// fitting is a form that the address takes, for those who are refused for another
// reason.
func fitting(path string) []string {
	switch {
	case strings.HasSuffix(path, "/edit"):
		return []string{"name", "theirs"}
	case strings.HasSuffix(path, "/new"):
		return []string{"name", "x", "type", "trusted"}
	case strings.HasSuffix(path, "/state"), strings.HasSuffix(path, "/keys"):
		return []string{"state", "off"}
	}
	return nil
}
