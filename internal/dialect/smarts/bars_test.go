package smarts_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/smarts"
	"propusk/internal/store"
)

// The seed's own request, byte for byte but for the length that its print lacks.
func TestPrintedRequest(t *testing.T) {
	w := newWorld(t)
	body := "grant_type=password&client_id=123&client_secret=user&username=external&password=Pa%24%24+word+1"
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.base, "http://"))
	w.must(err)
	defer c.Close()
	_, err = io.WriteString(c, "POST /oauth/token HTTP/1.1\r\nHost: mobilesmapts.ru/api/session\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	w.must(err)
	got, err := io.ReadAll(c)
	w.must(err)
	if text := string(got); !strings.HasPrefix(text, "HTTP/1.1 200 OK\r\n") || !strings.Contains(text, `{"Access_token":"`) {
		t.Error(text)
	}
}

// B21: failures of one login count together whatever door they came through;
// its owner still gets in from elsewhere.
func TestThrottle(t *testing.T) {
	w := newWorld(t)
	doors := []func() answer{
		func() answer { return w.do("GET", "/api/session?username=External&password=no", "") },
		func() answer {
			return w.form("/oauth/token", "grant_type", "password", "username", "external", "password", "no!")
		},
		func() answer { return w.do("GET", "/api/v1/Users", "", "Authorization: Basic EXTERNAL:nope") },
		func() answer {
			return w.form("/MobileSMARTS/api/v1/session", "grant_type", "password", "username", "eXternal", "password", "wrong")
		},
	}
	for i := range 10 {
		if a := doors[i%len(doors)](); a.Status != http.StatusUnauthorized {
			t.Fatalf("failure %d: %d %s", i, a.Status, a.Body)
		}
	}
	for i, door := range doors {
		if a := door(); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
			t.Errorf("door %d: %d %v", i, a.Status, a.Header)
		}
	}
	elsewhere := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}}
	defer elsewhere.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", w.base+"/api/session?username=external&password=Pa$$%20word%201", nil)
	w.must(err)
	resp, err := elsewhere.Do(req)
	w.must(err)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("from elsewhere: %d", resp.StatusCode)
	}
	w.clock.Advance(6 * time.Minute)
	w.signIn("external")
}

// B65: what came in the address is in no log line and no audit entry.
func TestAddressIsNotKept(t *testing.T) {
	w := newWorld(t)
	for _, password := range []string{"Pa$$%20word%201", "VerySecretGuess"} {
		w.do("GET", "/api/session?username=external&password="+password, "")
		w.do("GET", "/api/session?username=external&password="+password, "", "Purpose: prefetch")
		w.do("HEAD", "/api/session?username=external&password="+password, "")
		w.do("GET", "/api/v1/nothing?username=external&password="+password, "")
		w.do("GET", "/api/session?username=external&password=%zz"+password, "")
	}
	w.must(w.auth.Flush(t.Context()))
	if log := w.log.String(); log == "" || strings.Contains(log, "VerySecretGuess") || strings.Contains(log, "word%201") || strings.Contains(log, "password=") {
		t.Error(log)
	}
	var kept int
	w.must(w.db.ReadOne(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM audit WHERE reason || object || verb || door LIKE '%Secret%'`).Scan(&kept)
	}))
	if kept != 0 {
		t.Errorf("%d entries speak of it", kept)
	}
}

// The ways in that should be given up are counted, the others are not.
func TestWeakDoorsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.do("GET", "/api/session?username=external&password=Pa$$%20word%201", "")
	w.do("GET", "/api/session?username=external&password=wrong", "")
	pair := w.signIn("external")
	w.form("/api/session", "grant_type", "refresh_token", "refresh_token", pair.Refresh)
	for range 3 {
		w.do("GET", "/api/v1/UserGroups", "", "Authorization: Basic external:Pa$$ word 1")
	}
	w.do("GET", "/api/v1/UserGroups", "", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("external:Pa$$ word 1")))
	w.must(w.auth.Flush(t.Context()))
	got := map[string]int{}
	w.must(w.db.ReadOne(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT door, uses FROM door_uses`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var door string
			var n int
			if err := rows.Scan(&door, &n); err != nil {
				return err
			}
			got[door] = n
		}
		return rows.Close()
	}))
	if len(got) != 2 || got["query"] != 1 || got["basic_raw"] != 3 {
		t.Errorf("%v", got)
	}
}

