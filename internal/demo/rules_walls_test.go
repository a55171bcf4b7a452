package demo_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

// Secrets are random, say their kind, are shown once and never again (B13, B16).
func TestRule06Secrets(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	id, secret := p.service(t, a, "Обмен с 1С")
	form := regexp.MustCompile(`^pk_(svc|app)_[0-9A-Za-z]+_([0-9A-Za-z]+)_[0-9A-Za-z]+$`)
	seen := map[string]bool{}
	for _, text := range append(secretsOf(p.Fixture), secret) {
		parts := form.FindStringSubmatch(text)
		if parts == nil {
			t.Fatalf("a secret of another form: %s", text)
		}
		if bits := float64(len(parts[2])) * 5.95; bits < 160 {
			t.Errorf("%.0f bits", bits)
		}
		if seen[parts[2]] {
			t.Error("two secrets share their random part")
		}
		seen[parts[2]] = true
	}
	for _, shown := range []string{
		p.admin(t, a, "credential", "list", id), p.admin(t, a, "service-user", "list"), p.admin(t, a, "audit", "list", "--limit", "1000"),
		p.admin(t, a, "grant", "list", "--limit", "1000"), strings.Join(p.out.Lines(), "\n"),
	} {
		if strings.Contains(shown, secret) {
			t.Errorf("shown again in %.200s", shown)
		}
	}
	for _, call := range []testenv.Call{
		{Path: tokenPath, Body: `{"serviceToken":"` + secret + `"}`},
		testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials"}.With(testenv.Basic(a.OAuth.ClientID, a.OAuth.ClientSecret)...),
	} {
		got := p.Do(t, call)
		if got.Status != 200 || got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Content-Type") != "application/json; charset=utf-8" ||
			got.Header.Get("Set-Cookie") != "" || strings.Contains(got.Body, secret) {
			t.Errorf("B17: %d %v", got.Status, got.Header)
		}
	}
}

func secretsOf(f *demo.Fixture) []string {
	var out []string
	for _, stand := range authority.Stands() {
		for _, a := range f.On(stand) {
			out = append(out, a.HubEx.ServiceToken, a.HubEx.LimitedServiceToken, a.HubEx.AreaServiceToken, a.OAuth.ClientSecret)
		}
	}
	return out
}

// Nothing of another account is readable, countable or distinguishable from what
// is not there (B44, B46, B47). The suite of testenv asks every route; this asks
// the program.
func TestRule09Walls(t *testing.T) {
	p := shared(t)
	a, b := p.Fixture.Accounts[0], p.Fixture.Accounts[1]
	ours, theirs := p.HubEx(t, authority.Production, a.HubEx.ServiceToken), p.HubEx(t, authority.Production, b.HubEx.ServiceToken)
	made := p.Do(t, testenv.Call{Path: tasksPath, Body: `{"title":"Чужая заявка ` + t.Name() + `"}`}.With(testenv.Bearer(theirs.Access)...))
	id := made.Field(t, "id")
	const nobodys = "4503599627370497"
	for _, c := range []struct{ method, path, body string }{
		{"GET", tasksPath + "/{}", ""},
		{"GET", tasksPath + "/{}/stages/next", ""},
		{"GET", tasksPath + "/{}/conversations", ""},
		{"POST", tasksPath + "/{}/conversation", `{"text":"x"}`},
		{"PATCH", tasksPath + "/{}", `{"title":"x"}`},
		{"DELETE", tasksPath + "/{}", ""},
		{"POST", "/fsm/WORK/TaskStagingHistory", `{"taskID":{},"taskStageID":1}`},
		{"GET", tasksPath + "?areaID={}", ""},
	} {
		ask := func(id string) string {
			fill := strings.NewReplacer("{}", id)
			got := p.Do(t, testenv.Call{Method: c.method, Path: fill.Replace(c.path), Body: fill.Replace(c.body)}.
				With(testenv.Bearer(ours.Access)...).With("X-Request-ID", "same"))
			return strings.ReplaceAll(got.Body, id, "{}") + got.Header.Get("Content-Range") + class(got.Status)
		}
		if theirs, missing := ask(id), ask(nobodys); theirs != missing {
			t.Errorf("%s %s: %s and %s", c.method, c.path, theirs, missing)
		}
	}
	if got := p.Do(t, testenv.Call{Path: tasksPath + "/" + id}.With(testenv.Bearer(theirs.Access)...)); !strings.Contains(got.Body, "Чужая заявка") {
		t.Errorf("theirs is not as it was: %s", got.Body)
	}
	if got := p.Do(t, testenv.Call{Path: tasksPath + "?searchText=" + url.QueryEscape(t.Name())}.With(testenv.Bearer(ours.Access)...)); !strings.Contains(got.Body, `"total":0`) {
		t.Errorf("found by text: %s", got.Body)
	}
	if got := p.Ask(t, a, theirs.Access); got.Body != `{"active":false}` {
		t.Errorf("introspected from another account: %s", got.Body)
	}
	if got := p.Revoke(t, a, theirs.Access); got.Status != 200 {
		t.Errorf("revoked from another account: %d", got.Status)
	}
	p.alive(t, "their token", theirs.Access)
	narrow := p.HubEx(t, authority.Production, a.HubEx.AreaServiceToken).Access
	if got := p.Do(t, testenv.Call{Method: "POST", Path: tasksPath, Body: `{"title":"x"}`}.With(testenv.Bearer(narrow)...)); got.Status != 403 {
		t.Errorf("creating without the right: %d", got.Status)
	}
	weak := p.HubEx(t, authority.Production, a.HubEx.LimitedServiceToken).Access
	if got := p.tasks(t, authority.Production, weak); got.Status != 403 {
		t.Errorf("listing without the right: %d", got.Status)
	}
}

