package testenv_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/tasks"
	"propusk/internal/testenv"
)

// The kinds of secret that there are.
const (
	serviceToken    = "service token"
	hubexAccess     = "hubex access"
	hubexRefresh    = "hubex refresh"
	clientSecret    = "client secret"
	clientID        = "client id"
	oauthAccess     = "oauth access"
	accessKey       = "access key"
	visitorKey      = "application user's access key"
	elementToken    = "element id token"
	elementAccess   = "element access"
	toyAccess       = "toy access"
	operatorRoot    = "authorization token"
	operatorAccess  = "operator access"
	operatorRefresh = "operator refresh"
	ringmeSecret    = "application secret"
	ringmeAccess    = "ringme access"
	ringmePassword  = "password"
	ringmeRefresh   = "ringme refresh"
	ringmeCode      = "ringme code"
	consoleAccess   = "console access"
	oauthCode       = "oauth code"
	oauthRefresh    = "oauth refresh"
	smartsPassword  = "smarts password"
	smartsAccess    = "smarts access"
	smartsRefresh   = "smarts refresh"
	accessTokens    = "/fsm/AUTHZ/AccessTokens"
	taskPath        = "/fsm/WORK/Tasks"
)

// subjects lists every dialect that is served. A new one is an entry here.
func subjects() []testenv.Subject {
	// element last: its calls end what the others show, such as the authorization token.
	return []testenv.Subject{hubexSubject(), oauthSubject(), operatorSubject(), ringmeSubject(), smartsSubject(), explorerSubject(), elementSubject()}
}

func hubexSubject() testenv.Subject {
	return testenv.Subject{
		Dialect: "hubex", Access: hubexAccess, Shape: hubexShape, IDs: hubexIDs,
		Secrets: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			pair := c.HubEx(tb, a.Stand, a.HubEx.ServiceToken)
			return map[string]string{serviceToken: a.HubEx.ServiceToken, hubexAccess: pair.Access, hubexRefresh: pair.Refresh}
		},
		Weak: func(tb testing.TB, c *testenv.Client, a demo.Account, p authority.Permission) string {
			if p == tasks.TasksList {
				return c.HubEx(tb, a.Stand, a.HubEx.LimitedServiceToken).Access
			}
			return c.HubEx(tb, a.Stand, a.HubEx.AreaServiceToken).Access // may list and nothing else
		},
		Show: func(ids map[string]string) testenv.Call { return testenv.Call{Path: taskPath + "/" + ids["id"]} },
		Doors: []testenv.Door{
			{Name: "serviceToken", Takes: serviceToken, Call: hubexDoor("serviceToken")},
			{Name: "refreshJwt", Takes: hubexRefresh, Call: hubexDoor("refreshJwt")},
		},
		Good: map[string]testenv.Call{
			"POST " + accessTokens:                   {Path: accessTokens, Body: `{"serviceToken":"{service token}"}`},
			"POST /fsm/AUTHZ/RefreshTokens":          {Path: "/fsm/AUTHZ/RefreshTokens", Body: `{}`},
			"GET /fsm/WORK/Tasks":                    {Path: taskPath + "?fetch=5&areaID={area}&assignedTo={employee}&taskStageID={stage}"},
			"GET /fsm/WORK/Tasks/{id}":               {Path: taskPath + "/{id}"},
			"GET /fsm/WORK/Tasks/{id}/stages/next":   {Path: taskPath + "/{id}/stages/next"},
			"GET /fsm/WORK/Tasks/{id}/conversations": {Path: taskPath + "/{id}/conversations"},
			"POST /fsm/WORK/Tasks": {
				Path: taskPath,
				Body: `{"title":"Нет тепла","description":"Третий подъезд","areaID":{area},"assignedTo":{employee},"company":"ТСЖ","deadline":"2030-01-02T03:04:05Z"}`,
			},
			"PATCH /fsm/WORK/Tasks/{id}":  {Path: taskPath + "/{id}", Body: `{"title":"Нет тепла вовсе","areaID":{area},"assignedTo":{employee}}`},
			"DELETE /fsm/WORK/Tasks/{id}": {Path: taskPath + "/{id}"},
			"POST /fsm/WORK/TaskStagingHistory": {
				Path: "/fsm/WORK/TaskStagingHistory", Body: `{"taskID":{id},"taskStageID":{next}}`,
			},
			"POST /fsm/WORK/Tasks/{id}/conversation": {Path: taskPath + "/{id}/conversation", Body: `{"text":"Выехал"}`},
		},
	}
}

