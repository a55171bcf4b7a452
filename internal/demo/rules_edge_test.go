package demo_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// Scheme in any case, blanks before the token; never from query, cookie or body,
// never twice (B18).
func TestRule03Bearer(t *testing.T) {
	p := shared(t)
	token := p.HubEx(t, authority.Production, p.Fixture.Accounts[0].HubEx.ServiceToken).Access
	for name, c := range map[string]struct {
		call   testenv.Call
		status int
	}{
		"as it is":         {testenv.Call{Header: []string{"Authorization", "Bearer " + token}}, 200},
		"lower case":       {testenv.Call{Header: []string{"authorization", "bearer " + token}}, 200},
		"blanks":           {testenv.Call{Header: []string{"Authorization", "BEARER    " + token}}, 200},
		"no scheme":        {testenv.Call{Header: []string{"Authorization", token}}, 401},
		"no blank":         {testenv.Call{Header: []string{"Authorization", "Bearer" + token}}, 401},
		"quotes":           {testenv.Call{Header: []string{"Authorization", `Bearer "` + token + `"`}}, 401},
		"not implemented":  {testenv.Call{Header: []string{"Authorization", "Bearer Not implemented"}}, 401},
		"twice":            {testenv.Call{Header: []string{"Authorization", "Bearer " + token, "Authorization", "Bearer " + token}}, 400},
		"in the query":     {testenv.Call{Path: "?access_token=" + token + "&bearer=" + token + "&token=" + token}, 401},
		"in a cookie":      {testenv.Call{Header: []string{"Cookie", "Authorization=Bearer " + token + "; token=" + token}}, 401},
		"in another field": {testenv.Call{Header: []string{"X-Authorization", "Bearer " + token, "X-Access-Token", token, "Proxy-Authorization", "Bearer " + token}}, 401},
		"in a body":        {testenv.Call{Method: "GET", Type: testenv.Form, Body: "access_token=" + token}, 401},
	} {
		c.call.Path = tasksPath + c.call.Path
		if a := p.Do(t, c.call); a.Status != c.status {
			t.Errorf("%s: %d, want %d", name, a.Status, c.status)
		}
	}
}

// Nothing that a client sends is a defect of ours, and the process lives on
// (B38–B40): raw bytes at every route that takes a body, without any right.
func TestRule05NeverAnError(t *testing.T) {
	p := shared(t)
	token := p.HubEx(t, authority.Production, p.Fixture.Accounts[0].HubEx.ServiceToken).Access
	junk := []string{
		"", "\x00", "{", "{}", "[]", "null", `{"serviceToken":null}`, `{"serviceToken":1}`, `{"serviceToken":["a"]}`, `{"serviceToken":"a","ServiceToken":"a"}`,
		`{"\u212Aey":1}`, "\xff\xfe\xfd", "a=b", "%", strings.Repeat("[", 100_000), `{"title":"` + strings.Repeat("я", 300_000) + `"}`,
		`{"serviceToken":"` + "\\ud800" + `"}`, `{"serviceToken":"` + strings.Repeat("a", 900_000) + `"}`, "grant_type=client_credentials&client_id=%00",
	}
	for _, path := range []string{tokenPath, tasksPath, tasksPath + "/1", "/fsm/WORK/TaskStagingHistory", tasksPath + "/1/conversation", "/fsm/AUTHZ/RefreshTokens", "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/", "/fsm", "/nothing"} {
		for _, kind := range []string{testenv.JSON, testenv.Form, "text/plain", "multipart/form-data", "application/json; charset=utf-16"} {
			for _, body := range junk {
				call := testenv.Call{Method: "POST", Path: path, Type: kind, Body: body}.With(testenv.Bearer(token)...)
				if a := p.Do(t, call); a.Status < 400 && path != "/fsm/AUTHZ/RefreshTokens" || a.Status >= 500 {
					t.Errorf("%s %s %.40q: %d %s", path, kind, body, a.Status, a.Body)
				}
			}
		}
	}
	big := strings.Repeat(" ", 1<<20) + "{}"
	if a := p.Do(t, testenv.Call{Path: tokenPath, Body: big}); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over 1 MiB: %d", a.Status)
	}
	for _, path := range paths() {
		if a := p.Do(t, testenv.Call{Path: path}); (a.Status < 400 || a.Status >= 500) && !toConsole(p, a) {
			t.Errorf("B40: GET %.80s: %d", path, a.Status)
		}
	}
	for name, field := range map[string][]string{
		"cookies": {"Cookie", strings.Repeat("a=b; ", 3000)}, "a long field": {"X-A", strings.Repeat("a", 60_000)},
		"a long bearer": {"Authorization", "Bearer " + strings.Repeat("a", 20_000)}, "a broken Basic": {"Authorization", "Basic ====="},
		"UTF-8 in a field": {"X-Request-ID", "пропуск"}, "Range": {"Range", "items=9-1,-,99999999999999999999-"},
	} {
		if a := p.Do(t, testenv.Call{Path: tasksPath}.With(field...)); a.Status < 400 || a.Status >= 500 {
			t.Errorf("B39: %s: %d", name, a.Status)
		}
	}
	p.alive(t, "after all that", token)
}

