package element_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/element"
	"propusk/internal/testenv"
)

func TestProfileIsTheDocumentedOne(t *testing.T) {
	p := element.Profile()
	if p.ID.Lifetime != time.Hour || p.Access.Lifetime != time.Hour || p.ID.Algorithm != "RS512" || p.Refresh.Form != authority.NoToken {
		t.Errorf("%+v", p)
	}
	if len(p.Credentials) != 1 || p.Credentials[0] != authority.AccessKey {
		t.Errorf("exchanges %v", p.Credentials)
	}
}

// The ways in, on one server.
func TestTokens(t *testing.T) {
	whole := newWorld(t, testenv.Options{})
	for _, check := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"documented", checkTokenIsTheDocumentedOne},
		{"literal", checkLiteralResponse},
		{"doors", checkDoors},
		{"ends", checkWhatEndsTokens},
		{"data", checkPresentationIsData},
		{"requests", checkTokenRequests},
		{"expiry", checkExpiry},
		{"revoked", checkRevokedPair},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, whole.under(t)) })
	}
}

// Either bearer of an answer, revoked, takes the other one along, and no other pair.
func checkRevokedPair(t *testing.T, w *world) {
	key := w.ours.people["developer"].key
	for _, member := range []string{"access_token", "id_token"} {
		one, other := w.exchange(w.ours, key), w.exchange(w.ours, key)
		call := testenv.Call{Path: "/oauth/revoke", Type: testenv.Form, Body: "token=" + url.QueryEscape(one.Field(t, member))}
		if a := w.Do(t, call.With(testenv.Basic(key[0], key[1])...)); a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		for _, bearer := range []string{"access_token", "id_token"} {
			w.want(bearer+" after "+member, w.with(w.ours, one.Field(t, bearer), "GET", "/me", ""), 401, 16)
			w.want("another pair's", w.with(w.ours, other.Field(t, bearer), "GET", "/me", ""), 200, 0)
		}
	}
}

// The answer, the JWT's header and its claims are those of the source document.
func checkTokenIsTheDocumentedOne(t *testing.T, w *world) {
	who := w.ours.people["administrator"]
	for i, half := range who.key {
		if raw, err := base64.URLEncoding.DecodeString(half); err != nil || len(raw) != 32 || len(half) != 44 {
			t.Errorf("half %d of the key: %q", i, half)
		}
	}
	a := w.exchange(w.ours, who.key)
	var out map[string]any
	a.JSON(t, &out)
	text, _ := out["id_token"].(string)
	access, _ := out["access_token"].(string)
	if a.Status != 200 || out["token_type"] != "Bearer" || out["expires_in"] != 3600.0 || len(out) != 4 ||
		a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%v %v", out, a.Header)
	}
	header, payload := claims(t, text)
	if header["alg"] != "RS512" || header["kid"] == "" || len(header) != 2 {
		t.Errorf("header %v", header)
	}
	issuer, _ := payload["iss"].(string)
	iat, _ := payload["iat"].(float64)
	sum := sha512.Sum512([]byte(access))
	if len(issuer) != 44 || payload["aud"] != who.key[0] || payload["exp"] != iat+3600 || int64(iat) != epoch.Unix() ||
		payload["at_hash"] != base64.RawURLEncoding.EncodeToString(sum[:32]) || payload["jti"] == "" {
		t.Errorf("claims %v", payload)
	}
	w.verifies(text)
	var subject map[string]any
	sub, _ := payload["sub"].(string)
	w.must(json.Unmarshal([]byte(sub), &subject))
	identity, _ := subject["auth-identity"].(map[string]any)
	if subject["user-id"] != id(who.ID) || subject["user-list-id"] != id(w.ours.account.ID) || subject["user-presentation"] != "administrator" ||
		identity["name"] != who.key[0] || identity["domain"] != "user_tokens" || len(subject) != 4 {
		t.Errorf("sub %s", sub)
	}
	for _, bearer := range []string{text, access} {
		w.want("me", w.with(w.ours, bearer, "GET", "/me", ""), 200, 0)
	}
}

// verifies checks the signature with the published key alone: RFC 7518 §3.3.
func (w *world) verifies(text string) {
	w.t.Helper()
	header, _ := claims(w.t, text)
	for _, k := range w.Server.Data().Ring.JWKS("production", element.Name).Keys {
		if k.Kid != header["kid"] {
			continue
		}
		n, err := base64.RawURLEncoding.DecodeString(k.N)
		w.must(err)
		last := strings.LastIndexByte(text, '.')
		signature, err := base64.RawURLEncoding.DecodeString(text[last+1:])
		w.must(err)
		sum := sha512.Sum512([]byte(text[:last]))
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
		if public.N.BitLen() < 2048 {
			w.t.Errorf("a key of %d bits", public.N.BitLen())
		}
		w.must(rsa.VerifyPKCS1v15(public, crypto.SHA512, sum[:], signature))
		return
	}
	w.t.Errorf("no published key %v", header["kid"])
}

