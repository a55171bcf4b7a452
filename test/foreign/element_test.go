//go:build unix

package foreign_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/demo"
)

// panel is what testdata/element.py prints.
type panel struct {
	Header struct {
		Alg string `json:"alg"`
	} `json:"header"`
	Claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		Hash     string `json:"at_hash"`
	} `json:"claims"`
	Subject map[string]any `json:"subject"`
	Me      struct {
		ID    string `json:"id"`
		Login string `json:"login"`
		List  string `json:"user-list-id"`
	} `json:"me"`
	Page struct {
		Content []map[string]any `json:"content"`
		Size    int              `json:"size"`
	} `json:"page"`
	Again string `json:"again"`
	Wrong []any  `json:"wrong"`
	Late  []any  `json:"late"`
}

// The way in of the control panel, with requests, PyJWT and Authlib.
func TestElementPython(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	python := needPython(t, "requests, jwt, cryptography, authlib", "python3-requests python3-jwt python3-cryptography python3-authlib")
	a := f.Accounts[0]
	run := command(t, python, "testdata/element.py")
	run.Env = append(run.Environ(), "BASE="+f.BaseURL, "CLIENT_ID="+a.Element.ClientID, "CLIENT_SECRET="+a.Element.ClientSecret)
	p := read[panel](t, output(t, run))
	if c := p.Claims; p.Header.Alg != "RS512" || len(c.Issuer) != 44 || c.Audience != a.Element.ClientID || c.Expires-c.Issued != 3600 || c.Hash == "" {
		t.Errorf("%+v %+v", p.Header, c)
	}
	if p.Subject["user-id"] != p.Me.ID || p.Subject["user-list-id"] != p.Me.List || p.Me.Login != a.Console.Administrator.Login || p.Again != p.Me.ID {
		t.Errorf("subject %v, me %+v, again %s", p.Subject, p.Me, p.Again)
	}
	if len(p.Page.Content) != 1 || p.Page.Size != 1 {
		t.Errorf("page %+v", p.Page)
	}
	if diff := cmp.Diff([]any{401.0, `Basic realm="propusk"`, 16.0}, p.Wrong); diff != "" {
		t.Errorf("a wrong key (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{401.0, "UNAUTHENTICATED"}, p.Late); diff != "" {
		t.Errorf("the place holder as a bearer (-want +got):\n%s", diff)
	}
}

// jose verifies the id token with nothing but the published keys.
func TestElementJOSE(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	needNode(t, "foreign", "jose/package.json")
	run := command(t, need(t, "node", "nodejs"), "testdata/element.mjs")
	run.Env = append(run.Environ(), "BASE="+f.BaseURL, "TOKEN="+panelToken(t, f), "CLIENT_ID="+f.Accounts[0].Element.ClientID)
	var v verified
	if err := json.Unmarshal([]byte(output(t, run)), &v); err != nil {
		t.Fatal(err)
	}
	if v.Header.Kid == "" || v.Header.Typ != "" || v.Claims.Expires-v.Claims.Issued != 3600 {
		t.Errorf("%+v", v)
	}
	if diff := cmp.Diff([]string{"ERR_JOSE_ALG_NOT_ALLOWED", "ERR_JWT_CLAIM_VALIDATION_FAILED"}, v.Refusals); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
}

// panelToken gives an id token of the first account's administrator.
func panelToken(t *testing.T, f *demo.Fixture) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.BaseURL+"/console/sys/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(f.Accounts[0].Element.ClientID, f.Accounts[0].Element.ClientSecret)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body struct {
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.IDToken == "" {
		t.Fatalf("%s: no token: %v", answer.Status, err)
	}
	return body.IDToken
}