func class(status int) string { return " " + string(rune('0'+status/100)) + "xx" }

// Extra members set nothing (B50).
func TestRule09MassAssignment(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	token := testenv.Bearer(p.HubEx(t, authority.Production, a.HubEx.ServiceToken).Access)
	extra := `"id":"77","number":"999999","account":1,"tenant":{"id":1},"tenantID":1,"createdAt":"2001-01-01T00:00:00Z","created":1,"isDeleted":true,` +
		`"isClosed":true,"role":"admin","areas":[1],"permissions":["*"],"taskStage":{"id":1},"taskStageID":1,"lastModified":"2001-01-01T00:00:00Z"`
	made := p.Do(t, testenv.Call{Path: tasksPath, Body: `{"title":"Лишнее",` + extra + `}`}.With(token...))
	id := made.Field(t, "id")
	changed := p.Do(t, testenv.Call{Method: "PATCH", Path: tasksPath + "/" + id, Body: `{"title":"Лишнее 2",` + extra + `}`}.With(token...))
	if made.Status != 201 || changed.Status != 202 || id == "77" {
		t.Fatalf("%d %d %s", made.Status, changed.Status, id)
	}
	got := p.Do(t, testenv.Call{Path: tasksPath + "/" + id}.With(token...))
	for _, wrong := range []string{"2001-01-01", `"isClosed":true`, "999999", "admin"} {
		if strings.Contains(got.Body, wrong) {
			t.Errorf("%s was set: %s", wrong, got.Body)
		}
	}
}

// Every act leaves its entry, refusals too, and floods are gathered.
func TestRule13Audit(t *testing.T) {
	p := own(t)
	a := p.Fixture.Accounts[0]
	token := pair(t, p.exchange(t, a.HubEx.ServiceToken))
	pair(t, p.refresh(t, token.Refresh))
	p.exchange(t, a.HubEx.ServiceToken+"x")
	p.Revoke(t, a, token.Access)
	p.tasks(t, authority.Production, token.Access)
	p.tasks(t, authority.Production, p.HubEx(t, authority.Production, a.HubEx.LimitedServiceToken).Access)
	p.service(t, a, "Обмен с 1С")
	for range 150 {
		pair(t, p.exchange(t, a.HubEx.ServiceToken))
	}
	p = p.again(t) // what was acknowledged is on disk
	type entry struct {
		Verb, Outcome, Reason, Dialect, Address, Time string
		Count                                         int
	}
	var list []entry
	if err := json.Unmarshal([]byte(p.admin(t, a, "audit", "list", "--limit", "1000")), &list); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(list, func(e entry) bool { return e.Verb == "" }) {
		t.Error("an entry of the audit tells of no act")
	}
	has := func(verb, outcome string) bool {
		return slices.ContainsFunc(list, func(e entry) bool { return e.Verb == verb && e.Outcome == outcome })
	}
	for _, want := range [][2]string{
		{"token.issue", "done"}, {"token.refresh", "done"}, {"token.revoke", "done"}, {"service_token.generate", "done"}, {"service_user.create", "done"},
	} {
		if !has(want[0], want[1]) {
			t.Errorf("no entry %v", want)
		}
	}
	issues := 0
	for _, e := range list {
		if e.Verb == "token.issue" && e.Outcome == "done" {
			issues++
		}
	}
	if issues > 90 {
		t.Errorf("%d entries for the issues of one minute", issues)
	}
}

