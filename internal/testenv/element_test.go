package testenv_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
	"propusk/internal/web"
)

const panel = "/console/api/v2"

func elementSubject() testenv.Subject {
	return testenv.Subject{
		Dialect: "element", Access: elementToken, Also: []string{elementAccess}, Missing: "00000000-0000-8000-8000-000000000000",
		Shape: elementShape, Good: elementGood(), IDs: elementIDs, Once: elementOnce,
		Secrets: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			key := a.Element.Key
			if isHome(c, a) { // accounts are managed by the deployment's owner
				key = c.Fixture.Owner.Element
			}
			token := c.Do(tb, elementDoor(a.Stand, "/console/sys/token", key))
			return map[string]string{
				accessKey: a.Element.ClientSecret, visitorKey: a.Element.ApplicationUser.ClientSecret, elementToken: token.Field(tb, "id_token"), elementAccess: token.Field(tb, "access_token"),
			}
		},
		Walled: func(tb testing.TB, c *testenv.Client, a demo.Account, rt web.Route) string {
			if rt.Permission == admin.AccountsManage {
				return ""
			}
			return c.Do(tb, elementDoor(a.Stand, "/console/sys/token", a.Element.Key)).Field(tb, "id_token") // the owner reaches every account
		},
		Weak: func(tb testing.TB, c *testenv.Client, a demo.Account, _ authority.Permission) string {
			path := "/applications/" + a.Element.Application + "/sys/token" // its users may nothing at the panel
			return c.Do(tb, elementDoor(a.Stand, path, a.Element.ApplicationUser)).Field(tb, "id_token")
		},
		Show: func(ids map[string]string) testenv.Call {
			return testenv.Call{Path: panel + "/user-lists/" + ids["list"] + "/users/" + ids["user"]}
		},
		Doors: []testenv.Door{
			{Name: "panel by form", Takes: accessKey, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return testenv.Call{
					Path: "/console/sys/token", Type: testenv.Form,
					Body: "grant_type=client_credentials&client_id=" + testenv.Escape(a.Element.ClientID) + "&client_secret=" + testenv.Escape(secret),
				}
			}},
			{Name: "application", Takes: visitorKey, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return elementDoor("", "/applications/"+a.Element.Application+"/sys/token",
					demo.Key{ClientID: a.Element.ApplicationUser.ClientID, ClientSecret: secret})
			}},
			{Name: "panel", Takes: accessKey, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return elementDoor("", "/console/sys/token", demo.Key{ClientID: a.Element.ClientID, ClientSecret: secret})
			}},
		},
	}
}

func isHome(c *testenv.Client, a demo.Account) bool {
	return a.Stand == authority.Production && a.Contract == c.Fixture.Accounts[0].Contract
}

func elementDoor(stand authority.Stand, path string, key demo.Key) testenv.Call {
	call := testenv.Call{Stand: stand, Path: path, Type: testenv.Form, Body: "grant_type=client_credentials"}
	return call.With(testenv.Basic(key.ClientID, key.ClientSecret)...)
}

func elementGood() map[string]testenv.Call {
	const form = "grant_type=client_credentials"
	good := map[string]testenv.Call{
		"POST /console/sys/token":           {Path: "/console/sys/token", Type: testenv.Form, Body: form, Header: []string{"Authorization", "{key}"}},
		"POST /applications/{id}/sys/token": {Path: "/applications/{id}/sys/token", Type: testenv.Form, Body: form, Header: []string{"Authorization", "{visitor}"}},
		"GET /console/api/v1/status":        {Path: "/console/api/v1/status"},
	}
	const users, tokens = "/user-lists/{list}/users", "/user-lists/{list}/users/{user}/access-tokens"
	for route, body := range map[string]string{
		"GET " + users: "", "GET " + users + "/{user}": "", "DELETE " + users + "/{user}": "",
		"POST " + users:              `{"login":"{new}","name":"Имя","password":"correct horse","group":"mobile_user","roles":["{role}"],"areas":["{area}"],"token-access":true}`,
		"PATCH " + users + "/{user}": `{"name":"Другое имя","roles":["{role}"],"areas":["*"],"disabled":false,"token-access":true}`,
		"GET " + tokens:              "", "POST " + tokens: `{"description":"CI","expires":"2099-01-01T00:00:00Z"}`, "DELETE " + tokens + "/{client}": "",
		"GET /service-users": "", "POST /service-users": `{"name":"Обмен","roles":["{role}"],"areas":["{area}"]}`,
		"GET /service-users/{service}": "", "PATCH /service-users/{service}": `{"name":"Обмен 2","disabled":false}`, "DELETE /service-users/{service}": "",
		"POST /service-users/{service}/service-token": `{"overlap":0,"expires":"2099-01-01T00:00:00Z"}`, "DELETE /service-users/{service}/service-token": "",
		"GET /applications": "", "POST /applications": `{"name":"Витрина","display-name":"Витрина","description":"","type":"oauth","access":"","redirect-uris":["https://a.example/b"]}`,
		"GET /applications/{application}": "", "DELETE /applications/{application}": "",
		"PATCH /applications/{application}": `{"name":"Витрина 2","status":"Running","redirect-uris":[]}`, "POST /applications/{application}/secret": `{"overlap":0}`,
		"POST /authorization-token": `{"description":"x"}`, "DELETE /authorization-token": "",
		"GET /authorization-token": "", "GET /credentials": "", "DELETE /credentials/{credential}": "",
		"GET /grants": "", "DELETE /grants": "", "DELETE /grants/{grant}": "",
		"GET /roles": "", "POST /roles": `{"name":"{new}","permissions":["TasksList"]}`, "GET /roles/{role}": "",
		"PATCH /roles/{role}": `{"permissions":["TasksList","TaskAdd"]}`, "DELETE /roles/{role}": "", "GET /permissions": "",
		"GET /areas": "", "POST /areas": `{"name":"{new}"}`, "GET /areas/{area}": "", "PATCH /areas/{area}": `{"name":"{new}"}`, "DELETE /areas/{area}": "",
		"GET /settings": "", "PATCH /settings": `{"hubex":{"access-lifetime":86400}}`,
		"GET /audit": "", "GET /audit/export": "", "GET /usage": "", "GET /usage/doors": "", "GET /me": "", "GET /status": "",
		"GET /signing-keys": "", "POST /signing-keys": `{"dialect":"hubex"}`, "POST /test/expire": `{"token":"x"}`,
		"GET /accounts": "", "POST /accounts": `{"name":"{new}"}`, "GET /accounts/{account}": "",
		"PATCH /accounts/{account}": `{"name":"Счёт","disabled":true,"hosts":[]}`, "DELETE /accounts/{account}": "",
	} {
		method, path, _ := strings.Cut(route, " ")
		good[method+" "+panel+path] = testenv.Call{Path: panel + path, Body: body}
	}
	good["POST "+panel+"/cdr"] = testenv.Call{Path: panel + "/cdr?uuid=x", Body: switchRecord}
	good["GET "+panel+"/grants"] = testenv.Call{Path: panel + "/grants?principal={user}&page=0&size=5"}
	good["GET "+panel+"/credentials"] = testenv.Call{Path: panel + "/credentials?principal={user}"}
	good["DELETE "+panel+"/grants"] = testenv.Call{Path: panel + "/grants?principal={user}"}
	good["GET "+panel+"/audit/export"] = testenv.Call{Path: panel + "/audit/export?verb=role.create"}
	return good
}