// B26: a pair that is remembered is forgotten with the password, as are the
// tokens that were had with it.
func TestPasswordChange(t *testing.T) {
	w := newWorld(t)
	const basic = "Authorization: Basic external:Pa$$ word 1"
	pair := w.signIn("external")
	for range 2 {
		if a := w.do("GET", "/api/v1/Users", "", basic); a.Status != http.StatusOK {
			t.Fatal(a.Status, a.Body)
		}
	}
	w.must(w.admin.SetPassword(t.Context(), w.system(w.ours), w.users["external"], authority.NewSecret("another one")))
	for _, a := range []answer{
		w.do("GET", "/api/v1/Users", "", basic),
		w.do("GET", "/api/v1/Users", "", "Authorization: Bearer "+pair.Access),
		w.form("/api/session", "grant_type", "refresh_token", "refresh_token", pair.Refresh),
	} {
		if a.Status != http.StatusUnauthorized {
			t.Errorf("after the change: %d %s", a.Status, a.Body)
		}
	}
	if a := w.do("GET", "/api/v1/Users", "", "Authorization: Basic external:another one"); a.Status != http.StatusOK {
		t.Errorf("the new one: %d", a.Status)
	}
}

// B26: pairs that join to the same text are two pairs.
func TestPairsAreApart(t *testing.T) {
	w := newWorld(t)
	w.user(w.ours, [4]string{"ab", "ab", authority.GroupExternalConnection, "c-12345678"})
	for _, c := range []struct {
		pair string
		want int
	}{{"ab:c-12345678", 200}, {"a:bc-12345678", 401}, {"abc:-12345678", 401}, {"ab:c-12345678 ", 401}, {"ab:C-12345678", 401}, {"AB:c-12345678", 200}} {
		value := base64.StdEncoding.EncodeToString([]byte(c.pair))
		if a := w.do("GET", "/api/v1/UserGroups", "", "Authorization: Basic "+value); a.Status != c.want {
			t.Errorf("%q: %d", c.pair, a.Status)
		}
	}
}

// B9, B18: what is presented where it does not belong.
func TestKindsAreApart(t *testing.T) {
	w := newWorld(t)
	pair := w.signIn("external")
	for name, a := range map[string]answer{
		"refresh token as bearer":   w.do("GET", "/api/v1/Users", "", "Authorization: Bearer "+pair.Refresh),
		"password as bearer":        w.do("GET", "/api/v1/Users", "", "Authorization: Bearer terminal-1-pass"),
		"access token as refresh":   w.form("/oauth/token", "grant_type", "refresh_token", "refresh_token", pair.Access),
		"access token as password":  w.form("/oauth/token", "grant_type", "password", "username", "external", "password", pair.Access),
		"access token by Basic":     w.do("GET", "/api/v1/Users", "", "Authorization: Basic external:"+pair.Access),
		"token in the address":      w.do("GET", "/api/v1/Users?access_token="+pair.Access, ""),
		"token in a cookie":         w.do("GET", "/api/v1/Users", "", "Cookie: access_token="+pair.Access),
		"name and password in vain": w.do("GET", "/api/v1/Users?username=external&password=Pa$$%20word%201", ""),
	} {
		if a.Status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	two := w.do("GET", "/api/v1/Users", "", "Authorization: Bearer "+pair.Access, "Authorization: Basic external:Pa$$ word 1")
	if two.Status != http.StatusBadRequest {
		t.Errorf("two fields: %d", two.Status)
	}
	if pair.Type != "bearer" || pair.Expires != 86400 || pair.Access == pair.Refresh {
		t.Errorf("%+v", pair)
	}
}

// B22: long and odd passwords are compared whole.
func TestOddPasswords(t *testing.T) {
	w := newWorld(t)
	for i, length := range []int{71, 72, 73, 128, 1024} {
		login, password := "long"+strconv.Itoa(i), strings.Repeat("a", length-1)
		w.user(w.ours, [4]string{login, login, authority.GroupExternalConnection, password + "b"})
		for last, want := range map[string]int{"b": 200, "c": 401} {
			a := w.form("/api/session", "grant_type", "password", "username", login, "password", password+last)
			if a.Status != want {
				t.Errorf("%d bytes, last %s: %d", length, last, a.Status)
			}
		}
	}
	if a := w.form("/api/session", "grant_type", "password", "username", "external", "password", strings.Repeat("a", 64<<10)); a.Status != http.StatusUnauthorized {
		t.Errorf("64 kB: %d", a.Status)
	}
	if a := w.form("/api/session", "grant_type", "password", "username", "external", "password", strings.Repeat("a", 2<<20)); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("2 MB: %d", a.Status)
	}
}

