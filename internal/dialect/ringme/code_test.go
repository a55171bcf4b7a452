package ringme_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/dialect/ringme"
	"propusk/internal/testenv"
)

const back = "http://127.0.0.1:8765/callback"

// public is an application that users let act as them.
func (w *world) public(t *testing.T, name string, traits authority.Traits) app {
	t.Helper()
	traits.Type, traits.RedirectURIs = ringme.Public, []string{back}
	w.makeApp(t, name, traits)
	return w.apps[name]
}

func (w *world) person() demo.Person {
	return demo.Person{Login: "ringer", Password: w.password.Reveal()}
}

// authorize sends a browser to the authorization endpoint; pairs change what is
// asked, "" takes it away.
func (w *world) authorize(t *testing.T, client string, pairs ...string) testenv.Answer {
	t.Helper()
	return w.Do(t, testenv.Call{Path: "/oauth/authorize?" + asked(client, pairs...).Encode()})
}

func asked(client string, pairs ...string) url.Values {
	q := testenv.Authorize(client, back)
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// answer reads where a browser was sent, and with what.
func answer(t *testing.T, location string) (at string, q url.Values) {
	t.Helper()
	u, err := url.Parse(location)
	must(t, err)
	q, u.RawQuery = u.Query(), ""
	return u.String(), q
}

func TestAuthorize(t *testing.T) {
	w := newWorld(t)
	client := w.public(t, "spa", authority.Traits{NoSecret: true, Access: ringme.CallAPI}).client
	at, q := answer(t, w.authorize(t, client, "scope", "all").Header.Get("Location"))
	if at != w.Fixture.ConsoleURL+"/authorize" || q.Get("client_id") != client || q.Get("state") != "a state" || q.Get("code_challenge") != testenv.Challenge {
		t.Errorf("to %s with %v", at, q)
	}
	form := testenv.Call{Path: "/oauth/authorize", Type: testenv.Form, Body: asked(client).Encode()}
	if a := w.Do(t, form); a.Status != http.StatusSeeOther || a.Header.Get("Location") == "" {
		t.Errorf("as a form: %d %v", a.Status, a.Header)
	}
	for name, test := range map[string]struct {
		pairs []string
		word  string // of the redirect; "" = none
	}{
		"response type":  {[]string{"response_type", "token"}, "unsupported_response_type"},
		"no type":        {[]string{"response_type", ""}, "invalid_request"},
		"plain":          {[]string{"code_challenge_method", "plain"}, "invalid_request"},
		"no PKCE":        {[]string{"code_challenge_method", "", "code_challenge", ""}, "invalid_request"},
		"scope":          {[]string{"scope", "some"}, "invalid_scope"},
		"trusted":        {[]string{"client_id", w.apps["trusted"].client}, ""}, // has registered no address
		"unknown client": {[]string{"client_id", "nobody"}, ""},
		"slash":          {[]string{"redirect_uri", back + "/"}, ""},
		"case":           {[]string{"redirect_uri", strings.ToUpper(back)}, ""},
		"port":           {[]string{"redirect_uri", "http://127.0.0.1:8766/callback"}, ""},
		"query":          {[]string{"redirect_uri", back + "?a=b"}, ""},
		"evil":           {[]string{"redirect_uri", "https://evil.example/"}, ""},
		"another stand":  {[]string{"client_id", w.Fixture.Test.Accounts[0].Ringme.Public.ApplicationID}, ""},
		"long state":     {[]string{"state", strings.Repeat("s", 5000)}, ""},
	} {
		a := w.authorize(t, client, test.pairs...)
		if test.word == "" {
			expect(t, name, a, 400, `\{"error":"invalid_request".*\}`)
			if a.Header.Get("Location") != "" || a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %v", name, a.Header)
			}
			continue
		}
		at, q := answer(t, a.Header.Get("Location"))
		if a.Status != http.StatusFound || at != back || q.Get("error") != test.word || q.Get("error_description") == "" ||
			q.Get("state") != "a state" || q.Get("iss") != w.Fixture.BaseURL {
			t.Errorf("%s: %d %s %v", name, a.Status, at, q)
		}
	}
	twice := w.Do(t, testenv.Call{Path: "/oauth/authorize?" + asked(client).Encode() + "&state=other"})
	expect(t, "twice", twice, 400, `\{"error":"(invalid_request|malformed)".*\}`)
}

// A browser that cannot be sent back is shown a page, with nothing in it that the
// address has brought.
func TestAuthorizePage(t *testing.T) {
	w := newWorld(t)
	call := testenv.Call{Path: "/oauth/authorize?" + asked("<script>alert(1)</script>", "redirect_uri", "https://evil.example/<b>").Encode()}
	a := w.Do(t, call.With("Accept", "text/html,*/*", "Accept-Language", "ru"))
	if a.Status != 400 || a.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(a.Body, "Эта ссылка не работает") ||
		strings.Contains(a.Body, "alert") || strings.Contains(a.Body, "evil") || !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v %s", a.Status, a.Header, a.Body)
	}
}

