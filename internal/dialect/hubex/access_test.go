package hubex_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect/hubex"
)

// exchange gives the answer of AccessTokens to a service token.
func (w *world) exchange(secret authority.Secret) map[string]any {
	w.t.Helper()
	a := w.do("POST", "/fsm/AUTHZ/AccessTokens", `{"serviceToken":"`+secret.Reveal()+`"}`)
	var out map[string]any
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != 200 {
		w.t.Fatalf("%d %s", a.Status, a.Body)
	}
	return out
}

func TestAccessTokenIsTheDocumentedJWT(t *testing.T) {
	w := newWorld(t)
	out := w.exchange(w.ours.tokens["full"])
	text, _ := out["access_token"].(string)
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatal("no JWT")
	}
	header, claims := map[string]any{}, map[string]any{}
	for i, into := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		w.must(err)
		w.must(json.Unmarshal(raw, into))
	}
	if header["alg"] != "HS256" || header["typ"] != "JWT" || header["kid"] == "" || len(header) != 3 {
		t.Errorf("header %v", header)
	}
	iat, _ := claims["iat"].(float64)
	exp, _ := claims["exp"].(float64)
	if exp-iat != 86400 || out["expires_in"] != exp-iat {
		t.Errorf("exp − iat = %v, expires_in = %v", exp-iat, out["expires_in"])
	}
	if want := time.Unix(int64(exp), 0).UTC().Format(time.RFC3339); out["jwtValidTill"] != want {
		t.Errorf("jwtValidTill %v, want %s", out["jwtValidTill"], want)
	}
	for name, secret := range w.ours.tokens {
		if strings.Contains(text, secret.Reveal()) {
			t.Errorf("the token holds the secret of %s", name)
		}
	}
}

func TestProfileIsTheDocumentedOne(t *testing.T) {
	p := hubex.Profile()
	const day = 24 * time.Hour
	if p.Access.Lifetime != day || p.Refresh.Lifetime != 30*day || p.Family != 180*day || p.ReplayWindow != 30*time.Second {
		t.Errorf("%+v", p)
	}
}

