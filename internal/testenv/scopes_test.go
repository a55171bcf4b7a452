package testenv_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/dialect/smarts"
	"propusk/internal/testenv"
)

// The metadata lists every permission that a route of any dialect asks for and that
// a role may hold, once, and nothing else.
func TestScopesAreEveryPermission(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	var got struct {
		Scopes []authority.Permission `json:"scopes_supported"`
	}
	env.Do(t, testenv.Call{Path: "/.well-known/oauth-authorization-server"}).JSON(t, &got)
	if want := env.Server.Data().Admin.Known(); !slices.Equal(got.Scopes, want) {
		t.Errorf("%v, want %v", got.Scopes, want)
	}
	for _, rt := range env.Server.Routes(authority.Production) {
		if rt.Permission != "" && rt.Permission != smarts.Read && !slices.Contains(got.Scopes, rt.Permission) {
			t.Errorf("%s %s asks for %s, which is not listed", rt.Method, rt.Pattern, rt.Permission)
		}
	}
}

// Introspection says what an external connection may by its group, as the scope of
// any other bearer.
func TestScopeOfAGroup(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	pair := a.Smarts.External
	in := url.Values{"grant_type": {"password"}, "username": {pair.Username}, "password": {pair.Password}}
	token := env.Do(t, testenv.Call{Path: "/api/session", Type: testenv.Form, Body: in.Encode()}).Field(t, "Access_token")
	scope := strings.Fields(env.Ask(t, a, token).Field(t, "scope"))
	for _, p := range catalog.Permissions() {
		if !slices.Contains(scope, string(p)) {
			t.Errorf("%s is not in %v", p, scope)
		}
	}
}
