//go:build unix

package foreign_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/demo"
)

// verified is what the programs that verify a token print.
type verified struct {
	Header struct {
		Typ string `json:"typ"`
		Kid string `json:"kid"`
	} `json:"header"`
	Claims struct {
		Issuer   string `json:"iss"`
		Client   string `json:"client_id"`
		Scope    string `json:"scope"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		ID       string `json:"jti"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
	} `json:"claims"`
	Refusals []string `json:"refusals"`
}

// Two libraries that are not ours verify an access token with nothing but the
// published keys, and refuse it forged or for another audience (RFC 9068 §4).
func TestJOSE(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	for _, c := range []struct {
		name     string
		command  []string
		refusals []string
	}{
		{
			"jose",
			[]string{need(t, "node", "nodejs"), "testdata/jose.mjs"},
			[]string{"ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "ERR_JWT_CLAIM_VALIDATION_FAILED"},
		},
		{
			"PyJWT",
			[]string{needPython(t, "jwt, cryptography", "python3-jwt python3-cryptography"), "testdata/jwks.py"},
			[]string{"InvalidSignatureError", "InvalidAudienceError"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			needNode(t, "foreign", "jose/package.json")
			run := command(t, c.command[0], c.command[1:]...)
			run.Env = append(run.Environ(), "BASE="+f.BaseURL, "TOKEN="+token(t, f))
			v := read[verified](t, output(t, run))
			claims := v.Claims
			if v.Header.Typ != "at+jwt" || v.Header.Kid == "" || claims.Issuer != f.BaseURL || claims.Audience != f.BaseURL {
				t.Errorf("not an access token of this stand: %+v", v)
			}
			if claims.Client != f.Accounts[0].OAuth.ClientID || claims.ID == "" || claims.Subject == "" {
				t.Errorf("not the client's token: %+v", claims)
			}
			if claims.Expires-claims.Issued != 3600 || claims.Scope == "" {
				t.Errorf("lives %d s, scope %q", claims.Expires-claims.Issued, claims.Scope)
			}
			if diff := cmp.Diff(c.refusals, v.Refusals); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

// token gives an access token of the first account's application.
func token(t *testing.T, f *demo.Fixture) string {
	t.Helper()
	a := f.Accounts[0].OAuth
	answer, err := http.PostForm(f.BaseURL+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.AccessToken == "" {
		t.Fatalf("%s: no token: %v", answer.Status, err)
	}
	return body.AccessToken
}

// read decodes what a program printed.
func read[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return v
}

// walk is what testdata/openid.mjs prints.
type walk struct {
	Issuer string `json:"issuer"`
	Token  struct {
		Type    string `json:"type"`
		Expires int64  `json:"expires_in"`
		Scope   string `json:"scope"`
	} `json:"token"`
	Before  map[string]any `json:"before"`
	After   map[string]any `json:"after"`
	Refused struct {
		Scope  refusal `json:"scope"`
		Secret refusal `json:"secret"`
	} `json:"refused"`
}

type refusal struct {
	Status    int    `json:"status"`
	Error     string `json:"error"`
	Challenge string `json:"challenge"`
}

// openid-client finds the door by its metadata, under both of their names, and
// does with it all that is announced.
func TestOpenIDClient(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	node := need(t, "node", "nodejs")
	needNode(t, "foreign", "openid-client/package.json")
	a := f.Accounts[0].OAuth
	for _, c := range []struct{ metadata, method string }{{"oidc", "basic"}, {"oauth2", "post"}} {
		t.Run(strings.Join([]string{c.metadata, c.method}, " "), func(t *testing.T) {
			run := command(t, node, "testdata/openid.mjs")
			run.Env = append(run.Environ(), "BASE="+f.BaseURL, "CLIENT_ID="+a.ClientID, "CLIENT_SECRET="+a.ClientSecret,
				"METADATA="+c.metadata, "METHOD="+c.method)
			w := read[walk](t, output(t, run))
			if w.Issuer != f.BaseURL || w.Token.Type != "bearer" || w.Token.Expires != 3600 || w.Token.Scope != "TokensIntrospect" {
				t.Errorf("issuer %q, token %+v", w.Issuer, w.Token)
			}
			if w.Before["active"] != true || w.Before["client_id"] != a.ClientID {
				t.Errorf("before it was revoked: %v", w.Before)
			}
			if diff := cmp.Diff(map[string]any{"active": false}, w.After); diff != "" {
				t.Errorf("after it was revoked (-want +got):\n%s", diff)
			}
			if want := (refusal{Status: 400, Error: "invalid_scope"}); w.Refused.Scope != want {
				t.Errorf("unknown scope: %+v", w.Refused.Scope)
			}
			if want := (refusal{Status: 401, Challenge: "basic"}); w.Refused.Secret != want {
				t.Errorf("wrong secret: %+v", w.Refused.Secret)
			}
		})
	}
}