// Rule 3, B18: what is no bearer of ours does not get in.
func TestBearersThatAreNone(t *testing.T) {
	w := newWorld(t)
	good := w.token(w.ours, "full")
	foreign := w.tokenOf("other", w.ours.tokens["full"])
	refresh, _ := w.exchange(w.ours.tokens["full"])["refresh_token"].(string)
	tests := []struct {
		name    string
		headers []string
		status  int
	}{
		{"none", nil, 401},
		{"no token", []string{"Authorization: Bearer"}, 400},
		{"words", []string{"Authorization: Bearer Not implemented"}, 400},
		{"no scheme", []string{"Authorization: " + good}, 401},
		{"another scheme", []string{"Authorization: Token " + good}, 401},
		{"basic", []string{"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("a:"+good))}, 401},
		{"twice", []string{"Authorization: Bearer " + good, "Authorization: Bearer " + good}, 400},
		{"in a cookie", []string{"Cookie: access_token=" + good}, 401},
		{"of another dialect", []string{"Authorization: Bearer " + foreign}, 401},
		{"a refresh token", []string{"Authorization: Bearer " + refresh}, 401},
		{"a service token", []string{"Authorization: Bearer " + w.ours.tokens["full"].Reveal()}, 401},
		{"one letter more", []string{"Authorization: Bearer " + good + "A"}, 401},
		{"padded", []string{"Authorization: Bearer " + good + "="}, 401},
		{"good", []string{"Authorization: Bearer " + good}, 200},
		{"scheme in any case", []string{"authorization: BEARER    " + good}, 200},
	}
	for _, test := range tests {
		a := w.do("GET", "/fsm/WORK/Tasks", "", test.headers...)
		if a.Status != test.status && (test.status == 200 || a.Status != 400 && a.Status != 401) {
			t.Errorf("%s: %d, want %d: %s", test.name, a.Status, test.status, a.Body)
		}
	}
	for _, query := range []string{"access_token=", "token=", "authorization=Bearer%20"} {
		if a := w.do("GET", "/fsm/WORK/Tasks?"+query+good, ""); a.Status != 401 {
			t.Errorf("in the query as %s: %d", query, a.Status)
		}
	}
	for _, query := range []string{"access_token=", "TOKEN=", "serviceToken="} { // beside the header
		if a := w.do("GET", "/fsm/WORK/Tasks?fetch=1&"+query+good, "", "Authorization: Bearer "+good); a.Status != 400 || a.Header.Get("Link") != "" {
			t.Errorf("beside the header as %s: %d", query, a.Status)
		}
	}
	if a := w.do("POST", "/fsm/WORK/Tasks", `{"title":"x"}`, "Authorization: Bearer "+good, "Content-Type: application/json", "X-Concurrency-Stamp: "); a.Status != 400 {
		t.Errorf("an empty stamp: %d", a.Status)
	}
}

// Rule 18: guessing is limited, and only guessing.
func TestRefusedSecretsAreLimited(t *testing.T) {
	w := newWorld(t)
	wrong := authority.NewSecretText(authority.ServiceToken, w.ours.creds["full"]).Reveal()
	var last answer
	for range 11 {
		last = w.do("POST", "/fsm/AUTHZ/AccessTokens", `{"serviceToken":"`+wrong+`"}`)
	}
	if last.Status != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" || last.code(t) != "TooManyRequests" {
		t.Errorf("the eleventh guess: %d %v %s", last.Status, last.Header, last.Body)
	}
	w.exchange(w.ours.tokens["full"])
}

// Rule 13: what happened is in the audit, with door, address and request.
func TestAudit(t *testing.T) {
	w := newWorld(t)
	out := w.exchange(w.ours.tokens["full"])
	w.do("POST", "/fsm/AUTHZ/AccessTokens", fmt.Sprintf(`{"refreshJwt":%q}`, out["refresh_token"]), "X-Request-ID: refresh-1")
	w.do("POST", "/fsm/AUTHZ/AccessTokens", `{"serviceToken":"wrong"}`, "X-Request-ID: wrong-1")
	token := w.token(w.ours, "full")
	made := w.as(token, "POST", "/fsm/WORK/Tasks", `{"title":"Раз"}`, "X-Request-ID: make-1")
	var task struct{ ID string }
	w.must(json.Unmarshal([]byte(made.Body), &task))
	w.as(token, "PATCH", "/fsm/WORK/Tasks/"+task.ID, `{"title":"Два"}`, "X-Request-ID: patch-1")
	w.as(token, "POST", "/fsm/WORK/Tasks/"+task.ID+"/conversation", `{"text":"Три"}`, "X-Request-ID: comment-1")
	w.as(token, "POST", "/fsm/WORK/TaskStagingHistory",
		fmt.Sprintf(`{"taskID":%s,"taskStageID":%s}`, task.ID, w.names["stage_work"]), "X-Request-ID: move-1")
	w.as(token, "DELETE", "/fsm/WORK/Tasks/"+task.ID, "", "X-Request-ID: remove-1")
	w.as(w.token(w.ours, "limited"), "GET", "/fsm/WORK/Tasks", "", "X-Request-ID: forbidden-1")
	w.must(w.auth.Flush(t.Context()))
	for request, want := range map[string]string{
		"refresh-1": "verb = 'token.refresh' AND door = 'refresh_token' AND outcome = 'done'",
		"wrong-1":   "verb = 'token.issue' AND door = 'service_token' AND outcome = 'refused' AND account = 0",
		"make-1":    "verb = 'task.create' AND outcome = 'done'", "patch-1": "verb = 'task.change' AND outcome = 'done'",
		"comment-1": "verb = 'task.comment' AND outcome = 'done'", "move-1": "verb = 'task.move' AND outcome = 'done'",
		"remove-1":    "verb = 'task.remove' AND outcome = 'done'",
		"forbidden-1": "outcome = 'refused' AND reason = 'permission'",
	} {
		n := w.count(`SELECT count(*) FROM audit WHERE dialect = 'hubex' AND address = '127.0.0.1' AND request_id = $1 AND `+want, request)
		if all := w.count(`SELECT count(*) FROM audit WHERE request_id = $1`, request); n != 1 || all != 1 {
			t.Errorf("%s: %d entries, %d as wanted (%s)", request, all, n, want)
		}
	}
}