func hubexDoor(field string) func(*testenv.Client, demo.Account, string) testenv.Call {
	return func(_ *testenv.Client, _ demo.Account, secret string) testenv.Call {
		return testenv.Call{Path: accessTokens, Body: `{"` + field + `":` + testenv.Quote(secret) + `}`}
	}
}

// hubexIDs makes a work order and finds what it refers to.
func hubexIDs(tb testing.TB, c *testenv.Client, a demo.Account, access string) map[string]string {
	tb.Helper()
	get := func(path string, into any) {
		tb.Helper()
		c.Do(tb, testenv.Call{Stand: a.Stand, Path: path}.With(testenv.Bearer(access)...)).JSON(tb, into)
	}
	made := c.Do(tb, testenv.Call{Stand: a.Stand, Path: taskPath, Body: `{"title":"Проверка","areaID":` +
		strconv.FormatInt(int64(a.HubEx.AreaID), 10) + `}`}.With(testenv.Bearer(access)...))
	var task struct{ ID json.RawMessage }
	made.JSON(tb, &task)
	id := strings.Trim(string(task.ID), `"`)
	var next []struct{ ID json.Number }
	get(taskPath+"/"+id+"/stages/next", &next)
	var list struct {
		Data []struct{ TaskStage, AssignedTo struct{ ID json.Number } }
	}
	get(taskPath+"?fetch=50", &list)
	out := map[string]string{"id": id, "area": strconv.FormatInt(int64(a.HubEx.AreaID), 10), "next": next[0].ID.String()}
	for _, t := range list.Data {
		if t.AssignedTo.ID != "" {
			out["employee"], out["stage"] = t.AssignedTo.ID.String(), t.TaskStage.ID.String()
		}
	}
	return out
}

func hubexShape(a testenv.Answer) error {
	var list []struct {
		TraceIdentifier, Code, Message *string
		Arguments                      map[string]any
	}
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
		return err
	}
	if len(list) != 1 || list[0].TraceIdentifier == nil || list[0].Code == nil || list[0].Message == nil || list[0].Arguments == nil ||
		*list[0].Code == "" || *list[0].Message == "" {
		return errors.New("not one error with traceIdentifier, code, message and arguments")
	}
	if id := a.Header.Get("X-Request-ID"); *list[0].TraceIdentifier != id {
		return fmt.Errorf("traceIdentifier %q is not the request's id %q", *list[0].TraceIdentifier, id)
	}
	return contentType(a, "application/json; charset=utf-8")
}

func contentType(a testenv.Answer, want string) error {
	if got := a.Header.Get("Content-Type"); got != want {
		return fmt.Errorf("content type %q, want %q", got, want)
	}
	return nil
}

