package element_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// made reads members of an answer that made or read something.
func made(t *testing.T, a testenv.Answer) map[string]any {
	t.Helper()
	var out map[string]any
	a.JSON(t, &out)
	return out
}

func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// The management API, on one server.
func TestPanel(t *testing.T) {
	whole := newWorld(t, testenv.Options{})
	for _, check := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"status", checkStatus},
		{"paging", checkPaging},
		{"audit", checkAudit},
		{"audit of no account", checkAuditOfNoAccount},
		{"developer", checkDeveloper},
		{"escalation", checkNoEscalation},
		{"owner", checkOwner},
		{"walls", checkWalls},
		{"administrator", checkAdministratorManagesTheAccount},
		{"test stand", checkTestStand},
		{"signing keys", checkSigningKeys},
		{"what is sent at creation", checkCreation},
		{"no secret", checkNoSecret},
		{"built-in roles", checkBuiltinRoles},
		{"accounts of the owner", checkManning},
		{"body types", checkBodyTypes},
		{"what cannot change", checkFixed},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, whole.under(t)) })
	}
}

// One walk through everything that an account's administrator does.
func checkAdministratorManagesTheAccount(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	t.Run("roles", func(t *testing.T) { w.roles(t, boss) })
	t.Run("areas", func(t *testing.T) { w.areas(t, boss) })
	t.Run("users", func(t *testing.T) { w.users(t, boss) })
	t.Run("service users", func(t *testing.T) { w.serviceUsers(t, boss) })
	t.Run("applications", func(t *testing.T) { w.applications(t, boss) })
	t.Run("authorization token", func(t *testing.T) { w.authorization(t, boss) })
	t.Run("grants", func(t *testing.T) { w.grants(t, boss) })
	t.Run("settings", func(t *testing.T) { w.settings(t, boss) })
	t.Run("usage", func(t *testing.T) { w.usage(t, boss) })
}

type caller func(method, path, body string) testenv.Answer

func (w *world) roles(t *testing.T, boss caller) {
	a := boss("POST", "/roles", `{"name":"Диспетчер","permissions":["TasksList"],"id":"x","account":"y"}`)
	w.want("create", a, 201, 0)
	one := "/roles/" + text(made(t, a), "id")
	w.want("taken", boss("POST", "/roles", `{"name":"Диспетчер"}`), 409, 6)
	w.want("unknown permission", boss("POST", "/roles", `{"name":"Б","permissions":["Everything"]}`), 400, 3)
	w.want("no name", boss("POST", "/roles", `{}`), 400, 3)
	w.want("broken", boss("POST", "/roles", `{"name":`), 400, 3)
	w.want("change", boss("PATCH", one, `{"name":"Старший диспетчер"}`), 200, 0)
	if got := made(t, boss("GET", one, "")); got["name"] != "Старший диспетчер" || fmt.Sprint(got["permissions"]) != "[TasksList]" {
		t.Errorf("%v", got)
	}
	w.want("delete", boss("DELETE", one, ""), 204, 0)
	w.want("gone", boss("GET", one, ""), 404, 5)
	w.want("no UUID", boss("GET", "/roles/1111", ""), 400, 3)
	w.want("another's UUID", boss("GET", "/roles/25d2757d-ed6b-48ae-9abf-a563d00052ae", ""), 404, 5)
	if a := boss("GET", "/permissions", ""); !strings.Contains(a.Body, `"TasksList"`) {
		t.Error(a.Body)
	}
}

func (w *world) areas(t *testing.T, boss caller) {
	a := boss("POST", "/areas", `{"name":"Запад"}`)
	w.want("create", a, 201, 0)
	one := "/areas/" + text(made(t, a), "id")
	w.want("rename", boss("PATCH", one, `{"name":"Северо-запад"}`), 200, 0)
	if got := boss("GET", one, ""); !strings.Contains(got.Body, `"name":"Северо-запад"`) {
		t.Error(got.Body)
	}
	w.want("delete", boss("DELETE", one, ""), 204, 0)
	w.want("gone", boss("DELETE", one, ""), 404, 5)
}

func (w *world) users(t *testing.T, boss caller) {
	list := own(w.ours)
	a := boss("POST", list, `{"login":"new@ours.test","name":"Новый","password":"correct horse battery","group":"mobile_user","areas":["*"],"id":"x"}`)
	w.want("create", a, 201, 0)
	got := made(t, a)
	if got["login"] != "new@ours.test" || got["group"] != "mobile_user" || fmt.Sprint(got["areas"]) != "[*]" || got["disabled"] != false ||
		got["token-access"] != true || strings.Contains(a.Body, "correct") || fmt.Sprint(got["roles"]) != "[]" {
		t.Errorf("%s", a.Body)
	}
	one := list + "/" + text(got, "id")
	w.want("taken", boss("POST", list, `{"login":"NEW@ours.test","password":"correct horse battery"}`), 409, 6)
	w.want("no password", boss("POST", list, `{"login":"b"}`), 400, 3)
	w.want("short password", boss("POST", list, `{"login":"b","password":"x"}`), 400, 3)
	w.want("role of another account", boss("PATCH", one, `{"roles":["`+id(w.away.gateway)+`"]}`), 400, 3)
	w.want("no role", boss("PATCH", one, `{"roles":["1111"]}`), 400, 3)
	w.want("areas of another kind", boss("PATCH", one, `{"areas":5}`), 400, 3)
	w.want("in another list", boss("GET", "/user-lists/"+id(w.ours.gateway)+"/users/"+text(got, "id"), ""), 404, 5)
	w.want("no such list", boss("GET", "/user-lists/"+id(w.away.account.ID)+"/users", ""), 404, 5)
	w.keys(t, boss, one)
	w.want("delete", boss("DELETE", one, ""), 204, 0)
	w.want("gone", boss("GET", one, ""), 404, 5)
	visitors := boss("GET", "/user-lists/"+id(w.ours.gateway)+"/users", "")
	if !strings.Contains(visitors.Body, `"name":"visitor"`) || strings.Contains(visitors.Body, `"name":"developer"`) {
		t.Error(visitors.Body)
	}
	if mine := boss("GET", list, ""); strings.Contains(mine.Body, `"name":"visitor"`) || !strings.Contains(mine.Body, `"name":"developer"`) {
		t.Error(mine.Body)
	}
	w.want("an application with users", boss("DELETE", "/applications/"+id(w.ours.gateway), ""), 409, 6)
}

