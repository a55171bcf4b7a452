package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/dialect/oauth"
	"propusk/internal/web"
)

const serverMetadata = "/.well-known/oauth-authorization-server"

func TestMetadata(t *testing.T) {
	w := newWorld(t)
	base := w.urls[authority.Production]
	methods := []any{"client_secret_basic", "client_secret_post"}
	scopes := []any{"TasksList", "TokensIntrospect", "TokensRevoke"}
	want := map[string]any{
		"issuer": base, "authorization_endpoint": base + "/oauth/authorize", "token_endpoint": base + "/oauth/token", "jwks_uri": base + "/.well-known/jwks.json",
		"introspection_endpoint": base + "/oauth/introspect", "revocation_endpoint": base + "/oauth/revoke",
		"token_endpoint_auth_methods_supported":         []any{"client_secret_basic", "client_secret_post", "none"},
		"introspection_endpoint_auth_methods_supported": methods,
		"revocation_endpoint_auth_methods_supported":    methods,
		"response_types_supported":                      []any{"code"}, "response_modes_supported": []any{"query"},
		"code_challenge_methods_supported":               []any{"S256"}, // RFC 7636
		"authorization_response_iss_parameter_supported": true,          // RFC 9207
		"grant_types_supported":                          []any{"client_credentials", "authorization_code", "refresh_token"},
		"scopes_supported":                               scopes,
	}
	for path, want := range map[string]map[string]any{
		serverMetadata:                      want,
		serverMetadata + "/":                want,
		"/.well-known/openid-configuration": want,
		"/.well-known/oauth-protected-resource": {
			"resource": base, "authorization_servers": []any{base}, "scopes_supported": scopes,
			"bearer_methods_supported": []any{"header"}, "resource_name": "Propusk",
		},
	} {
		a := w.get(path)
		var got map[string]any
		w.read(a, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
		if a.header.Get("Content-Type") != "application/json; charset=utf-8" || a.header.Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("%s: header %v", path, a.header)
		}
		if a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: a page of another origin cannot read it", path)
		}
		if head := w.send(authority.Production, http.MethodHead, path, "", nil); head.status != http.StatusOK || head.body != "" {
			t.Errorf("HEAD %s: %d", path, head.status)
		}
	}
}

// Every endpoint that is announced is a route, and every route of the door that
// is an endpoint is announced.
func TestMetadataAndRoutesAgree(t *testing.T) {
	w := newWorld(t)
	base := w.urls[authority.Production]
	var document map[string]any
	w.read(w.get(serverMetadata), &document)
	announced := []string{}
	for name, value := range document {
		if url, ok := value.(string); ok && (strings.HasSuffix(name, "_endpoint") || strings.HasSuffix(name, "_uri")) {
			announced = append(announced, strings.TrimPrefix(url, base))
		}
	}
	served := []string{}
	for _, rt := range w.routes {
		if rt.Dialect == oauth.Name && (strings.HasPrefix(rt.Pattern, "/oauth/") || rt.Pattern == "/.well-known/jwks.json") {
			served = append(served, rt.Pattern)
		}
		if rt.Dialect == oauth.Name && (rt.Summary == "" || !rt.Public) {
			t.Errorf("route %s %s: summary %q, public %v", rt.Method, rt.Pattern, rt.Summary, rt.Public)
		}
	}
	slices.Sort(announced)
	slices.Sort(served)
	served = slices.Compact(served) // GET and POST
	if diff := cmp.Diff(served, announced); diff != "" {
		t.Error("routes and announcement differ (-routes +announced)\n" + diff)
	}
}

func TestEachStandHasItsOwnIssuerAndKeys(t *testing.T) {
	w := newWorld(t)
	bodies := map[string]bool{}
	for _, stand := range authority.Stands() {
		for _, path := range []string{serverMetadata, "/.well-known/jwks.json"} {
			a := w.send(stand, http.MethodGet, path, "", nil)
			if bodies[a.body] {
				t.Errorf("%s is the same on both stands: %s", path, a.body)
			}
			bodies[a.body] = true
		}
	}
}

// The table of errors is complete: every code has its own status and a word of
// RFC 6749, and only a defect is called one.
func TestEveryCodeHasItsAnswer(t *testing.T) {
	words := []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
		"invalid_scope", "access_denied", "invalid_token", "temporarily_unavailable",
	}
	door := oauth.New(oauth.Config{})
	for _, code := range authority.Codes() {
		rec := httptest.NewRecorder()
		door.WriteError(rec, httptest.NewRequest(http.MethodPost, "/oauth/token", nil), authority.E(code, `мой "message"`))
		var got oauth.ErrorAnswer
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if defect := code == authority.Internal; defect != (rec.Code == 500) || defect == slices.Contains(words, got.Error) {
			t.Errorf("%s: %d %s", code, rec.Code, got.Error)
		}
		if got.Description != "??? ?message?" {
			t.Errorf("%s: description %q is not in the characters of RFC 6749 §5.2", code, got.Description)
		}
		rec = httptest.NewRecorder()
		door.WriteError(rec, httptest.NewRequest(http.MethodGet, serverMetadata, nil), authority.E(code, ""))
		if rec.Code != web.Status(code) || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s as problem details: %d %v", code, rec.Code, rec.Header())
		}
	}
}

// B42, rule 6: no secret and no token in any refusal or log line.
func TestNothingSecretIsSaidOrLogged(t *testing.T) {
	w := newWorld(t)
	token := w.token("main")
	access, refresh := w.toyTokens()
	secrets := []string{token, access, refresh}
	for _, c := range w.clients {
		secrets = append(secrets, c.secret)
	}
	var said strings.Builder
	for _, path := range []string{"/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/none", serverMetadata} {
		for _, secret := range secrets {
			for _, authorization := range []string{"", "Bearer " + secret, "Basic " + base(secret+":"+secret)} {
				f := form("grant_type", secret, "token", secret, "client_id", secret, "client_secret", secret, "scope", secret)
				a := w.post(path+"?token="+secret, authorization, f)
				said.WriteString(a.body + "\n")
				for name, values := range a.header {
					said.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
				}
				if a.status >= 500 {
					t.Errorf("%s: %d", path, a.status)
				}
			}
		}
	}
	for _, stop := range w.close {
		stop()
	}
	for _, secret := range secrets {
		if strings.Contains(said.String(), secret) || strings.Contains(w.log.String(), secret) {
			t.Errorf("a secret was said: %.12s…", secret)
		}
	}
	if strings.Count(w.log.String(), "msg=request") < 50 {
		t.Error("the log was not looked at")
	}
}