// The shared token path is settled by the client id and the grant, and never tried
// again elsewhere (B20).
func TestRule14TokenPath(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	form := func(body string, header ...string) testenv.Answer {
		return p.Do(t, testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: body}.With(header...))
	}
	basic := testenv.Basic(a.OAuth.ClientID, a.OAuth.ClientSecret)
	for name, c := range map[string]struct {
		answer testenv.Answer
		status int
	}{
		"Basic":           {form("grant_type=client_credentials", basic...), 200},
		"form":            {form("grant_type=client_credentials&client_id=" + a.OAuth.ClientID + "&client_secret=" + a.OAuth.ClientSecret), 200},
		"no grant":        {form("a=b", basic...), 400},
		"another grant":   {form("grant_type=urn:x", basic...), 400},
		"an empty grant":  {form("grant_type=", basic...), 400},
		"twice":           {form("grant_type=client_credentials&grant_type=client_credentials", basic...), 400},
		"implicit":        {form("grant_type=implicit", basic...), 400},
		"a foreign scope": {form("grant_type=client_credentials&scope=AccountsManage", basic...), 400},
		"both differ":     {form("grant_type=client_credentials&client_id=other", basic...), 400},
		"in the query": {
			p.Do(t, testenv.Call{Method: "POST", Path: "/oauth/token?grant_type=client_credentials&client_id=" + a.OAuth.ClientID + "&client_secret=" + a.OAuth.ClientSecret, Type: testenv.Form, Body: "a=b"}), 400,
		},
		"slash at the end": {
			p.Do(t, testenv.Call{Path: "/oauth/token/", Type: testenv.Form, Body: "grant_type=client_credentials"}.With(basic...)), 200,
		},
	} {
		if c.answer.Status != c.status {
			t.Errorf("%s: %d %s, want %d", name, c.answer.Status, c.answer.Body, c.status)
		}
		if c.status == 200 && c.answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: cacheable", name)
		}
	}
	if got := form("grant_type=client_credentials", testenv.Basic(a.OAuth.ClientID, a.HubEx.ServiceToken)...); got.Status != 401 {
		t.Errorf("a service token as a client secret: %d", got.Status)
	}
}

// The bearer says the account, whatever else the request names.
func TestRule20Account(t *testing.T) {
	p := shared(t)
	for i, a := range p.Fixture.Accounts {
		other := p.Fixture.Accounts[1-i]
		token := pair(t, p.exchange(t, a.HubEx.ServiceToken)).Access
		got := p.Do(t, testenv.Call{Path: tasksPath + "?tenantID=1&account=" + other.Contract + "&contract=" + other.Contract}.
			With(testenv.Bearer(token)...).With("Host", "other.example", "X-Tenant-ID", other.Contract, "X-Application-ID", "5"))
		var list struct{ Total int64 }
		if got.JSON(t, &list); list.Total != p.totalOf(t, testenv.Bearer(token)) {
			t.Errorf("%s: %d", a.Name, list.Total)
		}
	}
}

// A deleted account's contract, taken again, opens nothing of the old one (B49).
func TestRule09Deleted(t *testing.T) {
	p := own(t)
	b := p.Fixture.Accounts[1]
	token := pair(t, p.exchange(t, b.HubEx.ServiceToken))
	p.admin(t, b, "account", "disable")
	p.admin(t, b, "account", "delete")
	stand := demo.Account{Stand: b.Stand}
	p.admin(t, stand, "account", "create", b.Name, "--contract", b.Contract)
	p.dead(t, "a token of the deleted account", token.Access)
	if got := p.exchange(t, b.HubEx.ServiceToken); got.Status != 401 {
		t.Errorf("its service token: %d", got.Status)
	}
	if got := p.refresh(t, token.Refresh); got.Status != 401 {
		t.Errorf("its refresh token: %d", got.Status)
	}
	p.admin(t, b, "role", "create", "Reader", "--permission", "TasksList")
	_, secret := p.service(t, b, "Reader")
	if got := p.tasks(t, authority.Production, pair(t, p.exchange(t, secret)).Access); !strings.Contains(got.Body, `"total":0`) {
		t.Errorf("the new account sees %s", got.Body)
	}
	p.alive(t, "the other account's", pair(t, p.exchange(t, p.Fixture.Accounts[0].HubEx.ServiceToken)).Access)
}

