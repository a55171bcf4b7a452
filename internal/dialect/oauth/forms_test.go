package oauth_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
	"propusk/internal/dialect/oauth"
)

func base(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// B19: spellings of Basic.
func TestBasicSpellings(t *testing.T) {
	w := newWorld(t)
	main, key := w.clients["main"], w.clients["key"]
	tests := []struct {
		name, header string
		status       int
	}{
		{"as curl sends it", "Basic " + base(main.id+":"+main.secret), 200},
		{"form-encoded as RFC 6749 asks", key.basic(), 200},
		{"raw, of an access key", "Basic " + base(key.id+":"+key.secret), 200},
		{"scheme in lower case", "basic " + base(main.id+":"+main.secret), 200},
		{"two spaces", "Basic  " + base(main.id+":"+main.secret), 200},
		{"blank behind", "Basic " + base(main.id+":"+main.secret) + " ", 200},
		{"no base64", "Basic " + main.id + ":" + main.secret, 401},
		{"no colon", "Basic " + base(main.id), 401},
		{"no secret", "Basic " + base(main.id+":"), 401},
		{"no id", "Basic " + base(":"+main.secret), 401},
		{"nothing", "Basic", 401},
		{"only a colon", "Basic " + base(":"), 401},
		{"secret and more", "Basic " + base(main.id+":"+main.secret+"x"), 401},
		{"secret cut", "Basic " + base(main.id+":"+main.secret[:len(main.secret)-1]), 401},
		{"line feed", "Basic " + base(main.id+":"+main.secret+"\n"), 401},
		{"NUL", "Basic " + base(main.id+"\x00:"+main.secret), 401},
		{"NUL, encoded", "Basic " + base(main.id+"%00:"+main.secret), 401},
		{"no text", "Basic " + base("\xff:\xfe"), 401},
		{"stray percent", "Basic " + base(main.id+":%zz"), 401},
		{"swapped", "Basic " + base(main.secret+":"+main.id), 401},
		{"64 kB", "Basic " + base(main.id+":"+strings.Repeat("x", 16<<10)), 401},
		{"Digest", `Digest username="` + main.id + `"`, 401},
		{"Bearer of the secret", "Bearer " + main.secret, 401},
	}
	for _, test := range tests {
		w.clock.Advance(5 * 60e9) // keeps the limit on refused attempts out of the way
		a := w.post("/oauth/token", test.header, form("grant_type", "client_credentials"))
		if a.status != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, a.status, a.body, test.status)
		}
		if a.status == http.StatusUnauthorized {
			w.refused(test.name, a, http.StatusUnauthorized, "invalid_client")
			if got := a.header.Get("WWW-Authenticate"); got != `Basic realm="propusk"` {
				t.Errorf("%s: WWW-Authenticate %q", test.name, got)
			}
		}
	}
}