// The door of the address can be shut; the others stay.
func TestQueryDoorShut(t *testing.T) {
	w := newWorld(t, func(c *smarts.Config) { c.NoQuery = true })
	a := w.do("GET", "/api/v1/session?username=external&password=Pa$$%20word%201", "")
	if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "POST" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	w.signIn("external")
}

// B24: nothing but a plain GET makes a session through the door of the address,
// and nobody may keep its answer.
func TestQueryDoorIsNoDocument(t *testing.T) {
	w := newWorld(t)
	grants := func() (n int) {
		w.must(w.db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(`SELECT count(*) FROM grants`).Scan(&n) }))
		return n
	}
	const path = "/api/session?username=external&password=Pa$$%20word%201"
	for _, header := range []string{
		"Sec-Purpose: prefetch", "Purpose: prefetch", "X-Moz: prefetch", "Range: bytes=0-9", `If-None-Match: "x"`, "If-Modified-Since: Mon, 20 May 2024 10:00:00 GMT",
	} {
		if a := w.do("GET", path, "", header); a.Status < 400 || a.Status > 499 || grants() != 0 {
			t.Errorf("%s: %d, %d sessions", header, a.Status, grants())
		}
	}
	if a := w.do("HEAD", path, ""); a.Status != http.StatusMethodNotAllowed || grants() != 0 {
		t.Errorf("HEAD: %d", a.Status)
	}
	if a := w.do("GET", path, ""); a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" || grants() != 1 {
		t.Errorf("%d %v, %d sessions", a.Status, a.Header, grants())
	}
}

// failing stands for a store that is away.
type failing struct{ smarts.Core }

func (failing) AccountFor(context.Context, authority.Origin, string, string) (authority.Account, error) {
	return authority.Account{}, authority.E(authority.Unavailable, "try again")
}