// paths are spellings that try to slip past routing to what asks for a right.
func paths() []string {
	var out []string
	for _, form := range []string{
		"/fsm/%2e%2e/fsm/WORK/Tasks", "/fsm/./WORK/Tasks", "//fsm/WORK/Tasks", "/fsm//WORK//Tasks", "/fsm/WORK/Tasks%2f", "/fsm/WORK/Tasks%00",
		"/fsm/WORK/Tasks;a=b", "/fsm;/WORK/Tasks", "/fsm/AUTHZ/AccessTokens/../../WORK/Tasks", "/fsm/AUTHZ/AccessTokens%2f..%2f..%2fWORK%2fTasks",
		"/.well-known/../fsm/WORK/Tasks", "/fsm%5cWORK%5cTasks", "/%66sm/WORK/Tasks", "/FSM/work/TASKS", "/fsm/WORK/Tasks/", "/fsm/WORK/Tasks//", "/fsm/WORK/Tasks/?",
		"/fsm/WORK/Tasks?path=/.well-known/jwks.json", "/fsm/WORK/Tasks%3f", "/fsm/WORK/Tasks%23", "/fsm/%57ORK/Tasks", "/fsm/WORK/%54asks/1",
		"/..%252f..%252fetc/passwd", "/../../../etc/passwd", "/%c0%ae%c0%ae/", "/" + strings.Repeat("a/", 5000), "/%", "/%zz", "/\u043f\u0443\u0442\u044c",
		"/metrics", "/debug/pprof/", "/debug/vars", "/healthz", "/readyz", "/livez", "/status", "/admin", "/login", "/app/register", "/console", "/.env", "/.git/config",
	} {
		out = append(out, (&url.URL{Opaque: form}).Opaque)
	}
	return out
}

// Every answer has an id; sane ones are echoed. Limits announce themselves.
func TestRule11Headers(t *testing.T) {
	p := shared(t)
	made := regexp.MustCompile(`^[0-9a-f]{32}$`)
	for sent, echoed := range map[string]bool{
		"abc-123": true, strings.Repeat("a", 128): true, "": false, strings.Repeat("a", 129): false, "a b": false, "я": false, "\t": false,
	} {
		for _, path := range []string{tasksPath, "/nothing", "/.well-known/jwks.json"} {
			call := testenv.Call{Path: path}
			if sent != "" {
				call = call.With("X-Request-ID", sent)
			}
			got := p.Do(t, call).Header.Get("X-Request-ID")
			if echoed && got != sent || !echoed && !made.MatchString(got) {
				t.Errorf("%s: %q gives %q", path, sent, got)
			}
		}
	}
	test := p.Fixture.Test.Accounts[0]
	token := p.HubEx(t, authority.Test, test.HubEx.ServiceToken).Access
	if a := p.tasks(t, authority.Test, token); a.Header.Get("RateLimit") == "" || a.Header.Get("RateLimit-Policy") == "" {
		t.Errorf("no RateLimit on the test stand: %v", a.Header)
	}
}

