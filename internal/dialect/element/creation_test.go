package element_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// Every member that is documented is obeyed at creation as it is later, and one
// of another kind is refused.
func checkCreation(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	a := boss("POST", own(w.ours), `{"login":"off@ours.test","password":"correct horse battery","disabled":true,"token-access":false}`)
	w.want("a disabled user", a, 201, 0)
	one := own(w.ours) + "/" + text(made(t, a), "id")
	read := made(t, boss("GET", one, ""))
	if made(t, a)["disabled"] != true || read["disabled"] != true || read["token-access"] != false {
		t.Errorf("%s, read %v", a.Body, read)
	}
	signIn := testenv.Call{Path: "/api/v1/session", Type: testenv.Form, Body: "grant_type=password&username=off@ours.test&password=correct horse battery"}
	if a := w.Do(t, signIn); a.Status == http.StatusOK {
		t.Errorf("he signs in: %s", a.Body)
	}
	checkTokenAccess(t, w, boss)
	a = boss("POST", "/service-users", `{"name":"Выключен","disabled":true}`)
	w.want("a disabled service user", a, 201, 0)
	if read := made(t, boss("GET", "/service-users/"+text(made(t, a), "id"), "")); read["disabled"] != true {
		t.Errorf("%v", read)
	}
	token := text(made(t, boss("POST", "/service-users/"+text(made(t, a), "id")+"/service-token", "")), "service-token")
	if a := w.Do(t, testenv.Call{Path: "/fsm/AUTHZ/AccessTokens", Body: `{"serviceToken":"` + token + `"}`}); a.Status != 401 {
		t.Errorf("it gets a token: %d", a.Status)
	}
	a = boss("POST", "/applications", `{"name":"Стоит","type":"oauth","status":"Stopped"}`)
	w.want("a stopped application", a, 201, 0)
	if read := made(t, boss("GET", "/applications/"+text(made(t, a), "id"), "")); read["status"] != "Stopped" {
		t.Errorf("%v", read)
	}
	w.want("junk", boss("POST", "/applications", `{"name":"x","status":"Frozen"}`), 400, 3)
	for _, bad := range []string{`"yes"`, `1`, `[]`, `{}`} {
		w.want("user "+bad, boss("POST", own(w.ours), `{"login":"z@ours.test","password":"correct horse battery","disabled":`+bad+`}`), 400, 3)
		w.want("service user "+bad, boss("POST", "/service-users", `{"name":"z","disabled":`+bad+`}`), 400, 3)
	}
	w.want("status of another kind", boss("POST", "/applications", `{"name":"z","status":1}`), 400, 3)
	w.want("control character", boss("POST", own(w.ours), `{"login":"tab@ours.test","password":"correct\thorse"}`), 400, 3)
	w.want("unknown group", boss("POST", own(w.ours), `{"login":"g@ours.test","password":"correct horse","group":"admins"}`), 400, 3)
	if a := boss("PATCH", one, `{"group":"admins"}`); a.Status != 400 || !strings.Contains(a.Body, "mobile_user, external_connection, administrator") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// An application that could not keep a secret has none, and never gets one.
func checkNoSecret(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	for _, kind := range []string{"public", "oauth"} {
		a := boss("POST", "/applications", `{"name":"Страница","type":"`+kind+`","no-secret":true,"redirect-uris":["https://spa.example/back"]}`)
		w.want(kind, a, 201, 0)
		got := made(t, a)
		if _, shown := got["application-secret"]; shown || text(got, "application-id") == "" || got["no-secret"] != true {
			t.Errorf("%s: %s", kind, a.Body)
		}
		one := "/applications/" + text(got, "id")
		if read := made(t, boss("GET", one, "")); read["no-secret"] != true {
			t.Errorf("%s: %v", kind, read)
		}
		w.want("the same", boss("PATCH", one, `{"no-secret":true,"name":"Страница 2"}`), 200, 0)
		w.want("a secret later", boss("PATCH", one, `{"no-secret":false}`), 400, 3)
		w.want("a secret by rotation", boss("POST", one+"/secret", ""), 409, 6)
		for _, form := range []string{"&client_secret=x", "&client_secret=", ""} {
			call := testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials&client_id=" + text(got, "application-id") + form}
			if a := w.Do(t, call); a.Status < 400 {
				t.Errorf("%s: a token by %q: %s", kind, form, a.Body)
			}
		}
	}
	for _, kind := range []string{"trusted", "password_credentials"} {
		w.want(kind, boss("POST", "/applications", `{"name":"x","type":"`+kind+`","no-secret":true}`), 400, 3)
	}
	w.want("another kind", boss("POST", "/applications", `{"name":"x","no-secret":"yes"}`), 400, 3)
}

// B32: without token access no door gives a user a token.
func checkTokenAccess(t *testing.T, w *world, boss caller) {
	t.Helper()
	a := boss("POST", own(w.ours), `{"login":"closed@ours.test","password":"correct horse battery","group":"external_connection","token-access":false}`)
	w.want("without token access", a, 201, 0)
	one := own(w.ours) + "/" + text(made(t, a), "id")
	session := testenv.Call{Path: "/api/v1/session", Type: testenv.Form, Body: "grant_type=password&username=closed@ours.test&password=correct horse battery"}
	basic := testenv.Call{Method: "GET", Path: "/api/v1/Users"}.With(testenv.Basic("closed@ours.test", "correct horse battery")...)
	for _, open := range []bool{false, true} {
		w.want("switch", boss("PATCH", one, fmt.Sprintf(`{"token-access":%v}`, open)), 200, 0)
		if got := w.Do(t, session).Status == 200; got != open {
			t.Errorf("token access %v: a session %v", open, got)
		}
		if got := w.Do(t, basic).Status == 200; got != open {
			t.Errorf("token access %v: Basic %v", open, got)
		}
	}
	w.want("off again", boss("PATCH", one, `{"token-access":false}`), 200, 0)
	if a := w.Do(t, basic); a.Status != 401 {
		t.Errorf("a remembered pair: %d", a.Status)
	}
}

// An account can be made whole, and manned, by its owner alone.
func checkManning(t *testing.T, w *world) {
	owner := func(method, path, body string) testenv.Answer { return w.as(w.ours, "owner", method, path, body) }
	a := owner("POST", "/accounts", `{"name":"Док","contract":"D-1","disabled":true,"hosts":["DOK.example"],"stand":"production",
		"administrator":{"login":"boss@dok.test","name":"Начальник","password":"correct horse battery"}}`)
	w.want("create", a, 201, 0)
	got := made(t, a)
	boss, _ := got["administrator"].(map[string]any)
	if got["disabled"] != true || fmt.Sprint(got["hosts"]) != "[dok.example]" || got["default"] != false || got["password"] != nil ||
		boss["name"] != "Начальник" || boss["group"] != "administrator" {
		t.Errorf("%s", a.Body)
	}
	for what, body := range map[string]string{
		"other stand": `{"name":"x","stand":"test"}`, "no stand": `{"name":"x","stand":"moon"}`, "hosts of another kind": `{"name":"x","hosts":"a"}`,
		"no host": `{"name":"x","hosts":["a b"]}`, "disabled of another kind": `{"name":"x","disabled":"yes"}`, "default of another kind": `{"name":"x","default":1}`,
		"two administrators": `{"name":"x","login":"a","administrator":{"login":"b"}}`, "one without login": `{"name":"x","administrator":{"name":"b"}}`,
		"a password for nobody": `{"name":"x","password":"correct horse battery"}`,
	} {
		w.want(what, owner("POST", "/accounts", body), 400, 3)
	}
	w.want("a host that is taken", owner("POST", "/accounts", `{"name":"x","contract":"D-2","hosts":["dok.example"]}`), 409, 6)
	if strings.Contains(owner("GET", "/accounts", "").Body, `"D-2"`) {
		t.Error("the account is there without its host")
	}
	one, list := "/accounts/"+text(got, "id"), "/user-lists/"+text(got, "id")+"/users"
	w.want("enable", owner("PATCH", one, `{"disabled":false}`), 200, 0)
	w.mans(t, owner, list, made(t, owner("GET", one, "")))
	w.defaults(t, owner, one)
}

// mans makes, changes and deletes a user of another account.
func (w *world) mans(t *testing.T, owner caller, list string, account map[string]any) {
	t.Helper()
	roles, _ := account["roles"].([]any)
	if len(roles) != 2 {
		t.Fatalf("roles %v", account)
	}
	role, _ := roles[0].(map[string]any)
	a := owner("POST", list, `{"login":"new@dok.test","password":"correct horse battery","roles":["`+text(role, "id")+`"],"areas":["*"]}`)
	w.want("a user there", a, 201, 0)
	one := list + "/" + text(made(t, a), "id")
	if all := rows(t, owner("GET", list, "")); len(all) != 2 {
		t.Errorf("%v", all)
	}
	w.want("password", owner("PATCH", one, `{"password":"another horse battery","name":"Новый"}`), 200, 0)
	w.want("a role of one's own account", owner("PATCH", one, `{"roles":["`+id(w.ours.gateway)+`"]}`), 400, 3)
	w.want("a key", owner("POST", one+"/access-tokens", `{}`), 201, 0)
	for _, name := range []string{"administrator", "developer"} {
		token := w.token(w.ours, name)
		nobody := w.with(w.ours, token, "GET", "/user-lists/"+id(4503599627370497)+"/users", "")
		if a := w.with(w.ours, token, "GET", list, ""); a.Status != 404 || a.Body != nobody.Body {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	w.want("a user of one's own there", owner("GET", list+"/"+id(w.ours.people["developer"].ID), ""), 404, 5)
	theirs, err := w.admin().AccountByContract(t.Context(), w.system(w.ours), "D-1")
	w.must(err)
	seen, err := w.admin().Audit(t.Context(), authority.System(authority.Production, theirs, "", "test"), admin.AuditQuery{Verb: "user.create"})
	w.must(err)
	if len(seen) != 1 || seen[0].Actor != w.ours.people["owner"].ID {
		t.Errorf("entries %v", seen)
	}
	w.want("delete", owner("DELETE", one, ""), 204, 0)
}

// defaults moves the stand's default account to and fro.
func (w *world) defaults(t *testing.T, owner caller, one string) {
	t.Helper()
	before := ""
	for _, a := range rows(t, owner("GET", "/accounts", "")) {
		if made(t, owner("GET", "/accounts/"+text(a, "id"), ""))["default"] == true {
			before += text(a, "id")
		}
	}
	w.want("not the default", owner("PATCH", one, `{"default":false}`), 200, 0)
	w.want("make it", owner("PATCH", one, `{"default":true}`), 200, 0)
	if read := made(t, owner("GET", one, "")); read["default"] != true {
		t.Errorf("%v", read)
	}
	w.want("leave none", owner("PATCH", one, `{"default":false}`), 409, 6)
	w.want("back", owner("PATCH", "/accounts/"+before, `{"default":true}`), 200, 0)
}

// An account's administrators never lock themselves out.
func checkBuiltinRoles(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	for _, r := range rows(t, boss("GET", "/roles", "")) {
		if !admin.IsBuiltin(text(r, "name")) || r["name"] == admin.OwnerRole {
			continue
		}
		w.want("emptied", boss("PATCH", "/roles/"+text(r, "id"), `{"permissions":[]}`), 409, 6)
		w.want("renamed", boss("PATCH", "/roles/"+text(r, "id"), `{"name":"Другая"}`), 409, 6)
		w.want("deleted", boss("DELETE", "/roles/"+text(r, "id"), ""), 409, 6)
	}
	w.want("another of the name", boss("POST", "/roles", `{"name":"developer"}`), 409, 6)
	me := own(w.ours) + "/" + id(w.ours.people["administrator"].ID)
	w.want("no roles", boss("PATCH", me, `{"roles":[]}`), 409, 6)
	mine := boss("POST", "/roles", `{"name":"Управление","permissions":["UsersManage","RolesManage","AccountRead"]}`)
	w.want("a role of one's own", mine, 201, 0)
	a := boss("POST", own(w.ours), `{"login":"second@ours.test","password":"correct horse battery","roles":["`+text(made(t, mine), "id")+`"]}`)
	w.want("for another", a, 201, 0)
	w.want("taken from another", boss("PATCH", "/roles/"+text(made(t, mine), "id"), `{"permissions":["AccountRead"]}`), 200, 0)
}

// The panel takes JSON under its own name or none: a form of another site's page
// is neither.
func checkBodyTypes(t *testing.T, w *world) {
	for kind, want := range map[string]int{
		"text/plain": 415, testenv.Form: 415, "text/plain;charset=utf-8": 415, "multipart/form-data; boundary=x": 415, "application/octet-stream": 415,
		"application/json": 201, "application/json; charset=utf-8": 201, "application/vnd.api+json": 201, "text/json": 201,
	} {
		call := testenv.Call{Path: base + "/areas", Type: kind, Body: `{"name":"` + kind + `"}`}
		if a := w.Do(t, call.With(testenv.Bearer(w.token(w.ours, "administrator"))...)); a.Status != want {
			t.Errorf("%s: %d %s", kind, a.Status, a.Body)
		}
	}
}

// What is chosen once is refused later, not passed over.
func checkFixed(t *testing.T, w *world) {
	boss := func(method, path, body string) testenv.Answer {
		return w.as(w.ours, "administrator", method, path, body)
	}
	owner := func(method, path, body string) testenv.Answer { return w.as(w.ours, "owner", method, path, body) }
	a := boss("POST", "/applications", `{"name":"Тип","type":"oauth"}`)
	w.want("create", a, 201, 0)
	one := "/applications/" + text(made(t, a), "id")
	w.want("its type", boss("PATCH", one, `{"type":"trusted"}`), 400, 3)
	w.want("the same", boss("PATCH", one, `{"type":"oauth","description":"как есть"}`), 200, 0)
	account := "/accounts/" + id(w.away.account.ID)
	for _, body := range []string{`{"contract":"Z-1"}`, `{"client-id":5}`, `{"stand":"test"}`} {
		w.want(body, owner("PATCH", account, body), 400, 3)
	}
	for path, members := range map[string]string{
		own(w.ours) + "/" + id(w.ours.people["developer"].ID): "login name group disabled token-access password roles areas",
		one: "name display-name description status type access redirect-uris no-secret roles areas", "/areas/" + id(1): "name",
		"/roles/" + id(1): "name permissions", "/service-users/" + id(1): "name disabled roles areas", account: "name disabled hosts default contract client-id stand",
	} {
		for member := range strings.FieldsSeq(members) {
			a := owner("PATCH", path, `{"`+member+`":null}`)
			w.want(path+" "+member, a, 400, 3)
			if !strings.Contains(a.Body, member+" is null") {
				t.Errorf("%s: %s", member, a.Body)
			}
		}
	}
	w.want("a zone set back", boss("PATCH", "/settings", `{"time-zone":"Asia/Omsk"}`), 200, 0)
	if a := boss("PATCH", "/settings", `{"time-zone":null}`); a.Status != 200 || !strings.Contains(a.Body, `"Europe/Moscow"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := boss("POST", "/service-users", `{"name":"x","areas":["*","`+id(1)+`"]}`); a.Status != 400 || !strings.Contains(a.Body, "alone") {
		t.Errorf("all areas and some: %d %s", a.Status, a.Body)
	}
	w.want("the same", owner("PATCH", account, `{"contract":"`+w.away.account.Contract+`"}`), 200, 0)
	for what, body := range map[string]string{"unknown dialect": `{"nope":{}}`, "unknown switch": `{"nope":5}`} {
		w.want(what, boss("PATCH", "/settings", body), 400, 3)
	}
	for body, name := range map[string]string{
		`{"hubex":{"access-lifetime":5}}`: "access-lifetime", `{"hubex":{"accept-tokens-from":["x"]}}`: "accept-tokens-from", `{"time-zone":"Mars"}`: "time-zone",
	} {
		if a := boss("PATCH", "/settings", body); !strings.Contains(a.Body, name) {
			t.Errorf("%s: %s", body, a.Body)
		}
	}
}

// A key is published as long as clients keep a key set before it signs.
func checkSigningKeys(t *testing.T, w *world) {
	owner := func(method, path, body string) testenv.Answer { return w.as(w.ours, "owner", method, path, body) }
	before := w.token(w.ours, "developer")
	const rotate = `{"dialect":"element"}`
	early := owner("POST", "/signing-keys", rotate)
	w.want("early", early, 409, 6)
	if !strings.Contains(early.Body, "after: 2024-05-20T") {
		t.Error(early.Body)
	}
	next := ""
	for _, k := range rows(t, owner("GET", "/signing-keys", "")) {
		if k["state"] == "next" && k["dialect"] == "element" {
			next = text(k, "id")
		}
	}
	if set := w.Do(t, testenv.Call{Path: "/.well-known/jwks.json"}); next == "" || !strings.Contains(set.Body, next) {
		t.Errorf("next key %q is not in %s", next, set.Body)
	}
	w.clock.Advance(5 * time.Minute)
	a := owner("POST", "/signing-keys", rotate)
	w.want("when it is known", a, 201, 0)
	header, _ := claims(t, w.token(w.ours, "developer"))
	if got := made(t, a); got["state"] != "active" || got["algorithm"] != "RS512" || header["kid"] != next || got["id"] != next {
		t.Errorf("%s, kid %v", a.Body, header["kid"])
	}
	w.want("the former key's token", w.with(w.ours, before, "GET", "/me", ""), 200, 0)
	w.want("again", owner("POST", "/signing-keys", rotate), 409, 6)
	leaked := w.token(w.ours, "developer")
	w.want("in use", w.with(w.ours, leaked, "GET", "/me", ""), 200, 0)
	w.want("a leak", owner("POST", "/signing-keys", `{"dialect":"element","force":true}`), 201, 0)
	w.want("what the leaked key signed", w.with(w.ours, leaked, "GET", "/me", ""), 401, 16)
	w.want("what a former one signed", w.with(w.ours, before, "GET", "/me", ""), 200, 0)
	w.want("what is signed now", w.with(w.ours, w.token(w.ours, "developer"), "GET", "/me", ""), 200, 0)
	if set := w.Do(t, testenv.Call{Path: "/.well-known/jwks.json"}); strings.Contains(set.Body, next) {
		t.Error("the leaked key is still published")
	}
	if list := owner("GET", "/signing-keys", ""); !strings.Contains(list.Body, `"state":"former"`) || strings.Contains(list.Body, "MAC") || strings.Contains(list.Body, "PEPPER") {
		t.Error(list.Body)
	}
	w.want("nothing to rotate", owner("POST", "/signing-keys", `{"dialect":"smoke"}`), 404, 5)
	w.want("which?", owner("POST", "/signing-keys", `{}`), 400, 3)
	w.want("nothing said", owner("POST", "/signing-keys", ""), 400, 3)
	w.want("an empty id", owner("POST", "/signing-keys", `{"dialect":"element","id":""}`), 400, 3)
	w.want("an empty id that has leaked", owner("POST", "/signing-keys", `{"dialect":"element","id":"","force":true}`), 400, 3)
	w.want("force of another kind", owner("POST", "/signing-keys", `{"dialect":"hubex","force":"yes"}`), 400, 3)
	for range 8 {
		w.want("no key set shows it", owner("POST", "/signing-keys", `{"dialect":"hubex"}`), 201, 0)
	}
	w.want("too often", owner("POST", "/signing-keys", `{"dialect":"hubex"}`), 409, 6)
}