func (w *world) keys(t *testing.T, boss caller, one string) {
	a := boss("POST", one+"/access-tokens", `{"description":"CI","expires":"2030-01-01T00:00:00Z"}`)
	w.want("make a key", a, 201, 0)
	got := made(t, a)
	if len(text(got, "client-id")) != 44 || len(text(got, "client-secret")) != 44 || got["description"] != "CI" ||
		a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	list := boss("GET", one+"/access-tokens", "")
	if !strings.Contains(list.Body, text(got, "client-id")) || strings.Contains(list.Body, text(got, "client-secret")) ||
		!strings.Contains(list.Body, `"expires":"2030-01-01T00:00:00.000Z"`) {
		t.Error(list.Body)
	}
	w.want("expired before it began", boss("POST", one+"/access-tokens", `{"expires":"2020-01-01T00:00:00Z"}`), 400, 3)
	w.want("delete it", boss("DELETE", one+"/access-tokens/"+text(got, "client-id"), ""), 204, 0)
	w.want("twice", boss("DELETE", one+"/access-tokens/"+text(got, "client-id"), ""), 404, 5)
	w.want("refused", w.exchange(w.ours, [2]string{text(got, "client-id"), text(got, "client-secret")}), 401, 16)
	if list := boss("GET", one+"/access-tokens", ""); list.Body != "[]" {
		t.Error(list.Body)
	}
}

func (w *world) serviceUsers(t *testing.T, boss caller) {
	a := boss("POST", "/service-users", `{"name":"Обмен","areas":["*"]}`)
	w.want("create", a, 201, 0)
	one := "/service-users/" + text(made(t, a), "id")
	w.want("rename", boss("PATCH", one, `{"name":"Обмен с сайтом"}`), 200, 0)
	first := text(made(t, boss("POST", one+"/service-token", "")), "service-token")
	w.HubEx(t, authority.Production, first)
	second := boss("POST", one+"/service-token", `{"overlap":3600,"expires":"2030-01-01T00:00:00Z"}`)
	w.want("another", second, 201, 0)
	if got := made(t, second); got["expires"] != "2030-01-01T00:00:00.000Z" {
		t.Error(second.Body)
	}
	w.HubEx(t, authority.Production, first)
	w.HubEx(t, authority.Production, text(made(t, second), "service-token"))
	w.want("overlap too long", boss("POST", one+"/service-token", `{"overlap":99999999}`), 400, 3)
	w.want("overlap misspelt", boss("POST", one+"/service-token", `{"overlaps":3600}`), 400, 3)
	w.HubEx(t, authority.Production, first)
	w.want("overlap negative", boss("POST", one+"/service-token", `{"overlap":-1}`), 400, 11)
	w.want("end them", boss("DELETE", one+"/service-token", ""), 204, 0)
	for _, token := range []string{first, text(made(t, second), "service-token")} {
		call := testenv.Call{Path: "/fsm/AUTHZ/AccessTokens", Body: `{"serviceToken":"` + token + `"}`}
		if a := w.Do(t, call); a.Status != 401 {
			t.Errorf("an ended token: %d", a.Status)
		}
	}
	w.want("delete", boss("DELETE", one, ""), 204, 0)
	w.want("a token for nobody", boss("POST", one+"/service-token", ""), 404, 5)
	w.want("a token for a user", boss("POST", "/service-users/"+id(w.ours.people["developer"].ID)+"/service-token", ""), 404, 5)
}