// switchRecord is what FreeSWITCH sends of a call, less what nobody reads.
const switchRecord = `{"core-uuid":"x","variables":{"uuid":"{new}","start_epoch":"1716188400",` +
	`"answer_epoch":"1716188405","end_epoch":"1716188495","hangup_cause":"NORMAL_CLEARING"},` +
	`"callflow":[{"caller_profile":{"caller_id_name":"Ромашка","caller_id_number":"74951234567","destination_number":"101","context":"public"}}]}`

// elementIDs makes one of each kind of thing.
func elementIDs(tb testing.TB, c *testenv.Client, a demo.Account, access string) map[string]string {
	tb.Helper()
	do := func(method, path, body string) map[string]any {
		tb.Helper()
		call := testenv.Call{Stand: a.Stand, Method: method, Path: panel + path, Body: body}
		answer := c.Do(tb, call.With(testenv.Bearer(access)...))
		if answer.Status > 299 {
			tb.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
		}
		var out map[string]any
		answer.JSON(tb, &out)
		return out
	}
	word := func(m map[string]any, name string) string { s, _ := m[name].(string); return s }
	fresh := func() string { return testenv.Quote(rand.Text()) }
	out := map[string]string{
		"id": a.Element.Application, "list": word(do("GET", "/me", ""), "user-list-id"),
		"key":     testenv.Basic(a.Element.ClientID, a.Element.ClientSecret)[1],
		"visitor": testenv.Basic(a.Element.ApplicationUser.ClientID, a.Element.ApplicationUser.ClientSecret)[1],
		"role":    word(do("POST", "/roles", `{"name":`+fresh()+`}`), "id"), "area": word(do("POST", "/areas", `{"name":`+fresh()+`}`), "id"),
		"service":     word(do("POST", "/service-users", `{"name":"Обмен"}`), "id"),
		"application": word(do("POST", "/applications", `{"name":"Витрина"}`), "id"),
	}
	users := "/user-lists/" + out["list"] + "/users"
	out["user"] = word(do("POST", users, `{"login":`+fresh()+`,"password":`+fresh()+`}`), "id")
	key := do("POST", users+"/"+out["user"]+"/access-tokens", `{}`)
	out["client"] = word(key, "client-id")
	c.Do(tb, elementDoor(a.Stand, "/console/sys/token", demo.Key{ClientID: out["client"], ClientSecret: word(key, "client-secret")}))
	grants, _ := do("GET", "/grants?result=page&principal="+out["user"], "")["content"].([]any)
	if len(grants) != 1 {
		tb.Fatalf("grants %v", grants)
	}
	first, _ := grants[0].(map[string]any)
	out["grant"], out["credential"] = word(first, "id"), word(first, "credential")
	return out
}

// elementOnce makes a new name, and an account that may be taken away.
func elementOnce(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
	tb.Helper()
	out := map[string]string{"new": rand.Text()}
	if !isHome(c, a) {
		return out
	}
	token := c.Do(tb, elementDoor(a.Stand, "/console/sys/token", c.Fixture.Owner.Element)).Field(tb, "id_token")
	do := func(method, path, body string) testenv.Answer {
		tb.Helper()
		return c.Do(tb, testenv.Call{Method: method, Path: panel + path, Body: body}.With(testenv.Bearer(token)...))
	}
	id := do(http.MethodPost, "/accounts", `{"name":"На время"}`).Field(tb, "id")
	do(http.MethodPatch, "/accounts/"+id, `{"disabled":true}`)
	out["account"] = id
	return out
}

func elementShape(a testenv.Answer) error {
	var e struct {
		Code            int
		Status, Message string
		Details         *string
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		return err
	}
	if e.Code == 0 || e.Status == "" || e.Message == "" || e.Details == nil {
		return errors.New("not the object of an error")
	}
	return contentType(a, "application/json; charset=utf-8")
}