// One creation for one key, however often and from how many sides (B60).
func TestRule08Idempotency(t *testing.T) {
	p := own(t)
	a := p.Fixture.Accounts[0]
	token := testenv.Bearer(pair(t, p.exchange(t, a.HubEx.ServiceToken)).Access)
	create := func(body string, header ...string) testenv.Answer {
		got, _ := p.Try(t, testenv.Call{Path: tasksPath, Body: body}.With(token...).With(header...))
		return got
	}
	before := p.totalOf(t, token)
	answers := make([]testenv.Answer, 20)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = create(`{"title":"Один раз"}`, "Idempotency-Key", "once-1") })
	}
	wg.Wait()
	for _, got := range answers {
		if got.Status != 201 || got.Body != answers[0].Body {
			t.Errorf("%d %s, not %s", got.Status, got.Body, answers[0].Body)
		}
	}
	if got := create(`{"title":"Другое"}`, "Idempotency-Key", "once-1"); got.Status != 422 && got.Status != 409 {
		t.Errorf("another body under the key: %d", got.Status)
	}
	stamp := "8f14e45f-ceea-467f-a8d5-1c2d3e4f5a6b"
	first := create(`{"title":"Со штампом"}`, "X-Concurrency-Stamp", stamp)
	if again := create(`{"title":"Со штампом"}`, "X-Concurrency-Stamp", stamp); again.Status != 409 || !strings.Contains(again.Body, first.Field(t, "id")) {
		t.Errorf("the stamp again: %d %s", again.Status, again.Body)
	}
	other := testenv.Bearer(pair(t, p.exchange(t, a.HubEx.LimitedServiceToken)).Access)
	if got := p.Do(t, testenv.Call{Path: tasksPath, Body: `{"title":"Чужой ключ"}`}.With(other...).With("Idempotency-Key", "once-1")); got.Status != 201 || got.Body == answers[0].Body {
		t.Errorf("the same key of another caller: %d %s", got.Status, got.Body)
	}
	p = p.again(t)
	if got := create(`{"title":"Один раз"}`, "Idempotency-Key", "once-1"); got.Status != 201 || got.Body != answers[0].Body {
		t.Errorf("after kill -9: %d %s", got.Status, got.Body)
	}
	if after := p.totalOf(t, token); after != before+3 {
		t.Errorf("%d work orders more, want 3", after-before)
	}
}