// An account may ask for the source document's answer to the letter.
func checkLiteralResponse(t *testing.T, w *world) {
	a := w.as(w.ours, "administrator", "PATCH", "/settings", `{"element":{"literal_response":true}}`)
	w.want("switch on", a, 200, 0)
	if !strings.Contains(a.Body, `"literal-response":true`) {
		t.Error(a.Body)
	}
	got := w.exchange(w.ours, w.ours.people["administrator"].key)
	var out map[string]any
	got.JSON(t, &out)
	if len(out) != 3 || out["token_type"] != "Bearer" || out["access_token"] != "Not implemented" {
		t.Errorf("%v", out)
	}
	text, _ := out["id_token"].(string)
	_, payload := claims(t, text)
	if payload["at_hash"] != "AccessToken hash (not implemented)" {
		t.Errorf("at_hash %v", payload["at_hash"])
	}
	w.want("the id token is the bearer", w.with(w.ours, text, "GET", "/me", ""), 200, 0)
	w.want("its place holder is not", w.with(w.ours, "Not implemented", "GET", "/me", ""), 401, 16)
	w.want("switch off", w.as(w.ours, "administrator", "PATCH", "/settings", `{"element.literal-response":false}`), 200, 0)
	if again := w.exchange(w.ours, w.ours.people["administrator"].key); again.Field(t, "access_token") == "Not implemented" {
		t.Error("switched off, it is still literal")
	}
}

// Who may come in at which door.
func checkDoors(t *testing.T, w *world) {
	door := func(path string, key [2]string) testenv.Answer {
		call := testenv.Call{Path: path, Type: testenv.Form, Body: "grant_type=client_credentials"}
		a := w.Do(t, call.With(testenv.Basic(key[0], key[1])...))
		w.shape(path, a)
		return a
	}
	visitor, boss := w.ours.people["visitor"], w.ours.people["administrator"]
	application := "/applications/" + id(w.ours.gateway) + "/sys/token"
	w.want("a visitor at the panel", door("/console/sys/token", visitor.key), 403, 7)
	w.want("a user of the panel at an application", door(application, boss.key), 403, 7)
	w.want("another application", door("/applications/"+id(w.away.gateway)+"/sys/token", visitor.key), 404, 5)
	w.want("no application", door("/applications/"+id(12345)+"/sys/token", visitor.key), 404, 5)
	w.want("no UUID", door("/applications/1111/sys/token", visitor.key), 400, 3)
	w.want("the other stand's key", w.exchange(w.ours, w.trial.people["administrator"].key), 401, 16)
	good := door(application, visitor.key)
	w.want("a visitor at his application", good, 200, 0)
	_, payload := claims(t, good.Field(t, "id_token"))
	if sub, _ := payload["sub"].(string); !strings.Contains(sub, `"user-list-id":"`+id(w.ours.gateway)+`"`) {
		t.Errorf("sub %s", sub)
	}
	for _, field := range []string{"id_token", "access_token"} {
		w.want("and nowhere else", w.with(w.ours, good.Field(t, field), "GET", "/me", ""), 403, 7)
	}
	w.want("a user without any right", w.as(w.ours, "nobody", "GET", "/me", ""), 403, 7)
}

// B19, B20: what the way in takes and what it refuses.
func checkTokenRequests(t *testing.T, w *world) {
	key := w.ours.people["administrator"].key
	basic := testenv.Basic(key[0], key[1])
	const good = "grant_type=client_credentials"
	inForm := good + "&client_id=" + testenv.Escape(key[0]) + "&client_secret=" + testenv.Escape(key[1])
	tests := []struct {
		name, body, kind string
		header           []string
		status, number   int
	}{
		{"as printed", good, testenv.Form, basic, 200, 0},
		{"upper case", "grant_type=CLIENT_CREDENTIALS", testenv.Form, basic, 200, 0},
		{"mixed case", "grant_type=Client_Credentials", testenv.Form, basic, 200, 0},
		{"charset", good, "application/x-www-form-urlencoded; charset=UTF-8", basic, 200, 0},
		{"in the form", inForm, testenv.Form, nil, 200, 0},
		{"both, equal", inForm, testenv.Form, basic, 200, 0},
		{"both, other id", inForm + "x", testenv.Form, basic, 400, 3},
		{"both, other secret", good + "&client_secret=x", testenv.Form, basic, 400, 3},
		{"form-encoded inside of Basic", good, testenv.Form, testenv.Basic(testenv.Escape(key[0]), testenv.Escape(key[1])), 200, 0},
		{"none", good, testenv.Form, nil, 401, 16},
		{"wrong secret", good, testenv.Form, testenv.Basic(key[0], key[0]), 401, 16},
		{"wrong id", good, testenv.Form, testenv.Basic(key[1], key[1]), 401, 16},
		{"no secret", good, testenv.Form, testenv.Basic(key[0], ""), 401, 16},
		{"no base64", good, testenv.Form, []string{"Authorization", "Basic " + key[0] + ":" + key[1]}, 401, 16},
		{"no colon", good, testenv.Form, []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(key[0]))}, 401, 16},
		{"a bearer", good, testenv.Form, testenv.Bearer(key[1]), 401, 16},
		{"twice", good, testenv.Form, append(basic[:2:2], basic...), 400, 3},
		{"no grant", "a=b", testenv.Form, basic, 400, 3},
		{"another grant", "grant_type=password", testenv.Form, basic, 400, 3},
		{"refresh", "grant_type=refresh_token&refresh_token=x", testenv.Form, basic, 400, 3},
		{"repeated", good + "&" + good, testenv.Form, basic, 400, 3},
		{"broken", good + "&a=%zz", testenv.Form, basic, 400, 3},
		{"JSON", `{"grant_type":"client_credentials"}`, testenv.JSON, basic, 415, 3},
		{"too long", good + "&a=" + strings.Repeat("a", 70000), testenv.Form, basic, 413, 3},
	}
	for _, test := range tests {
		a := w.Do(t, testenv.Call{Path: "/console/sys/token", Type: test.kind, Body: test.body, Header: test.header})
		w.shape(test.name, a)
		w.want(test.name, a, test.status, test.number)
		if challenge := a.Header.Get("WWW-Authenticate"); a.Status == 401 && !strings.HasPrefix(challenge, `Basic realm="`) {
			t.Errorf("%s: WWW-Authenticate %q", test.name, challenge)
		}
		w.clock.Advance(time.Minute)
	}
	w.want("by GET", w.Do(t, testenv.Call{Path: "/console/sys/token"}), 405, 3)
}

