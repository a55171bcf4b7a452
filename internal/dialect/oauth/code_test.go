package oauth_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/oauth"
)

// RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	callback  = "https://app.example/back"
)

// native is an application without a secret, and a user of its account.
func (w *world) native() (client, authority.Caller) {
	w.t.Helper()
	c := w.add("native", w.home, authority.ApplicationSecret, oauth.Name, `[]`)
	w.exec(`UPDATE principals SET traits = $1 WHERE id = $2`,
		`{"no_secret":true,"redirect_uris":["`+callback+`","http://127.0.0.1/back"]}`, c.principal)
	u := w.add("user", w.home, authority.ServiceToken, "", `["TasksList","TokensRevoke"]`)
	w.exec(`UPDATE principals SET kind = 'user' WHERE id = $1`, u.principal)
	out, err := w.auth.Issue(w.t.Context(), authority.IssueRequest{
		Origin: authority.Origin{Stand: authority.Production, Dialect: "toy", Address: netip.MustParseAddr("127.0.0.1")},
		Kind:   authority.ServiceToken, Secret: authority.NewSecret(u.secret),
	})
	w.must(err)
	return c, out.Caller
}

func question(c client, scope string) url.Values {
	return form("response_type", "code", "client_id", c.id, "redirect_uri", callback, "scope", scope, "state", "s 1",
		"code_challenge", challenge, "code_challenge_method", "S256")
}

// code has the user approve.
func (w *world) code(user authority.Caller, c client, scope, redirect string) string {
	w.t.Helper()
	code, _, err := w.auth.Approve(w.t.Context(), user, authority.CodeRequest{
		ResponseType: "code", ClientID: c.id, RedirectURI: redirect, Scope: scope, Challenge: challenge, Method: "S256",
	}, true)
	w.must(err)
	return code.Reveal()
}

func exchange(c client, code, redirect string) url.Values {
	return form("grant_type", "authorization_code", "client_id", c.id, "code", code, "redirect_uri", redirect, "code_verifier", verifier)
}

func TestCode(t *testing.T) {
	w := newWorld(t)
	c, user := w.native()
	var got oauth.TokenAnswer
	w.read(w.post("/oauth/token", "", exchange(c, w.code(user, c, "TasksList", callback), callback)), &got)
	if got.Scope != "TasksList" || got.Refresh == "" || !w.enters(got.AccessToken) {
		t.Fatalf("%+v", got)
	}
	claims := strings.Split(got.AccessToken, ".")
	if len(claims) != 3 {
		t.Errorf("no JWT: %s", got.AccessToken)
	}
	var next oauth.TokenAnswer
	refresh := form("grant_type", "refresh_token", "client_id", c.id, "refresh_token", got.Refresh)
	w.read(w.post("/oauth/token", "", refresh), &next)
	if next.Scope != "TasksList" || next.Refresh == "" || next.Refresh == got.Refresh || !w.enters(next.AccessToken) {
		t.Errorf("%+v", next)
	}
	w.refused("a wider refresh", w.post("/oauth/token", "", form("grant_type", "refresh_token", "client_id", c.id,
		"refresh_token", next.Refresh, "scope", "TokensRevoke")), http.StatusBadRequest, "invalid_scope")
	w.refused("more than was approved", w.post("/oauth/token", "", form("grant_type", "refresh_token", "client_id", c.id,
		"refresh_token", next.Refresh, "scope", "TasksList TokensRevoke")), http.StatusBadRequest, "invalid_scope")
	var same oauth.TokenAnswer
	w.read(w.post("/oauth/token", "", form("grant_type", "refresh_token", "client_id", c.id,
		"refresh_token", next.Refresh, "scope", "TasksList")), &same)
	if same.Scope != "TasksList" || !w.enters(same.AccessToken) {
		t.Errorf("the scope that was approved: %+v", same)
	}
	next = same
	w.refused("another's refresh token", w.post("/oauth/token", w.clients["main"].basic(),
		form("grant_type", "refresh_token", "refresh_token", next.Refresh)), http.StatusBadRequest, "invalid_grant")
	w.refused("no client", w.post("/oauth/token", "", form("grant_type", "refresh_token", "refresh_token", next.Refresh)),
		http.StatusUnauthorized, "invalid_client")
	for name, change := range map[string][]string{
		"no verifier": {"code_verifier", ""}, "wrong verifier": {"code_verifier", verifier + "x"}, "redirect": {"redirect_uri", callback + "/"},
	} {
		f := exchange(c, w.code(user, c, "", callback), callback)
		f.Set(change[0], change[1])
		w.refused(name, w.post("/oauth/token", "", f), http.StatusBadRequest, "invalid_grant")
	}
	w.read(w.post("/oauth/token", "", exchange(c, w.code(user, c, "", "http://127.0.0.1:50123/back"), "http://127.0.0.1:50123/back")), &got)
	if got.Scope != "TasksList TokensRevoke" {
		t.Errorf("everything is %q", got.Scope)
	}
	w.refused("for others to use", w.post("/oauth/token", w.clients["main"].basic(), form("grant_type", "authorization_code", "code", "x")),
		http.StatusBadRequest, "unauthorized_client")
}

func TestAuthorize(t *testing.T) {
	w := newWorld(t)
	c, _ := w.native()
	base := w.urls[authority.Production]
	for name, test := range map[string]struct {
		change []string
		want   string
	}{
		"right":    {nil, "https://console.example/authorize?client_id=" + c.id + "&code_challenge=" + challenge + "&code_challenge_method=S256&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&scope=TasksList&state=s+1"},
		"scope":    {[]string{"scope", `a"b`}, callback + "?error=invalid_scope&error_description=scope+must+be+permissions+separated+by+single+spaces&iss=" + url.QueryEscape(base) + "&state=s+1"},
		"response": {[]string{"response_type", "id_token"}, callback + "?error=unsupported_response_type&error_description=the+response+type+served+here+is+code&iss=" + url.QueryEscape(base) + "&state=s+1"},
		"plain":    {[]string{"code_challenge_method", "plain"}, callback + "?error=invalid_request&error_description=code_challenge_method+must+be+S256&iss=" + url.QueryEscape(base) + "&state=s+1"},
	} {
		q := question(c, "TasksList")
		if test.change != nil {
			q.Set(test.change[0], test.change[1])
		}
		for method, a := range map[string]answer{"GET": w.get("/oauth/authorize?" + q.Encode()), "POST": w.post("/oauth/authorize", "", q)} {
			if got := a.header.Get("Location"); got != test.want || a.status/100 != 3 || a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s, %s: %d %s\nwant %s", method, name, a.status, got, test.want)
			}
		}
	}
	for _, change := range [][2]string{{"client_id", "nobody"}, {"client_id", w.clients["key"].id}, {"redirect_uri", "https://evil.example/"}, {"client_id", ""}} {
		q := question(c, "")
		q.Set(change[0], change[1])
		if a := w.get("/oauth/authorize?" + q.Encode()); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
			t.Errorf("%v: %d %v", change, a.status, a.header)
		} else if change[0] == "client_id" && strings.Contains(a.body, "client_id is missing") != (change[1] == "") {
			t.Errorf("%v: %s", change, a.body)
		}
	}
}