// Paths with a slash at the end, methods, HEAD, CORS.
func TestRule12Paths(t *testing.T) {
	p := shared(t)
	token := testenv.Bearer(p.HubEx(t, authority.Production, p.Fixture.Accounts[0].HubEx.ServiceToken).Access)
	for _, path := range []string{tasksPath, tasksPath + "/", "/FSM/work/tasks/"} {
		if a := p.Do(t, testenv.Call{Path: path}.With(token...)); a.Status != 200 {
			t.Errorf("%s: %d", path, a.Status)
		}
		head := p.Do(t, testenv.Call{Method: "HEAD", Path: path}.With(token...))
		if head.Status/100 != 2 || head.Body != "" || !strings.HasSuffix(head.Header.Get("Content-Range"), fmt.Sprint(p.totalOf(t, token))) {
			t.Errorf("HEAD %s: %d %v", path, head.Status, head.Header)
		}
	}
	if a := p.Do(t, testenv.Call{Method: "PUT", Path: tasksPath}.With(token...)); a.Status != 405 || !strings.Contains(a.Header.Get("Allow"), "GET") {
		t.Errorf("PUT: %d %q", a.Status, a.Header.Get("Allow"))
	}
	if a := p.Do(t, testenv.Call{Method: "GET", Path: tokenPath}); a.Status != 405 || a.Header.Get("Allow") != "POST" {
		t.Errorf("GET %s: %d %q", tokenPath, a.Status, a.Header.Get("Allow"))
	}
	a := p.Do(t, testenv.Call{Path: tasksPath}.With(token...).With("Origin", "https://app.example"))
	if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("CORS: %v", a.Header)
	}
}

func (p *process) totalOf(t *testing.T, token []string) int64 {
	t.Helper()
	var list struct{ Total int64 }
	p.Do(t, testenv.Call{Path: tasksPath}.With(token...)).JSON(t, &list)
	return list.Total
}

// raw sends bytes to a listener and reads all answers until the server closes.
func raw(t *testing.T, at, text string) []*http.Response {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	all, _ := io.ReadAll(c) // a reset after the last answer is fine
	var out []*http.Response
	r := bufio.NewReader(bytes.NewReader(all))
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return out
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		out = append(out, resp)
	}
}