func (w *world) applications(t *testing.T, boss caller) {
	a := boss("POST", "/applications", `{"name":"Витрина","display-name":"Витрина заказов","description":"Сайт","type":"oauth","redirect-uris":["https://shop.example/back"]}`)
	w.want("create", a, 201, 0)
	got := made(t, a)
	one := "/applications/" + text(got, "id")
	if got["status"] != "Running" || text(got, "application-id") == "" || text(got, "application-secret") == "" ||
		got["display-name"] != "Витрина заказов" || text(got, "date-created") == "" || fmt.Sprint(got["redirect-uris"]) != "[https://shop.example/back]" {
		t.Errorf("%s", a.Body)
	}
	if read := boss("GET", one, ""); strings.Contains(read.Body, text(got, "application-secret")) || read.Status != 200 {
		t.Error(read.Body)
	}
	for name, body := range map[string]string{
		"type": `{"name":"x","type":"native"}`, "access": `{"name":"x","access":"Some"}`,
		"plain redirect": `{"name":"x","redirect-uris":["http://shop.example/"]}`, "fragment": `{"name":"x","redirect-uris":["https://a.example/#b"]}`,
		"relative": `{"name":"x","redirect-uris":["/back"]}`, "script": `{"name":"x","redirect-uris":["javascript:alert(1)"]}`,
	} {
		w.want(name, boss("POST", "/applications", body), 400, 3)
	}
	ask := func(secret string) int {
		call := testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials"}
		return w.Do(t, call.With(testenv.Basic(text(got, "application-id"), secret)...)).Status
	}
	secret := text(got, "application-secret")
	w.want("overlap misspelt", boss("POST", one+"/secret", `{"overlaps":60}`), 400, 3)
	rotated := boss("POST", one+"/secret", `{"overlap":60}`)
	w.want("rotate", rotated, 201, 0)
	next := text(made(t, rotated), "application-secret")
	if ask(secret) != 200 || ask(next) != 200 {
		t.Error("in the overlap one of both secrets is refused")
	}
	w.want("rotate at once", boss("POST", one+"/secret", ""), 201, 0)
	if ask(secret) == 200 || ask(next) == 200 {
		t.Error("a former secret still works")
	}
	w.credentials(t, boss, text(got, "id"), ask)
	w.want("stop", boss("PATCH", one, `{"status":"Stopped","description":"Закрыт"}`), 200, 0)
	if read := made(t, boss("GET", one, "")); read["status"] != "Stopped" || read["description"] != "Закрыт" || read["display-name"] != "Витрина заказов" {
		t.Errorf("%v", read)
	}
	w.want("status of another kind", boss("PATCH", one, `{"status":"Frozen"}`), 400, 3)
	w.want("delete", boss("DELETE", one, ""), 204, 0)
	w.want("gone", boss("POST", one+"/secret", ""), 404, 5)
}

// credentials cuts a replaced secret before its overlap is over (B35).
func (w *world) credentials(t *testing.T, boss caller, of string, ask func(string) int) {
	t.Helper()
	former := text(made(t, boss("POST", "/applications/"+of+"/secret", "")), "application-secret")
	next := text(made(t, boss("POST", "/applications/"+of+"/secret", `{"overlap":3600}`)), "application-secret")
	list := boss("GET", "/credentials?principal="+of, "")
	if strings.Contains(list.Body, former) || strings.Contains(list.Body, next) {
		t.Error(list.Body)
	}
	for _, c := range rows(t, list) {
		if c["ends"] != nil && c["revoked"] == false {
			w.want("cut", boss("DELETE", "/credentials/"+text(c, "id"), ""), 204, 0)
		}
	}
	if ask(former) == 200 || ask(next) != 200 {
		t.Error("the wrong one was cut")
	}
	w.want("whose?", boss("GET", "/credentials", ""), 400, 3)
	w.want("nobody's", boss("GET", "/credentials?principal="+id(12345), ""), 404, 5)
	w.want("no such", boss("DELETE", "/credentials/"+id(12345), ""), 404, 5)
	w.want("his password", boss("GET", "/credentials?principal="+id(w.ours.people["developer"].ID), ""), 200, 0)
}

func (w *world) authorization(t *testing.T, boss caller) {
	a := boss("POST", "/authorization-token", "")
	w.want("make", a, 201, 0)
	token := text(made(t, a), "authorization-token")
	pair := func() int {
		return w.Do(t, testenv.Call{Path: "/api/v1/auth/integrationapi/create", Header: testenv.Bearer(token)}).Status
	}
	if token == "" || pair() != 200 {
		t.Errorf("%s", a.Body)
	}
	about := boss("GET", "/authorization-token", "")
	if about.Status != 200 || strings.Contains(about.Body, token) || made(t, about)["kind"] != "authorization_token" {
		t.Errorf("%d %s", about.Status, about.Body)
	}
	w.want("no member of it", boss("POST", "/authorization-token", `{"overlap":5}`), 400, 3)
	for _, path := range []string{"/audit?verbs=x", "/audit/export?verbs=x", "/usage?nix=1", "/usage/doors?nix=1", "/roles?PAGE=1", "/grants?principle=x"} {
		w.want(path, boss("GET", path, ""), 400, 3)
	}
	w.want("end", boss("DELETE", "/authorization-token", ""), 204, 0)
	if pair() != 401 {
		t.Error("it still works")
	}
	w.want("end none", boss("DELETE", "/authorization-token", ""), 204, 0)
	w.want("read none", boss("GET", "/authorization-token", ""), 404, 5)
}