// A store that is away is no wrong password, and opens nothing.
func TestUnavailable(t *testing.T) {
	d := smarts.New(smarts.Config{Core: failing{}})
	r, err := http.NewRequestWithContext(t.Context(), "GET", "/x/api/v1/Users", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Guest(r); authority.CodeOf(err) != authority.Unavailable {
		t.Errorf("a guest, or nobody: %v", err)
	}
}

// What an account has shut stays shut for its users, whoever else is let in.
func TestDoorsThatAnAccountShuts(t *testing.T) {
	w := newWorld(t)
	set := func(p admin.SettingsPatch) {
		t.Helper()
		_, err := w.admin.ChangeSettings(t.Context(), w.system(w.ours), p)
		w.must(err)
	}
	want := func(what string, a answer, status int) {
		t.Helper()
		if a.Status != status {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	password := people[0][3]
	query := "/api/session?username=external&password=" + url.QueryEscape(password)
	set(admin.SettingsPatch{DoorsOff: map[string][]string{smarts.Name: {"query"}}})
	want("the right password in a query", w.do("GET", query, ""), 403)
	want("a wrong one", w.do("GET", query+"x", ""), 401)
	w.signIn("external")
	set(admin.SettingsPatch{DoorsOff: map[string][]string{smarts.Name: {}}, Clients: map[string]bool{smarts.Name: true}})
	want("open again", w.do("GET", query, ""), 200)

	made, err := w.admin.CreateApplication(t.Context(), w.system(w.ours), admin.NewApplication{Name: "Терминалы", Dialect: smarts.Name})
	w.must(err)
	theirs, err := w.admin.CreateApplication(t.Context(), w.system(w.theirs), admin.NewApplication{Name: "Чужие", Dialect: smarts.Name})
	w.must(err)
	form := func(c admin.NewClient, more ...string) answer {
		fields := []string{"client_id", c.Secret.Credential.ClientID, "client_secret", c.Secret.Secret.Reveal()}
		return w.form("/oauth/token", append(fields, more...)...)
	}
	pair := []string{"grant_type", "password", "username", "external", "password", password}
	want("no client", w.form("/oauth/token", pair...), 401)
	want("another account's client", form(theirs, pair...), 401)
	got := form(made, pair...)
	want("a registered client", got, 200)
	refresh := []string{"grant_type", "refresh_token", "refresh_token", w.tokens(got).Refresh}
	want("a refresh without a client", w.form("/oauth/token", refresh...), 401)
	want("with its client", form(made, refresh...), 200)
	if _, err := w.admin.ChangeSettings(t.Context(), w.system(w.ours), admin.SettingsPatch{DoorsOff: map[string][]string{smarts.Name: {"back"}}}); err == nil {
		t.Error("a door that there is not was shut")
	}
}

// An application of the account is one whatever dialect it was made for; wherever
// its id and secret stand, they are compared.
func TestRegisteredClientsOfOtherDialects(t *testing.T) {
	w := newWorld(t)
	_, err := w.admin.ChangeSettings(t.Context(), w.system(w.ours), admin.SettingsPatch{Clients: map[string]bool{smarts.Name: true}})
	w.must(err)
	for _, n := range []admin.NewApplication{
		{Name: "Trusted", Dialect: "ringme"}, {Name: "Gateway", Dialect: "oauth"}, {Name: "Page", Dialect: "ringme", Traits: authority.Traits{NoSecret: true, RedirectURIs: []string{"https://page.example/back"}}},
	} {
		made, err := w.admin.CreateApplication(t.Context(), w.system(w.ours), n)
		w.must(err)
		id, secret := made.Secret.Credential.ClientID, made.Secret.Secret.Reveal()
		if (secret == "") != n.Traits.NoSecret || id == "" {
			t.Fatalf("%s: id %q", n.Name, id)
		}
		for shown, want := range map[string]int{secret: 200, secret + "x": 401} {
			w.showClient(n.Name, id, shown, want)
		}
		if secret != "" {
			w.showClient(n.Name, id, "", 401)
		}
	}
}

// showClient signs in with a client in a form, in JSON and by Basic.
func (w *world) showClient(name, id, secret string, want int) {
	w.t.Helper()
	pair := []string{"grant_type", "password", "username", "external", "password", people[0][3]}
	body := map[string]string{"grant_type": "password", "username": "external", "password": people[0][3], "client_id": id, "client_secret": secret}
	text, err := json.Marshal(body)
	w.must(err)
	v := url.Values{}
	for i := 0; i < len(pair); i += 2 {
		v.Set(pair[i], pair[i+1])
	}
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
	for how, a := range map[string]answer{
		"form":  w.form("/api/session", append(pair, "client_id", id, "client_secret", secret)...),
		"JSON":  w.do("POST", "/api/session", string(text), asJSON),
		"Basic": w.do("POST", "/api/session/oauth/token", v.Encode(), "Content-Type: application/x-www-form-urlencoded", basic),
	} {
		if a.Status != want || want == 401 && !strings.Contains(a.Body, `"invalid_client"`) {
			w.t.Errorf("%s, %s, secret of %d bytes: %d %s", name, how, len(secret), a.Status, a.Body)
		}
	}
}