// B22: long and odd secrets are compared whole, however they come.
func TestOddSecretsAreComparedWhole(t *testing.T) {
	w := newWorld(t)
	secrets := []string{
		"a+b/c=d e", "100%", "%41", "пароль", "a:b:c", "é", `"\`, strings.Repeat("x", 71), strings.Repeat("x", 72),
		strings.Repeat("x", 73), strings.Repeat("x", 128), strings.Repeat("x", 1024), "a&b=c;d",
	}
	for i, secret := range secrets {
		c := client{
			id: "odd " + string(rune('a'+i)), secret: norm.NFC.String(secret),
			principal: w.clients["plain"].principal, credential: authority.NewID(),
		}
		w.insertSecret(w.home, c, authority.ApplicationSecret, "")
		inForm := form("grant_type", "client_credentials", "client_id", c.id, "client_secret", secret)
		for how, a := range map[string]answer{
			"Basic": w.post("/oauth/token", c.basic(), form("grant_type", "client_credentials")),
			"form":  w.post("/oauth/token", "", inForm),
			"both":  w.post("/oauth/token", c.basic(), inForm),
		} {
			if a.status != http.StatusOK {
				t.Errorf("%q by %s: %d %s", secret, how, a.status, a.body)
			}
		}
		for _, wrong := range []string{secret[:len(secret)-1], secret + "x", secret[:len(secret)-1] + "\x01", strings.ToUpper(secret) + " "} {
			inForm.Set("client_secret", wrong)
			if a := w.post("/oauth/token", "", inForm); a.status == http.StatusOK {
				t.Errorf("%q was taken for %q", wrong, secret)
			}
		}
		w.clock.Advance(5 * 60e9)
	}
}

// B20: bodies that are no form, at each endpoint.
func TestBrokenFormsAreRefusedInTheDialectsShape(t *testing.T) {
	w := newWorld(t)
	basic := w.clients["main"].basic()
	urlencoded := "application/x-www-form-urlencoded"
	tests := []struct {
		name, kind, body string
		status           int
	}{
		{"multipart", "multipart/form-data; boundary=x", "--x--", 400},
		{"no content type", "", "grant_type=client_credentials&token=x", 400},
		{"text", "text/plain", "grant_type=client_credentials&token=x", 400},
		{"other charset", urlencoded + "; charset=windows-1251", "grant_type=client_credentials&token=x", 400},
		{"broken type", "application/x-www-form-urlencoded; =", "grant_type=client_credentials&token=x", 400},
		{"empty", urlencoded, "", 400},
		{"no pairs", urlencoded, "&&&", 400},
		{"JSON called a form", urlencoded, `{"grant_type":"client_credentials","token":"x"}`, 400},
		{"broken percent", urlencoded, "grant_type=client_credentials%&token=%zz", 400},
		{"semicolon", urlencoded, "grant_type=client_credentials;token=x", 400},
		{"no UTF-8", urlencoded, "grant_type=client_credentials&token=x&scope=%ff", 400},
		{"NUL", urlencoded, "grant_type=client_credentials&token=x&scope=%00", 400},
		{"twice and alike", urlencoded, "token=x&token=x&grant_type=client_credentials&grant_type=client_credentials", 400},
		{"secret twice", urlencoded, "grant_type=client_credentials&token=x&client_secret=a&client_secret=b", 400},
		{"10,000 fields", urlencoded, "grant_type=client_credentials&token=x" + strings.Repeat("&a=", 10_000), 400},
		{"too large", urlencoded, "grant_type=client_credentials&token=x&a=" + strings.Repeat("x", 1<<20), 413},
	}
	for _, path := range []string{"/oauth/token", "/oauth/introspect", "/oauth/revoke"} {
		for _, test := range tests {
			header := http.Header{"Authorization": {basic}}
			if test.kind != "" {
				header.Set("Content-Type", test.kind)
			}
			a := w.send(authority.Production, http.MethodPost, path, test.body, header)
			w.refused(path+" "+test.name, a, test.status, "invalid_request")
		}
	}
}

func TestTwoAuthorizationsAreRefused(t *testing.T) {
	w := newWorld(t)
	basic := w.clients["main"].basic()
	header := http.Header{"Authorization": {basic, basic}, "Content-Type": {"application/x-www-form-urlencoded"}}
	a := w.send(authority.Production, http.MethodPost, "/oauth/token", "grant_type=client_credentials", header)
	w.refused("two fields", a, http.StatusBadRequest, "invalid_request")
}

func TestGrantTypesAndScopesOfTheWrongShape(t *testing.T) {
	w := newWorld(t)
	basic := w.clients["main"].basic()
	for _, grant := range []string{
		"Client_Credentials", "client_credentials ", "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
		"urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer", "\"",
	} {
		a := w.post("/oauth/token", basic, form("grant_type", grant))
		w.refused(grant, a, http.StatusBadRequest, "unsupported_grant_type")
	}
	for _, scope := range []string{
		" ", " TasksList", "TasksList ", "TasksList  TokensRevoke", "taskslist", `"TasksList"`, `Tasks\List`, "Задачи",
		"TasksList\tTokensRevoke", "*", "all", "TasksList,TokensRevoke",
	} {
		a := w.post("/oauth/token", basic, form("grant_type", "client_credentials", "scope", scope))
		w.refused(scope, a, http.StatusBadRequest, "invalid_scope")
	}
	for _, scope := range []string{"TokensRevoke TasksList", "TasksList TasksList TokensRevoke"} {
		var got oauth.TokenAnswer
		w.read(w.post("/oauth/token", basic, form("grant_type", "client_credentials", "scope", scope)), &got)
		if got.Scope != "TasksList TokensRevoke" {
			t.Errorf("scope %q gave %q", scope, got.Scope)
		}
	}
}

// FuzzBasic checks that whatever a header holds, what comes out of it is text,
// and that what RFC 6749 §2.3.1 encodes comes back.
func FuzzBasic(f *testing.F) {
	for _, seed := range []string{"Basic YTpi", "Basic YTo=", "basic  Og==", "Basic \xff", "Bearer YTpi", "Basic JTAwOiU="} {
		f.Add(seed, "id", "secret")
	}
	f.Add("", "a:b", "c d+%")
	f.Fuzz(func(t *testing.T, header, id, secret string) {
		gotID, gotSecret, err := oauth.BasicClient(request(header))
		if err != nil && authority.CodeOf(err) != authority.InvalidClient {
			t.Errorf("%q: %v", header, err)
		}
		for _, text := range []string{gotID, gotSecret} {
			if !plain(text) {
				t.Errorf("%q gave %q", header, text)
			}
		}
		encoded := "Basic " + base(url.QueryEscape(id)+":"+url.QueryEscape(secret))
		gotID, gotSecret, err = oauth.BasicClient(request(encoded))
		if wanted := plain(id) && plain(secret) && id != ""; wanted != (err == nil) {
			t.Errorf("%q, %q: %v", id, secret, err)
		}
		if err == nil && (gotID != norm.NFC.String(id) || gotSecret != norm.NFC.String(secret)) {
			t.Errorf("%q, %q came back as %q, %q", id, secret, gotID, gotSecret)
		}
	})
}

func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func request(authorization string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", nil)
	r.Header["Authorization"] = []string{authorization}
	return r
}