// Canaries: no secret is found in logs, answers of refusals, audit, metrics or the
// data folder, in any spelling (B65); names cannot write into the log (B67);
// everything in the folder is private (B68).
func TestRule06Canaries(t *testing.T) {
	p := own(t)
	a := p.Fixture.Accounts[0]
	_, secret := p.service(t, a, "Обмен с 1С")
	token := pair(t, p.exchange(t, secret))
	access := p.OAuth(t, a)
	nasty := "line\r\nlevel=ERROR \x1b[31m\u2028\"}{"
	for _, text := range []string{secret, token.Access, token.Refresh, access, "canary-" + secret[8:30]} {
		for _, call := range []testenv.Call{
			{Path: tokenPath, Body: `{"serviceToken":"` + text + `"`},
			{Path: tokenPath, Body: `{"refreshJwt":"` + text + `x"}`},
			{Path: tasksPath + "?access_token=" + text},
			{Path: "/nothing/" + text},
			{Path: tasksPath + "/" + text},
			testenv.Call{Path: tasksPath}.With("Authorization", "Basic "+text),
			testenv.Call{Path: tasksPath}.With("Authorization", text, "User-Agent", text, "Referer", "http://x/"+text, "Cookie", text),
			testenv.Call{Path: "/oauth/introspect", Type: testenv.Form, Body: "token=" + text}.With(testenv.Basic(text, text)...),
			{Method: "POST", Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=" + text + "&client_id=" + text},
			testenv.Call{Path: tasksPath, Body: `{"title":` + testenv.Quote(nasty) + `}`}.With(testenv.Bearer(token.Access)...).With("User-Agent", "a\tb"),
		} {
			if got := p.Do(t, call); got.Status >= 400 && strings.Contains(got.Body, text) {
				t.Errorf("%s repeats it: %s", call.Path, got.Body)
			}
		}
	}
	audit := p.admin(t, a, "audit", "list", "--limit", "1000")
	if err := p.end(syscall.SIGTERM); err != nil {
		t.Errorf("the end: %v", err)
	}
	haystack := map[string][]byte{"output": []byte(withoutCard(p.out.Lines())), "audit": []byte(audit)}
	err := filepath.WalkDir(p.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("B68: %s has mode %v", path, info.Mode())
		}
		if d.IsDir() || d.Name() == "demo-fixture.json" {
			return nil
		}
		haystack[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range haystack {
		for kind, needle := range map[string]string{"service token": secret, "access": token.Access, "refresh": token.Refresh, "oauth": access, "client secret": a.OAuth.ClientSecret, "fixture": a.HubEx.ServiceToken} {
			if spelling := found(text, needle); spelling != "" {
				t.Errorf("the %s lies in %s, %s", kind, where, spelling)
			}
		}
	}
	for _, line := range p.out.Lines() {
		if strings.HasPrefix(line, "{") && !json.Valid([]byte(line)) {
			t.Errorf("B67: a log line is not JSON: %q", line)
		}
	}
}

// withoutCard gives the process's output behind the card, which is where the
// secrets of the fixture belong.
func withoutCard(lines []string) string {
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "curl ") }), "\n")
}

// found says in which spelling secret lies in text; "" = in none.
func found(text []byte, secret string) string {
	random := secret[len(secret)-min(len(secret)-20, 28):] // behind any public id
	for name, spelling := range map[string]string{
		"raw": random, "URL": url.QueryEscape(random), "base64": base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64url": base64.RawURLEncoding.EncodeToString([]byte(secret)), "hex": hex.EncodeToString([]byte(secret)),
	} {
		if bytes.Contains(text, []byte(spelling)) {
			return name
		}
	}
	return ""
}

// Answers name their own caller, whoever else asks and hangs up meanwhile (B48,
// short), and a stop cuts nobody off.
func TestRule09Crossings(t *testing.T) {
	p := own(t)
	type side struct {
		name  string
		token []string
	}
	var sides []side
	for _, a := range p.Fixture.Accounts {
		token := testenv.Bearer(pair(t, p.exchange(t, a.HubEx.ServiceToken)).Access)
		for range 3 {
			p.Do(t, testenv.Call{Path: tasksPath, Body: `{"title":"Ярлычок ` + a.Contract + `"}`}.With(token...))
		}
		sides = append(sides, side{a.Contract, token})
	}
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 40 {
				me, other := sides[worker%2], sides[1-worker%2]
				got, err := p.Try(t, testenv.Call{Path: tasksPath + "?fetch=5&searchText=" + url.QueryEscape("ярлычок") + "&offset=" + string(rune('0'+r.IntN(3)))}.With(me.token...))
				if err != nil || got.Status != 200 || strings.Contains(got.Body, other.name) || !strings.Contains(got.Body, `"total":3`) {
					t.Errorf("%s: %d %.200s %v", me.name, got.Status, got.Body, err)
				}
			}
		})
	}
	wg.Wait()
	began := time.Now()
	if err := p.end(os.Interrupt); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("the end: %v after %v", err, time.Since(began))
	}
}

// The readme's first command: it prints the card.
func TestColdStart(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "run", "./cmd/propusk", "demo", "--listen", "127.0.0.1:0", "--listen-test", "127.0.0.1:0", "--listen-console", "127.0.0.1:0", "--tasks", "50")
	cmd.Dir = filepath.Join("..", "..")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run passes no signal on
	card := &testenv.Log{}
	cmd.Stdout, cmd.Stderr = card, card
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(strings.Join(card.Lines(), "\n"), "Ctrl-C stops it.") {
		select {
		case <-deadline:
			t.Fatalf("no card: %s", card.Lines())
		case <-tick.C:
		}
	}
}