func oauthSubject() testenv.Subject {
	basic := []string{"Authorization", "{basic}"}
	form := func(path, body string, header ...string) testenv.Call {
		return testenv.Call{Path: path, Type: testenv.Form, Body: body, Header: header}
	}
	get := func(path string) testenv.Call { return testenv.Call{Path: path} }
	return testenv.Subject{
		Dialect: "oauth", Shape: oauthShape,
		Secrets: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			return map[string]string{
				clientID: a.OAuth.ClientID, clientSecret: a.OAuth.ClientSecret, oauthAccess: c.OAuth(tb, a), oauthCode: gatewayCode(tb, c, a),
				oauthRefresh: c.Do(tb, exchange(a, gatewayCode(tb, c, a))).Field(tb, "refresh_token"),
			}
		},
		Once: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			return map[string]string{oauthCode: gatewayCode(tb, c, a)}
		},
		IDs: func(_ testing.TB, _ *testenv.Client, a demo.Account, _ string) map[string]string {
			return map[string]string{"basic": testenv.Basic(a.OAuth.ClientID, a.OAuth.ClientSecret)[1]}
		},
		Doors: []testenv.Door{
			{Name: "token by Basic", Takes: clientSecret, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form("/oauth/token", "grant_type=client_credentials", testenv.Basic(a.OAuth.ClientID, secret)...)
			}},
			{Name: "token by form", Takes: clientSecret, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form("/oauth/token", "grant_type=client_credentials&client_id="+a.OAuth.ClientID+"&client_secret="+testenv.Escape(secret))
			}},
			{Name: "token by access key", Takes: accessKey, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form("/oauth/token", "grant_type=client_credentials", testenv.Basic(a.Element.ClientID, secret)...)
			}},
			{Name: "token by code", Takes: oauthCode, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call { return exchange(a, secret) }},
			{Name: "token by refresh token", Takes: oauthRefresh, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form("/oauth/token", "grant_type=refresh_token&refresh_token="+testenv.Escape(secret), testenv.Basic(a.OAuth.ClientID, a.OAuth.ClientSecret)...)
			}},
			{Name: "introspect", Takes: clientSecret, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form("/oauth/introspect", "token=x", testenv.Basic(a.OAuth.ClientID, secret)...)
			}},
			{Name: "revoke", Takes: clientSecret, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form("/oauth/revoke", "token=x", testenv.Basic(a.OAuth.ClientID, secret)...)
			}},
		},
		Good: map[string]testenv.Call{
			"POST /oauth/token":                           form("/oauth/token", "grant_type=client_credentials", basic...),
			"POST /oauth/introspect":                      form("/oauth/introspect", "token={oauth access}", basic...),
			"POST /oauth/revoke":                          form("/oauth/revoke", "token=unknown", basic...),
			"GET /.well-known/jwks.json":                  get("/.well-known/jwks.json"),
			"GET /.well-known/oauth-authorization-server": get("/.well-known/oauth-authorization-server"),
			"GET /.well-known/openid-configuration":       get("/.well-known/openid-configuration"),
			"GET /.well-known/oauth-protected-resource":   get("/.well-known/oauth-protected-resource"),
		},
	}
}

// gatewayCode has the account's administrator let its application act as him.
func gatewayCode(tb testing.TB, c *testenv.Client, a demo.Account) string {
	tb.Helper()
	return c.Code(tb, a.Stand, a.Console.Administrator, a.OAuth.ClientID, a.OAuth.RedirectURI)
}

// exchange gives the call that gets tokens for a code.
func exchange(a demo.Account, code string) testenv.Call {
	call := testenv.Call{
		Stand: a.Stand, Path: "/oauth/token", Type: testenv.Form,
		Body: "grant_type=authorization_code&redirect_uri=" + testenv.Escape(a.OAuth.RedirectURI) + "&code_verifier=" + testenv.Verifier +
			"&code=" + testenv.Escape(code),
	}
	return call.With(testenv.Basic(a.OAuth.ClientID, a.OAuth.ClientSecret)...)
}

func oauthShape(a testenv.Answer) error {
	if strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		var p struct {
			Type, Title string
			Status      int
		}
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
			return err
		}
		if p.Status != a.Status || p.Title == "" {
			return fmt.Errorf("problem %+v", p)
		}
		return nil
	}
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		return err
	}
	if e.Error == "" {
		return errors.New("no error")
	}
	return contentType(a, "application/json; charset=utf-8")
}

// Rules 2–6, 9–12, 16 and bars B8, B9, B14, B17, B18, B38–B40, B42, B44, B45 on
// every route of every dialect.
func TestEveryDialect(t *testing.T) {
	testenv.Exercise(t, recorded(t, testenv.Start(t, testenv.Options{})), subjects()...)
}