// The whole way: B33.
func TestCode(t *testing.T) {
	w := newWorld(t)
	spa := w.public(t, "spa", authority.Traits{NoSecret: true, Access: ringme.CallAPI})
	site := w.public(t, "site", authority.Traits{Access: ringme.All})
	exchange := func(client app, code string, pairs ...string) testenv.Answer {
		return w.token(t, append([]string{"grant_type", "authorization_code", "client_id", client.client, "redirect_uri", back, "code", code}, pairs...)...)
	}
	code := w.Code(t, authority.Production, w.person(), spa.client, back)
	expect(t, "no verifier", exchange(spa, code), 401, `\{"error":"invalid_grant".*\}`)
	expect(t, "another's", exchange(site, code, "code_verifier", testenv.Verifier, "client_secret", site.secret), 401, `\{"error":"invalid_grant".*\}`)
	expect(t, "a wrong secret", exchange(site, code, "client_secret", spa.client), 401, `\{"error":"invalid_client".*\}`)
	expect(t, "no code", exchange(spa, ""), 400, `\{"error":"invalid_request".*\}`)
	expect(t, "a trusted one", exchange(w.apps["trusted"], code, "client_secret", w.apps["trusted"].secret), 400, `\{"error":"unauthorized_client".*\}`)
	first := exchange(spa, code, "code_verifier", testenv.Verifier)
	expect(t, "tokens", first, 200, `\{"access_token":"[0-9A-Za-z]{30}","token_type":"Bearer","expires_in":3600,"refresh_token":"[^"]+","scope":"all"\}`)
	expect(t, "acts as the user", w.me(t, first.Field(t, "access_token")), 200, `.*"login":"ringer".*`)
	next := w.token(t, "grant_type", "refresh_token", "client_id", spa.client, "refresh_token", first.Field(t, "refresh_token"))
	expect(t, "refresh", next, 200, "")
	expect(t, "again", exchange(spa, code, "code_verifier", testenv.Verifier), 401, `\{"error":"invalid_grant".*\}`)
	for _, a := range []testenv.Answer{first, next} {
		expect(t, "after a second use", w.me(t, a.Field(t, "access_token")), 401, "")
	}
	late := w.Code(t, authority.Production, w.person(), spa.client, back)
	w.clock.Advance(time.Minute)
	expect(t, "late", exchange(spa, late, "code_verifier", testenv.Verifier), 401, `\{"error":"invalid_grant".*\}`)

	code = w.Code(t, authority.Production, w.person(), site.client, back)
	expect(t, "without the secret", exchange(site, code, "code_verifier", testenv.Verifier), 401, `\{"error":"invalid_client".*\}`)
	got := exchange(site, code, "code_verifier", testenv.Verifier, "client_secret", site.secret)
	expect(t, "with it", got, 200, "")
	must(t, w.Server.Data().Admin.WithdrawConsent(t.Context(), w.caller, w.user.ID, site.id))
	expect(t, "withdrawn", w.me(t, got.Field(t, "access_token")), 401, "")
}

// What happens to the user between approval and exchange.
func TestCodeOfABlockedUser(t *testing.T) {
	w := newWorld(t)
	spa := w.public(t, "spa", authority.Traits{NoSecret: true})
	code := w.Code(t, authority.Production, w.person(), spa.client, back)
	must(t, setBlocked(t, w, true))
	must(t, setBlocked(t, w, false))
	a := w.token(t, "grant_type", "authorization_code", "client_id", spa.client, "redirect_uri", back, "code", code, "code_verifier", testenv.Verifier)
	expect(t, "blocked for a while", a, 401, `\{"error":"invalid_grant".*\}`)
	off := true
	_, err := w.Server.Data().Admin.ChangeApplication(t.Context(), w.caller, admin.PrincipalEdit{ID: spa.id, Disabled: &off})
	must(t, err)
	expect(t, "a blocked application", w.authorize(t, spa.client), 400, "")
}

// A host in any alphabet is one host, however an application writes it.
func TestAuthorizeAnyAlphabet(t *testing.T) {
	w := newWorld(t)
	w.makeApp(t, "idn", authority.Traits{Type: ringme.Public, Access: ringme.CallAPI, RedirectURIs: []string{"https://пример.рф/cb"}})
	for sent, taken := range map[string]bool{
		"https://пример.рф/cb": true, "https://xn--e1afmkfd.xn--p1ai/cb": true, "": true,
		"https://xn--e1afmkfd.xn--p1ai/CB": false, "https://примеp.рф/cb": false,
	} {
		got := w.authorize(t, w.apps["idn"].client, "redirect_uri", sent)
		if (got.Status < 400) != taken {
			t.Errorf("%q: %d %s", sent, got.Status, got.Body)
		}
	}
}