func (w *world) grants(t *testing.T, boss caller) {
	dev := w.ours.people["developer"].ID
	w.want("former ones", boss("DELETE", "/grants?principal="+id(dev), ""), 204, 0)
	tokens := []string{w.token(w.ours, "developer"), w.token(w.ours, "developer")}
	var list []map[string]any
	boss("GET", "/grants?principal="+id(dev), "").JSON(t, &list)
	if len(list) != 2 || list[0]["dialect"] != "element" || list[0]["principal"] != id(dev) || list[0]["address"] != "127.0.0.1" {
		t.Fatalf("%v", list)
	}
	w.want("none of nobody's", boss("GET", "/grants?principal="+id(12345), ""), 200, 0)
	w.want("no UUID", boss("GET", "/grants?principal=1", ""), 400, 3)
	w.want("misspelt", boss("DELETE", "/grants?principal="+id(dev)+"&acount=1", ""), 400, 3)
	w.want("revoke one", boss("DELETE", "/grants/"+text(list[0], "id"), ""), 204, 0)
	alive := 0
	for _, token := range tokens {
		if w.with(w.ours, token, "GET", "/me", "").Status == 200 {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d tokens are alive", alive)
	}
	w.want("revoke all", boss("DELETE", "/grants?principal="+id(dev), ""), 204, 0)
	for _, token := range tokens {
		w.want("revoked", w.with(w.ours, token, "GET", "/me", ""), 401, 16)
	}
	w.want("whose?", boss("DELETE", "/grants", ""), 400, 3)
	w.want("both", boss("DELETE", "/grants?all=true&principal="+id(dev), ""), 400, 3)
	w.want("nobody's", boss("DELETE", "/grants?principal="+id(12345), ""), 404, 5)
	w.want("of another account", boss("DELETE", "/grants?principal="+id(w.away.people["developer"].ID), ""), 404, 5)
}

func (w *world) settings(t *testing.T, boss caller) {
	before := made(t, boss("GET", "/settings", ""))
	if before["time-zone"] != "Europe/Moscow" || before["hubex"] == nil || before["element"] == nil {
		t.Errorf("%v", before)
	}
	body := `{"time-zone":"Asia/Yekaterinburg","hubex":{"access-lifetime":1800,"strict":true,"shape":"map","accept-tokens-from":["oauth"]}}`
	w.want("change", boss("PATCH", "/settings", body), 200, 0)
	after := made(t, boss("GET", "/settings", ""))
	hubex, _ := after["hubex"].(map[string]any)
	if after["time-zone"] != "Asia/Yekaterinburg" || hubex["access-lifetime"] != 1800.0 || hubex["strict"] != true ||
		hubex["shape"] != "map" || fmt.Sprint(hubex["accept-tokens-from"]) != "[oauth]" {
		t.Errorf("%v", after)
	}
	w.want("keep", boss("PATCH", "/settings", `{"retention":{"calls":365,"recordings":90},"retention.audit":730}`), 200, 0)
	kept := made(t, boss("PATCH", "/settings", `{"retention":{"recordings":null}}`))["retention"]
	if got := fmt.Sprint(kept); got != "map[audit:730 calls:365 recordings:0 results:0]" {
		t.Errorf("retention %s", got)
	}
	w.want("back", boss("PATCH", "/settings", `{"retention":{"calls":0,"audit":0},"hubex":{"access-lifetime":0,"strict":false,"shape":"","accept-tokens-from":[]},"time_zone":"Europe/Moscow"}`), 200, 0)
	for name, body := range map[string]string{
		"unknown dialect": `{"sip":{"strict":true}}`, "unknown switch": `{"hubex":{"strickt":true}}`, "unknown": `{"a.b":1}`,
		"lifetime": `{"hubex":{"access-lifetime":5}}`, "kind": `{"hubex":{"strict":"yes"}}`, "days": `{"retention":{"calls":-1}}`, "many days": `{"retention.audit":36501}`, "kept": `{"retention":{"mail":1}}`, "no object": `{"hubex":5}`, "null": `{"hubex":null}`,
		"zone": `{"time-zone":"Mars"}`, "shape": `{"hubex":{"shape":"tree"}}`, "own tokens": `{"hubex":{"accept-tokens-from":["hubex"]}}`,
		"another's": `{"hubex":{"literal-response":true}}`, "an array": `[]`,
	} {
		if a := boss("PATCH", "/settings", body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

func (w *world) usage(t *testing.T, boss caller) {
	w.must(w.Server.Data().Authority.Flush(t.Context()))
	dev := w.ours.people["developer"].ID
	var before, after []map[string]any
	boss("GET", "/usage?dialect=element&principal="+id(dev), "").JSON(t, &before)
	token := w.token(w.ours, "developer")
	for range 5 {
		w.with(w.ours, token, "GET", "/me", "")
	}
	w.must(w.Server.Data().Authority.Flush(t.Context()))
	boss("GET", "/usage?dialect=element&principal="+id(dev), "").JSON(t, &after)
	if len(after) != 1 || len(before) != 1 {
		t.Fatalf("%v %v", before, after)
	}
	calls := func(m map[string]any, name string) float64 { n, _ := m[name].(float64); return n }
	if calls(after[0], "calls")-calls(before[0], "calls") != 5 || calls(after[0], "issues")-calls(before[0], "issues") != 1 {
		t.Errorf("%v then %v", before[0], after[0])
	}
	if hour := w.clock.Now().UTC().Truncate(time.Hour).Format("2006-01-02T15:04:05.000Z"); after[0]["hour"] != hour {
		t.Errorf("hour %v", after[0]["hour"])
	}
	w.want("weak doors", boss("GET", "/usage/doors", ""), 200, 0)
}

// A developer reads, and manages his own keys; nothing else (B32, contract).
func checkDeveloper(t *testing.T, w *world) {
	dev := w.ours.people["developer"]
	do := func(method, path, body string) testenv.Answer { return w.as(w.ours, "developer", method, path, body) }
	for _, path := range []string{
		"/me", own(w.ours), own(w.ours) + "/" + id(dev.ID), own(w.ours) + "/" + id(dev.ID) + "/access-tokens",
		"/service-users", "/applications", "/grants", "/roles", "/areas", "/settings", "/audit", "/usage", "/signing-keys", "/permissions",
	} {
		w.want("GET "+path, do("GET", path, ""), 200, 0)
	}
	mine := own(w.ours) + "/" + id(dev.ID) + "/access-tokens"
	a := do("POST", mine, `{"description":"мой"}`)
	w.want("his own key", a, 201, 0)
	w.want("and its end", do("DELETE", mine+"/"+text(made(t, a), "client-id"), ""), 204, 0)
	boss := own(w.ours) + "/" + id(w.ours.people["administrator"].ID)
	theirs := w.ours.people["administrator"].key[0]
	for what, a := range map[string]testenv.Answer{
		"another's key":       do("POST", boss+"/access-tokens", `{}`),
		"another's key's end": do("DELETE", boss+"/access-tokens/"+theirs, ""),
		"user":                do("POST", own(w.ours), `{"login":"x","password":"correct horse"}`),
		"himself":             do("PATCH", own(w.ours)+"/"+id(dev.ID), `{"roles":[]}`),
		"delete":              do("DELETE", boss, ""),
		"service user":        do("POST", "/service-users", `{"name":"x"}`),
		"application":         do("POST", "/applications", `{"name":"x"}`),
		"authorization token": do("POST", "/authorization-token", ""),
		"grants":              do("DELETE", "/grants?principal="+id(dev.ID), ""),
		"role":                do("POST", "/roles", `{"name":"x"}`),
		"area":                do("POST", "/areas", `{"name":"x"}`),
		"settings":            do("PATCH", "/settings", `{}`),
		"rotation":            do("POST", "/signing-keys", `{"dialect":"hubex"}`),
		"accounts":            do("GET", "/accounts", ""),
	} {
		w.want(what, a, 403, 7)
	}
}

// Nobody gives more than he has (package admin's Limit, through this door).
func checkNoEscalation(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	w.want("a role with more", boss("POST", "/roles", `{"name":"x","permissions":["AccountsManage"]}`), 403, 7)
	w.want("accounts", boss("GET", "/accounts", ""), 403, 7)
	owner := own(w.ours) + "/" + id(w.ours.people["owner"].ID)
	w.want("the owner's key", boss("POST", owner+"/access-tokens", `{}`), 403, 7)
	w.want("the owner's password", boss("PATCH", owner, `{"password":"correct horse battery"}`), 403, 7)
	w.want("the owner's end", boss("DELETE", owner, ""), 403, 7)
	w.want("the owner's tokens", boss("DELETE", "/grants?principal="+id(w.ours.people["owner"].ID), ""), 403, 7)
	_ = w.token(w.ours, "owner")
	w.want("one of them", boss("DELETE", "/grants/"+text(rows(t, boss("GET", "/grants?principal="+id(w.ours.people["owner"].ID), ""))[0], "id"), ""), 403, 7)
	for _, c := range rows(t, boss("GET", "/credentials?principal="+id(w.ours.people["owner"].ID), "")) {
		if c["kind"] == "access_key" {
			w.want("the owner's key ended", boss("DELETE", "/credentials/"+text(c, "id"), ""), 403, 7)
		}
	}
	w.want("rotation", boss("POST", "/signing-keys", `{"dialect":"hubex"}`), 403, 7)
	w.want("himself disabled", boss("PATCH", own(w.ours)+"/"+id(w.ours.people["administrator"].ID), `{"disabled":true}`), 409, 6)
}

// The deployment's owner manages accounts.
func checkOwner(t *testing.T, w *world) {
	owner := func(method, path, body string) testenv.Answer { return w.as(w.ours, "owner", method, path, body) }
	a := owner("POST", "/accounts", `{"name":"Мост","contract":"M-77","login":"boss@most.test","full-name":"Начальник"}`)
	w.want("create", a, 201, 0)
	got := made(t, a)
	one := "/accounts/" + text(got, "id")
	if got["contract"] != "M-77" || text(got, "password") == "" || got["administrator"] == nil || got["stand"] != "production" ||
		a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s", a.Body)
	}
	w.want("taken", owner("POST", "/accounts", `{"name":"Мост 2","contract":"M-77"}`), 409, 6)
	w.want("taken in another case", owner("POST", "/accounts", `{"name":"Мост 2","contract":"m-77"}`), 409, 6)
	w.want("number 0", owner("POST", "/accounts", `{"name":"Мост 2","contract":"M-78","client-id":0}`), 400, 3)
	w.want("no name", owner("POST", "/accounts", `{}`), 400, 3)
	w.want("rename", owner("PATCH", one, `{"name":"Мосты","hosts":["most.example"]}`), 200, 0)
	if read := made(t, owner("GET", one, "")); read["name"] != "Мосты" || fmt.Sprint(read["hosts"]) != "[most.example]" {
		t.Errorf("%v", read)
	}
	w.want("hosts changed", owner("PATCH", one, `{"hosts":["MOSTY.example"]}`), 200, 0)
	if read := made(t, owner("GET", one, "")); fmt.Sprint(read["hosts"]) != "[mosty.example]" {
		t.Errorf("%v", read)
	}
	for _, made := range []struct {
		path string
		is   bool
	}{{one, true}, {"/accounts/" + id(w.ours.account.ID), false}} {
		w.want("default", owner("PATCH", one, `{"default":true}`), 200, 0)
		if a := owner("GET", made.path, ""); strings.Contains(a.Body, `"default":true`) != made.is {
			t.Errorf("default %v: %s", made.is, a.Body)
		}
	}
	w.want("the former default", owner("PATCH", "/accounts/"+id(w.ours.account.ID), `{"default":true}`), 200, 0)
	w.want("living", owner("DELETE", one, ""), 409, 6)
	w.want("disable", owner("PATCH", one, `{"disabled":true}`), 200, 0)
	w.want("enable", owner("PATCH", one, `{"disabled":false}`), 200, 0)
	w.want("disable", owner("PATCH", one, `{"disabled":true}`), 200, 0)
	w.want("delete", owner("DELETE", one, ""), 204, 0)
	w.want("gone", owner("GET", one, ""), 404, 5)
	w.want("his own", owner("PATCH", "/accounts/"+id(w.ours.account.ID), `{"disabled":true}`), 409, 6)
	w.want("of the other stand", owner("GET", "/accounts/"+id(w.trial.account.ID), ""), 404, 5)
	if list := owner("GET", "/accounts", ""); strings.Contains(list.Body, id(w.trial.account.ID)) || !strings.Contains(list.Body, id(w.away.account.ID)) {
		t.Error(list.Body)
	}
}

// Pages, to the letter of the contract.
func checkPaging(t *testing.T, w *world) {
	for i := range 30 {
		_, err := w.admin().CreateArea(t.Context(), w.system(w.ours), fmt.Sprintf("Я %02d", i))
		w.must(err)
	}
	boss := func(path string) testenv.Answer { return w.as(w.ours, "administrator", "GET", "/areas"+path, "") }
	total := len(rows(t, boss("")))
	if a := boss(""); a.Header.Get("Link") != "" || total < 30 {
		t.Errorf("%d rows, Link %q", total, a.Header.Get("Link"))
	}
	var p struct {
		Content                                                   []map[string]any
		Number, Size, NumberOfElements, TotalElements, TotalPages int
		First, Last                                               bool
	}
	boss("?page=0").JSON(t, &p)
	if len(p.Content) != 25 || p.Size != 25 || p.Number != 0 || p.NumberOfElements != 25 || p.TotalElements != total ||
		p.TotalPages != 2 || !p.First || p.Last {
		t.Errorf("%+v", p)
	}
	boss("?page=1&size=25&result=page").JSON(t, &p)
	if len(p.Content) != total-25 || p.First || !p.Last || p.Number != 1 {
		t.Errorf("%+v", p)
	}
	boss("?page=9").JSON(t, &p)
	if p.Content == nil || len(p.Content) != 0 || !p.Last || p.TotalElements != total {
		t.Errorf("%+v", p)
	}
	if boss("?page=9").Status != 200 || len(rows(t, boss("?size=10&result=array"))) != 10 || len(rows(t, boss("?page=3&size=10&result=array"))) != total-30 {
		t.Error("arrays")
	}
	boss("?result=page").JSON(t, &p)
	if p.Size != 25 {
		t.Errorf("%+v", p)
	}
	link := boss("?size=10&result=array").Header.Get("Link")
	if link != `<`+base+`/areas?page=1&result=array&size=10>; rel="next"` {
		t.Errorf("Link %s", link)
	}
	for query, number := range map[string]int{
		"?page=-1": 11, "?size=0": 11, "?size=1001": 11, "?page=x": 3, "?size=1.5": 3, "?result=list": 3,
		"?page=999999999&size=1000": 11, "?page=1&page=2": 3, "?page=99999999999999999999": 3,
	} {
		w.want(query, boss(query), 400, number)
	}
}

func rows(t *testing.T, a testenv.Answer) []map[string]any {
	t.Helper()
	var out []map[string]any
	a.JSON(t, &out)
	return out
}

// The audit: filters, cursors that are good for one list alone (B45), and the
// stream.
func checkAudit(t *testing.T, w *world) {
	boss := func(path string) testenv.Answer { return w.as(w.ours, "administrator", "GET", path, "") }
	for i := range 7 {
		w.want("role", w.as(w.ours, "administrator", "POST", "/roles", fmt.Sprintf(`{"name":"Р %d"}`, i)), 201, 0)
	}
	w.must(w.Server.Data().Authority.Flush(t.Context()))
	first := boss("/audit?verb=role.create&size=5")
	entries := rows(t, first)
	if len(entries) != 5 || entries[0]["actor"] != id(w.ours.people["administrator"].ID) || entries[0]["outcome"] != "done" ||
		!strings.HasPrefix(text(entries[0], "object"), "role/") || len(text(entries[0], "object")) != 41 || entries[0]["dialect"] != "element" {
		t.Fatalf("%s", first.Body)
	}
	cursor := first.Header.Get("X-Next-Cursor")
	seen := map[string]bool{}
	for page := first; ; {
		for _, e := range rows(t, page) {
			seen[text(e, "id")] = true
		}
		link := page.Header.Get("Link")
		if link == "" {
			break
		}
		page = boss(strings.TrimPrefix(link[1:strings.IndexByte(link, '>')], base))
	}
	if all := rows(t, boss("/audit?verb=role.create")); len(seen) != len(all) || len(all) < 8 {
		t.Errorf("%d of %d entries", len(seen), len(all))
	}
	flipped := "B" + cursor[1:]
	for what, a := range map[string]testenv.Answer{
		"another filter": boss("/audit" + query("verb", "role.change", "cursor", cursor)),
		"no filter":      boss("/audit" + query("cursor", cursor)),
		"flipped":        boss("/audit" + query("verb", "role.create", "cursor", flipped)),
		"junk":           boss("/audit?cursor=junk"),
		"an entry's id":  boss("/audit" + query("verb", "role.create", "cursor", text(entries[0], "id"))),
		"another user":   w.as(w.ours, "developer", "GET", "/audit"+query("verb", "role.create", "cursor", cursor), ""),
		"another place":  w.as(w.away, "administrator", "GET", "/audit"+query("verb", "role.create", "cursor", cursor), ""),
		"outcome":        boss("/audit?outcome=maybe"),
		"time":           boss("/audit?since=yesterday"),
		"actor":          boss("/audit?actor=1"),
	} {
		w.want(what, a, 400, 3)
	}
	w.export(t)
}

// Refusals that belong to no account are the deployment's owner's to find, on his
// stand; to everybody else they are not there.
func checkAuditOfNoAccount(t *testing.T, w *world) {
	const secret = "pk_svc_stranger_who_is_not_known"
	for _, stand := range []authority.Stand{authority.Production, authority.Test} {
		for path, header := range map[string][]string{
			"/console/api/v2/me": {"Authorization", "Bearer " + secret}, "/console/sys/token": testenv.Basic("nobody", secret),
		} {
			call := testenv.Call{Stand: stand, Path: path, Header: []string{"X-Request-ID", "lost-" + string(stand)}}
			if path == "/console/sys/token" {
				call.Type, call.Body = testenv.Form, "grant_type=client_credentials"
			}
			if a := w.Do(t, call.With(header...)); a.Status != 401 {
				t.Fatalf("%s: %d %s", path, a.Status, a.Body)
			}
		}
	}
	w.must(w.Server.Data().Authority.Flush(t.Context()))
	for name, test := range map[string]struct {
		p     *place
		who   string
		query []string
		want  int
	}{
		"the owner":                 {w.ours, "owner", []string{"request-id", "lost-production"}, 2},
		"page by page":              {w.ours, "owner", []string{"request-id", "lost-production", "size", "1"}, 2},
		"by verb":                   {w.ours, "owner", []string{"account", "none", "verb", "token.authenticate", "request-id", "lost-production"}, 1},
		"of his account":            {w.ours, "owner", []string{"account", "own", "request-id", "lost-production"}, 0},
		"the other stand's":         {w.ours, "owner", []string{"request-id", "lost-test"}, 0},
		"the owner there":           {w.trial, "owner", []string{"request-id", "lost-test"}, 2},
		"his administrator":         {w.ours, "administrator", []string{"request-id", "lost-production"}, 0},
		"who asks":                  {w.ours, "administrator", []string{"account", "none"}, 0},
		"a developer":               {w.ours, "developer", []string{"account", "none"}, 0},
		"another's administrator":   {w.away, "administrator", []string{"request-id", "lost-production"}, 0},
		"another's who asks":        {w.away, "administrator", []string{"account", "none"}, 0},
		"an administrator for test": {w.trial, "administrator", []string{"account", "none"}, 0},
	} {
		n := 0
		for path := "/audit" + query(test.query...); path != ""; {
			a := w.as(test.p, test.who, "GET", path, "")
			w.want(name, a, 200, 0)
			for _, e := range rows(t, a) {
				if n++; e["account"] != nil || e["address"] == "" || e["reason"] == "" || e["outcome"] != "refused" {
					t.Errorf("%s: %v", name, e)
				}
			}
			if path = ""; a.Header.Get("Link") != "" {
				path, _, _ = strings.Cut(strings.TrimPrefix(a.Header.Get("Link"), "<"+base), ">")
			}
			if strings.Contains(a.Body, secret) {
				t.Errorf("%s: a secret: %s", name, a.Body)
			}
		}
		if n != test.want {
			t.Errorf("%s: %d entries, want %d", name, n, test.want)
		}
		if test.query[0] == "request-id" && len(test.query) == 2 {
			file := w.as(test.p, test.who, "GET", "/audit/export"+query(test.query...), "")
			if lines := strings.Count(file.Body, "\n"); lines != test.want || strings.Contains(file.Body, secret) {
				t.Errorf("%s: %d lines: %s", name, lines, file.Body)
			}
		}
	}
	w.want("another word", w.as(w.ours, "owner", "GET", "/audit?account=all", ""), 400, 3)
}

func (w *world) export(t *testing.T) {
	t.Helper()
	caller := w.system(w.ours)
	for i := range 600 { // more than one step
		if i%100 == 0 {
			w.clock.Advance(time.Second)
		}
		w.Server.Data().Authority.Refuse(authority.Entry{
			Stand: w.ours.stand, Account: w.ours.account.ID, Verb: "flood", Reason: fmt.Sprint(i), Actor: authority.ID(i + 1), Credential: authority.ID(i + 1),
		})
	}
	w.must(w.Server.Data().Authority.Flush(t.Context()))
	whole, err := w.admin().Audit(t.Context(), caller, admin.AuditQuery{Verb: "flood", Size: 1000})
	w.must(err)
	a := w.as(w.ours, "administrator", "GET", "/audit/export?verb=flood", "")
	lines := 0
	for s := bufio.NewScanner(strings.NewReader(a.Body)); s.Scan(); lines++ {
		var e map[string]any
		if err := json.Unmarshal(s.Bytes(), &e); err != nil || e["verb"] != "flood" {
			t.Fatalf("line %d: %s", lines, s.Text())
		}
	}
	if lines != len(whole) || lines < 501 || a.Header.Get("Content-Type") != "application/x-ndjson; charset=utf-8" {
		t.Errorf("%d lines of %d, %v", lines, len(whole), a.Header)
	}
	w.want("bad filter", w.as(w.ours, "administrator", "GET", "/audit/export?outcome=x", ""), 400, 3)
	if head := w.as(w.ours, "administrator", "HEAD", "/audit/export", ""); head.Status != 200 || head.Body != "" {
		t.Errorf("HEAD: %d %q", head.Status, head.Body)
	}
}

// Anybody may ask whether the server answers, at both documented paths.
func checkStatus(t *testing.T, w *world) {
	for _, path := range []string{"/console/api/v1/status/", "/console/api/v1/status", base + "/status/", base + "/status"} {
		if a := w.Do(t, testenv.Call{Path: path}); a.Status != 200 || a.Body != `{"status":"Running"}` {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	for _, path := range []string{"/console/api/v2/nothing", "/console/api/v3/me", "/applications", "/console/sys/other"} {
		a := w.Do(t, testenv.Call{Path: path})
		w.shape(path, a)
		w.want(path, a, 404, 5)
	}
}

// Rule 10: the test stand alone shortens and ends tokens at will.
func checkTestStand(t *testing.T, w *world) {
	key := w.trial.people["developer"].key
	call := testenv.Call{Stand: authority.Test, Path: "/console/sys/token", Type: testenv.Form, Body: "grant_type=client_credentials"}
	call = call.With(testenv.Basic(key[0], key[1])...)
	short := w.Do(t, call.With("X-Propusk-Token-Lifetime", "5"))
	var answer struct {
		Expires int64 `json:"expires_in"`
	}
	short.JSON(t, &answer)
	if answer.Expires != 5 {
		t.Errorf("expires_in %d", answer.Expires)
	}
	w.want("alive", w.with(w.trial, short.Field(t, "id_token"), "GET", "/me", ""), 200, 0)
	w.clock.Advance(6 * time.Second)
	w.want("expired", w.with(w.trial, short.Field(t, "id_token"), "GET", "/me", ""), 401, 16)

	a := w.Do(t, call)
	idToken, access := a.Field(t, "id_token"), a.Field(t, "access_token")
	expire := func(body string) testenv.Answer { return w.as(w.trial, "developer", "POST", "/test/expire", body) }
	w.want("by token", expire(`{"token":"`+idToken+`"}`), 204, 0)
	w.want("it", w.with(w.trial, idToken, "GET", "/me", ""), 401, 16)
	w.want("the other", w.with(w.trial, access, "GET", "/me", ""), 200, 0)
	var list []map[string]any
	w.as(w.trial, "developer", "GET", "/grants?principal="+id(w.trial.people["developer"].ID), "").JSON(t, &list)
	for _, g := range list {
		if w.with(w.trial, access, "GET", "/me", "").Status == 200 {
			if a := w.with(w.trial, access, "POST", "/test/expire", `{"grant-id":"`+text(g, "id")+`"}`); a.Status != 204 {
				t.Errorf("by grant: %d %s", a.Status, a.Body)
			}
		}
	}
	w.want("the other, by its grant", w.with(w.trial, access, "GET", "/me", ""), 401, 16)
	who := w.trial.people["developer"]
	who.bearer = ""
	w.trial.people["developer"] = who
	w.want("neither", expire(`{}`), 400, 3)
	w.want("both", expire(`{"token":"x","grant-id":"`+id(1)+`"}`), 400, 3)
	w.want("junk", expire(`{"token":"x"}`), 404, 5)
	w.want("no such grant", expire(`{"grant-id":"`+id(1)+`"}`), 404, 5)
	theirs := w.token(w.trial, "administrator")
	w.want("a colleague's", expire(`{"token":"`+theirs+`"}`), 403, 7)
	production := w.as(w.ours, "administrator", "POST", "/test/expire", `{"token":"x"}`)
	w.want("on production", production, 404, 5)
	long := testenv.Call{Path: call.Path, Type: call.Type, Body: call.Body}
	own := w.ours.people["developer"].key
	w.Do(t, long.With(testenv.Basic(own[0], own[1])...).With("X-Propusk-Token-Lifetime", "5")).JSON(t, &answer)
	if answer.Expires != 3600 {
		t.Errorf("on production: expires_in %d", answer.Expires)
	}
	living := w.token(w.trial, "developer")
	w.want("everything ended", w.as(w.trial, "administrator", "DELETE", "/grants?all=true", ""), 204, 0)
	w.want("everything", w.with(w.trial, living, "GET", "/me", ""), 401, 16)
}

// B44: what is another account's is as if it were not there, and stays as it is.
func checkWalls(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	theirs := w.away
	user, list := id(theirs.people["developer"].ID), id(theirs.account.ID)
	key := theirs.people["developer"].key[0]
	area, err := w.admin().CreateArea(t.Context(), w.system(theirs), "Их участок")
	w.must(err)
	for _, call := range [][3]string{
		{"GET", "/user-lists/" + list + "/users", ""},
		{"POST", "/user-lists/" + list + "/users", `{"login":"x","password":"correct horse"}`},
		{"GET", own(w.ours) + "/" + user, ""},
		{"PATCH", own(w.ours) + "/" + user, `{"name":"x"}`},
		{"DELETE", own(w.ours) + "/" + user, ""},
		{"GET", own(w.ours) + "/" + user + "/access-tokens", ""},
		{"POST", own(w.ours) + "/" + user + "/access-tokens", `{}`},
		{"DELETE", own(w.ours) + "/" + user + "/access-tokens/" + key, ""},
		{"GET", "/applications/" + id(theirs.gateway), ""},
		{"PATCH", "/applications/" + id(theirs.gateway), `{"name":"x"}`},
		{"DELETE", "/applications/" + id(theirs.gateway), ""},
		{"POST", "/applications/" + id(theirs.gateway) + "/secret", `{}`},
		{"PATCH", "/areas/" + id(area.ID), `{"name":"x"}`},
		{"DELETE", "/areas/" + id(area.ID), ""},
		{"GET", "/areas/" + id(area.ID), ""},
		{"DELETE", "/grants?principal=" + user, ""},
	} {
		nobody := strings.NewReplacer(user, id(4503599627370497), list, id(4503599627370497), id(theirs.gateway), id(4503599627370497),
			id(area.ID), id(4503599627370497)).Replace(call[1])
		got, want := boss(call[0], call[1], call[2]), boss(call[0], nobody, call[2])
		if got.Status != http.StatusNotFound || got.Status != want.Status || got.Body != want.Body {
			t.Errorf("%s %s: %d %s, for nobody's %d %s", call[0], call[1], got.Status, got.Body, want.Status, want.Body)
		}
	}
	w.want("theirs lives", w.exchange(theirs, theirs.people["developer"].key), 200, 0)
}