// What two parsers could read in two ways is refused, and nothing that follows it
// is served (B36). The canary is a request that answers 405.
func TestRule16Framing(t *testing.T) {
	p := shared(t)
	const canary = "GET /fsm/AUTHZ/AccessTokens HTTP/1.1\r\nHost: h\r\n\r\n"
	get := func(fields string) string {
		return "GET /.well-known/jwks.json HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"
	}
	post := func(fields, body string) string {
		return "POST /oauth/token HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body
	}
	for name, c := range map[string]struct {
		text  string
		first int // 0 = any refusal
		next  bool
	}{
		"plain":               {get(""), 200, true},
		"length and coding":   {post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, false},
		"coding and length":   {post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"), 400, false},
		"two lengths":         {post("Content-Length: 0\r\nContent-Length: 44\r\n", ""), 400, false},
		"length list":         {post("Content-Length: 0, 44\r\n", ""), 400, false},
		"length +0":           {post("Content-Length: +0\r\n", ""), 400, false},
		"length 0x0":          {post("Content-Length: 0x0\r\n", ""), 400, false},
		"coding xchunked":     {post("Transfer-Encoding: xchunked\r\n", ""), 0, false},
		"coding, tab":         {post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n"), 0, false},
		"coding, space":       {post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400, false},
		"codings":             {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), 0, false},
		"identity":            {post("Transfer-Encoding: identity\r\nContent-Length: 0\r\n", ""), 400, false},
		"chunked is the last": {post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 0, false},
		"chunk size":          {post("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"), 0, false},
		"chunk, bare LF":      {post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"), 0, false},
		"folded":              {get("X-A: a\r\n b\r\n"), 400, false},
		"folded length":       {post("Content-Length:\r\n 0\r\n", ""), 400, false},
		"bare LF":             {"GET /.well-known/jwks.json HTTP/1.1\nHost: h\n\n", 400, false},
		"bare CR":             {get("X-A: a\rContent-Length: 9\r\n"), 400, false},
		"NUL":                 {get("X-A: a\x00b\r\n"), 400, false},
		"no host":             {"GET /.well-known/jwks.json HTTP/1.1\r\n\r\n", 400, false},
		"two hosts":           {get("Host: g\r\n"), 400, false},
		"bad name":            {get("X(A): b\r\n"), 400, false},
		"space name":          {get("X A: b\r\n"), 400, false},
		"no colon":            {get("XA\r\n"), 400, false},
		"CONNECT":             {"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405, false},
		"TRACE":               {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405, false},
		"HTTP/2.0":            {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 0, false},
		"HTTP/1.2":            {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 0, false},
		"preface":             {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, false},
		"junk":                {"\x16\x03\x01\x02\x00\x01\r\n\r\n", 0, false},
		"two Authorizations":  {get("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400, true},
	} {
		answers := raw(t, p.Fixture.BaseURL, c.text+canary)
		var codes []int
		for _, a := range answers {
			codes = append(codes, a.StatusCode)
		}
		switch {
		case len(codes) == 0 && c.first != 0:
			t.Errorf("%s: no answer", name)
		case len(codes) > 0 && c.first != 0 && codes[0] != c.first, len(codes) > 0 && c.first == 0 && codes[0] < 400:
			t.Errorf("%s: %v, want %d first", name, codes, c.first)
		case c.next != (len(codes) == 2 && codes[1] == 405):
			t.Errorf("%s: %v, the request behind it is served: want %v", name, codes, c.next)
		}
	}
}

// Every listener has the guard, and every refusal of it a name. net/http would
// serve all of these heads but the last two.
func TestRule16EveryListener(t *testing.T) {
	p := shared(t)
	for listener, path := range map[string]string{
		p.Fixture.BaseURL: "/.well-known/jwks.json", p.Fixture.TestBaseURL: "/.well-known/jwks.json",
		p.Fixture.ConsoleURL: "/sign-in", p.Fixture.MetricsURL: "/metrics",
	} {
		u, err := url.Parse(listener)
		if err != nil || u.Host == "" {
			t.Fatalf("no listener: %q %v", listener, err)
		}
		head := func(method, fields string) string {
			return method + " " + path + " HTTP/1.1\r\nHost: " + u.Host + "\r\n" + fields + "\r\n"
		}
		plain := head("GET", "")
		if got := raw(t, listener, plain+plain); len(got) != 2 || got[0].StatusCode != 200 || got[1].StatusCode != 200 {
			t.Errorf("%s%s: %d answers", listener, path, len(got))
		}
		for name, c := range map[string]struct {
			text   string
			status int
		}{
			"length and coding":  {head("POST", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
			"coding and length":  {head("POST", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n", 400},
			"two lengths":        {head("GET", "Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
			"folded":             {head("GET", "X-A: a\r\n b\r\n"), 400},
			"bare LF":            {strings.ReplaceAll(plain, "\r", ""), 400},
			"TRACE":              {head("TRACE", ""), 405},
			"no host":            {"GET " + path + " HTTP/1.1\r\n\r\n", 400},
			"space before colon": {head("GET", "X-A : a\r\n"), 400},
		} {
			got := raw(t, listener, c.text+plain)
			if len(got) != 1 || got[0].StatusCode != c.status || !got[0].Close || got[0].Header.Get("X-Request-Id") == "" {
				t.Errorf("%s%s, %s: %d answers, want %d alone with an X-Request-ID", listener, path, name, len(got), c.status)
				for _, a := range got {
					t.Log(a.Status, a.Header)
				}
				continue
			}
			if c.status == 405 && !strings.Contains(got[0].Header.Get("Allow"), "GET") {
				t.Errorf("%s%s, %s: Allow: %q", listener, path, name, got[0].Header.Get("Allow"))
			}
		}
	}
}

// Neither addresses nor anything else are believed from a client (B41).
func TestRule16Forwarded(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	lies := []string{
		"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "Forwarded", "for=203.0.113.7;host=evil.example",
		"X-Real-IP", "203.0.113.7", "X_Forwarded_For", "203.0.113.7", "X-Propusk-Account", "1", "X-Propusk-Principal", "1", "X-Application-ID", "7", "X-Original-URL", "/metrics", "X-HTTP-Method-Override", "DELETE",
	}
	token := p.HubEx(t, authority.Production, a.HubEx.ServiceToken).Access
	if got := p.Do(t, testenv.Call{Path: tokenPath, Body: `{"serviceToken":"pk_svc_forwarded"}`}.With(lies...)); got.Status != 401 {
		t.Errorf("%d", got.Status)
	}
	got := p.Do(t, testenv.Call{Path: tasksPath}.With(testenv.Bearer(token)...).With(lies...))
	var list struct{ Total int64 }
	if got.JSON(t, &list); got.Status != 200 || list.Total != p.totalOf(t, testenv.Bearer(token)) {
		t.Errorf("%d %d", got.Status, list.Total)
	}
	if meta := p.Do(t, testenv.Call{Path: "/.well-known/oauth-authorization-server"}.With(lies...)); strings.Contains(meta.Body, "evil") {
		t.Errorf("metadata: %s", meta.Body)
	}
	if audit := p.admin(t, a, "audit", "list", "--limit", "1000"); strings.Contains(audit, "203.0.113") || !strings.Contains(audit, "127.0.0.1") {
		t.Error("the audit believes a header")
	}
}

// toConsole reports whether an API host does no more than send the browser to the
// console's origin, as it may for the console's documented addresses (rule 17).
func toConsole(p *process, a testenv.Answer) bool {
	return a.Status == http.StatusFound && strings.HasPrefix(a.Header.Get("Location"), p.Fixture.ConsoleURL+"/") &&
		a.Header.Get("Set-Cookie") == "" && a.Body == ""
}

// API hosts serve nothing of the console and nothing of the operator's (B66); the
// console's documented addresses lead to its origin.
func TestRule17NoConsole(t *testing.T) {
	p := shared(t)
	for _, path := range []string{"/admin", "/app/register", "/login"} {
		if a := p.Do(t, testenv.Call{Path: path}); !toConsole(p, a) {
			t.Errorf("%s: %d %v", path, a.Status, a.Header)
		}
	}
	for _, path := range []string{"/", "/console", "/metrics", "/debug/pprof/", "/healthz", "/readyz", "/livez"} {
		a := p.Do(t, testenv.Call{Path: path}.With("User-Agent", "kube-probe/1.30"))
		if a.Status != 404 || a.Header.Get("Set-Cookie") != "" || strings.Contains(a.Header.Get("Content-Type"), "html") {
			t.Errorf("%s: %d %v", path, a.Status, a.Header)
		}
	}
	resp, err := http.Get(p.Fixture.MetricsURL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(text), "propusk_acts_total") {
		t.Errorf("metrics: %d %v", resp.StatusCode, err)
	}
}

// Default limits: ten wrong secrets of a client from an address, a hundred
// requests a second on the test stand.
func TestRule18Limits(t *testing.T) {
	p := shared(t)
	test := p.Fixture.Test.Accounts[1]
	ask := func(secret string) testenv.Answer {
		call := testenv.Call{Stand: authority.Test, Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials"}
		return p.Do(t, call.With(testenv.Basic(test.OAuth.ClientID, secret)...))
	}
	for i := range 10 {
		if a := ask(fmt.Sprint("wrong", i)); a.Status != 401 {
			t.Fatalf("wrong secret %d: %d", i, a.Status)
		}
	}
	a := ask("wrong once more")
	if a.Status != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("the eleventh: %d %v", a.Status, a.Header)
	}
	if a := p.Do(t, testenv.Call{Stand: authority.Test, Path: "/.well-known/jwks.json"}); a.Status != 200 {
		t.Errorf("others are limited too: %d", a.Status)
	}
	token := p.HubEx(t, authority.Test, test.HubEx.AreaServiceToken).Access
	answers := make([]testenv.Answer, 600)
	var wg sync.WaitGroup
	for part := range 30 {
		wg.Go(func() {
			for i := part; i < len(answers); i += 30 {
				answers[i], _ = p.Try(t, testenv.Call{Stand: authority.Test, Path: tasksPath + "/1"}.With(testenv.Bearer(token)...))
			}
		})
	}
	wg.Wait()
	limited := 0
	for _, a := range answers {
		if a.Status == 429 {
			limited++
			if a.Header.Get("Retry-After") == "" {
				t.Fatal("429 without Retry-After")
			}
		}
	}
	if limited == 0 || limited > 400 {
		t.Errorf("%d of 600 requests at once are limited, want 400 at most and some", limited)
	}
	if a := p.tasks(t, authority.Production, p.HubEx(t, authority.Production, p.Fixture.Accounts[1].HubEx.ServiceToken).Access); a.Header.Get("RateLimit") != "" {
		t.Error("production has a limit")
	}
}

// Text is kept in one form, found in any case, and refused when it is none.
func TestRule19Text(t *testing.T) {
	p := shared(t)
	token := testenv.Bearer(p.HubEx(t, authority.Production, p.Fixture.Accounts[0].HubEx.ServiceToken).Access)
	made := p.Do(t, testenv.Call{Path: tasksPath, Body: `{"title":"Ёлка у ` + "и\u0306" + `ода"}`}.With(token...)) // й in two parts
	if made.Status != 201 {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	id := made.Field(t, "id")
	if got := p.Do(t, testenv.Call{Path: tasksPath + "/" + id}.With(token...)); !strings.Contains(got.Body, "Ёлка у йода") {
		t.Errorf("not in one form: %s", got.Body)
	}
	for _, search := range []string{"ЁЛКА", "ёлка", "елка", "ЙОДА", "и\u0306ода"} {
		got := p.Do(t, testenv.Call{Path: tasksPath + "?searchText=" + url.QueryEscape(search)}.With(token...))
		if !strings.Contains(got.Body, `"id":"`+id+`"`) {
			t.Errorf("%q does not find it", search)
		}
	}
	for _, body := range []string{`{"title":"a\u0000b"}`, "{\"title\":\"\xff\"}", `{"title":"\ud800"}`} {
		if got := p.Do(t, testenv.Call{Path: tasksPath, Body: body}.With(token...)); got.Status/100 != 4 {
			t.Errorf("%q: %d", body, got.Status)
		}
	}
	if got := p.Do(t, testenv.Call{Path: tasksPath + "?searchText=%ff"}.With(token...)); got.Status/100 != 4 {
		t.Errorf("a query that is no text: %d", got.Status)
	}
}

// A lifetime can be chosen on the test stand alone.
func TestRule10ChosenLifetime(t *testing.T) {
	p := shared(t)
	for stand, want := range map[authority.Stand]int64{authority.Test: 60, authority.Production: 86400} {
		a := p.Fixture.On(stand)[0]
		got := pair(t, p.Do(t, testenv.Call{Stand: stand, Path: tokenPath, Body: `{"serviceToken":"` + a.HubEx.ServiceToken + `"}`}.
			With("X-Propusk-Token-Lifetime", "60")))
		if got.Expires != want {
			t.Errorf("%s: expires_in %d, want %d", stand, got.Expires, want)
		}
	}
}

// Wrong, unknown and misshapen secrets get one answer, at every length (B14, B22,
// B23 without a stopwatch).
func TestRule04OneAnswer(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	good := a.HubEx.ServiceToken
	wrong := []string{
		"junk", good[:len(good)-1], good + "a", strings.ToUpper(good), p.Fixture.Test.Accounts[0].HubEx.ServiceToken, a.OAuth.ClientSecret,
		strings.Repeat("a", 71), strings.Repeat("a", 72), strings.Repeat("a", 73), strings.Repeat("a", 1024), "pk_svc_", "pk_svc_0_0_0", " " + good, good + "\n",
		good[:10] + "0" + good[11:], base64.StdEncoding.EncodeToString([]byte(good)), "'; DROP TABLE credentials; --",
	}
	var bodies []string
	for _, secret := range wrong {
		got := p.Do(t, testenv.Call{Path: tokenPath, Body: `{"serviceToken":` + testenv.Quote(secret) + `}`}.With("X-Request-ID", "same"))
		bodies = append(bodies, fmt.Sprint(got.Status, got.Body, got.Header.Get("WWW-Authenticate")))
	}
	if bodies = slices.Compact(bodies); len(bodies) != 1 || !strings.HasPrefix(bodies[0], "401") {
		t.Errorf("the answers differ: %q", bodies)
	}
	var shape []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(bodies[0][3:strings.LastIndex(bodies[0], "]")+1]), &shape); err != nil || len(shape) != 1 {
		t.Errorf("not the documented shape: %q", bodies[0])
	}
}

// Many connections that never finish a request do not slow the others down (B71,
// short).
func TestRule05SlowClients(t *testing.T) {
	p := shared(t)
	u, err := url.Parse(p.Fixture.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "POST "+tokenPath+" HTTP/1.1\r\nHost: h\r\nContent-Le"); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if a := p.Do(t, testenv.Call{Path: "/.well-known/jwks.json"}); a.Status != 200 || a.Took > 2*time.Second {
			t.Errorf("%d in %v", a.Status, a.Took)
		}
	}
}

// Floods of one kind leave the others alone (B73, B74, short): bodies at the limit
// side by side, and one client that guesses.
func TestRule18Floods(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[1]
	big := `{"serviceToken":"` + strings.Repeat("a", 1<<20-30) + `"}`
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if got, err := p.Try(t, testenv.Call{Path: tokenPath, Body: big}); err != nil || got.Status/100 != 4 {
				t.Errorf("a body at the limit: %d %v", got.Status, err)
			}
			wrong := testenv.Basic("pk-guess", fmt.Sprint(i))
			got, err := p.Try(t, testenv.Call{Path: "/oauth/introspect", Type: testenv.Form, Body: "token=x"}.With(wrong...))
			if err != nil || got.Status != 401 && got.Status != 429 {
				t.Errorf("a guess: %d %v", got.Status, err)
			}
			if got, err := p.Try(t, testenv.Call{Path: tokenPath, Body: `{"serviceToken":"` + a.HubEx.ServiceToken + `"}`}); err != nil || got.Status != 200 {
				t.Errorf("somebody else meanwhile: %d %v", got.Status, err)
			}
		})
	}
	wg.Wait()
}