// A key made to expire, a deleted one, a disabled user and switched-off keys end
// tokens at once (B32).
func checkWhatEndsTokens(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	dev := w.ours.people["developer"]
	one := own(w.ours) + "/" + id(dev.ID)
	for name, end := range map[string]func() func(){
		"token access off": func() func() {
			w.want("off", boss("PATCH", one, `{"token-access":false}`), 200, 0)
			w.want("refused", w.exchange(w.ours, dev.key), 401, 16)
			return func() { w.want("on", boss("PATCH", one, `{"token-access":true}`), 200, 0) }
		},
		"disabled": func() func() {
			w.want("off", boss("PATCH", one, `{"disabled":true}`), 200, 0)
			w.want("refused", w.exchange(w.ours, dev.key), 401, 16)
			return func() { w.want("on", boss("PATCH", one, `{"disabled":false}`), 200, 0) }
		},
		"another password": func() func() {
			w.want("password", boss("PATCH", one, `{"password":"another correct horse"}`), 200, 0)
			return func() {}
		},
		"all grants": func() func() {
			w.want("grants", boss("DELETE", "/grants?principal="+id(dev.ID), ""), 204, 0)
			return func() {}
		},
	} {
		a := w.exchange(w.ours, dev.key)
		token, access := a.Field(t, "id_token"), a.Field(t, "access_token")
		w.want(name+": before", w.with(w.ours, token, "GET", "/me", ""), 200, 0)
		restore := end()
		restore()
		for kind, bearer := range map[string]string{"id token": token, "access token": access} {
			w.want(name+": "+kind, w.with(w.ours, bearer, "GET", "/me", ""), 401, 16)
		}
		w.want(name+": afterwards", w.with(w.ours, w.token(w.ours, "developer"), "GET", "/me", ""), 200, 0)
	}
}

// The hour ends, and a key's own expiry comes before it.
func checkExpiry(t *testing.T, w *world) {
	token := w.token(w.ours, "developer")
	made, err := w.admin().GenerateAccessKey(t.Context(), w.system(w.ours), admin.Generate{
		Principal: w.ours.people["developer"].ID, Expires: w.clock.Now().Add(10 * time.Minute),
	})
	w.must(err)
	short := w.exchange(w.ours, [2]string{made.Credential.ClientID, made.Secret.Reveal()})
	var answer struct {
		Expires int64 `json:"expires_in"`
	}
	short.JSON(t, &answer)
	if answer.Expires != 600 {
		t.Errorf("expires_in %d", answer.Expires)
	}
	w.clock.Advance(11 * time.Minute)
	w.want("the key's end", w.with(w.ours, short.Field(t, "id_token"), "GET", "/me", ""), 401, 16)
	w.want("within the hour", w.with(w.ours, token, "GET", "/me", ""), 200, 0)
	w.clock.Advance(50 * time.Minute)
	w.want("after the hour", w.with(w.ours, token, "GET", "/me", ""), 401, 16)
}

// B10: names are data, whatever they hold.
func checkPresentationIsData(t *testing.T, w *world) {
	name := `","user-id":"x"},{"auth-identity":{"name":"evil"}} <b>\"'`
	dev := w.ours.people["developer"]
	body, err := json.Marshal(map[string]string{"name": name})
	w.must(err)
	w.want("rename", w.as(w.ours, "administrator", "PATCH", own(w.ours)+"/"+id(dev.ID), string(body)), 200, 0)
	_, payload := claims(t, w.token(w.ours, "developer"))
	sub, _ := payload["sub"].(string)
	var subject struct {
		UserID       string `json:"user-id"`
		Presentation string `json:"user-presentation"`
	}
	w.must(json.Unmarshal([]byte(sub), &subject))
	if subject.Presentation != name || subject.UserID != id(dev.ID) {
		t.Errorf("sub %s", sub)
	}
}
