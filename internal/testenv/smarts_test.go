package testenv_test

import (
	"encoding/json"
	"errors"
	"testing"

	"propusk/internal/demo"
	"propusk/internal/testenv"
)

func smartsSubject() testenv.Subject {
	secrets := func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
		made := c.Do(tb, smartsForm(a, "/api/session", a.Smarts.External.Password))
		return map[string]string{
			smartsPassword: a.Smarts.External.Password,
			smartsAccess:   made.Field(tb, "Access_token"), smartsRefresh: made.Field(tb, "Refresh_token"),
		}
	}
	return testenv.Subject{
		Dialect: "smarts", Access: smartsAccess, Secrets: secrets, Good: smartsGood(), Shape: smartsShape,
		Once: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			return map[string]string{smartsRefresh: secrets(tb, c, a)[smartsRefresh]}
		},
		IDs: func(tb testing.TB, c *testenv.Client, a demo.Account, access string) map[string]string {
			list := c.Do(tb, testenv.Call{Stand: a.Stand, Path: "/api/v1/Users?$top=1"}.With(testenv.Bearer(access)...))
			var users struct{ Value []struct{ ID string } }
			list.JSON(tb, &users)
			return map[string]string{"key": users.Value[0].ID, "contract": a.Contract, "login": testenv.Escape(a.Smarts.External.Username)}
		},
		Doors: []testenv.Door{
			{Name: "form", Takes: smartsPassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsForm(a, "/api/session", secret)
			}},
			{Name: "shared path", Takes: smartsPassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsForm(a, "/oauth/token", secret)
			}},
			{Name: "address", Takes: smartsPassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return testenv.Call{
					Stand: a.Stand, Path: "/api/v1/session?username=" + testenv.Escape(a.Smarts.External.Username) + "&password=" + testenv.Escape(secret),
				}
			}},
			{Name: "Basic", Takes: smartsPassword, Bound: true, Opens: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsUsers(a, testenv.Basic(a.Smarts.External.Username, secret)...)
			}},
			{Name: "raw Basic", Takes: smartsPassword, Bound: true, Opens: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsUsers(a, "Authorization", "Basic "+a.Smarts.External.Username+":"+oneLine(secret))
			}},
			{Name: "refresh", Takes: smartsRefresh, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return testenv.Call{
					Stand: a.Stand, Path: "/api/session", Type: testenv.Form,
					Body: "grant_type=refresh_token&refresh_token=" + testenv.Escape(secret),
				}
			}},
		},
	}
}

// smartsUsers is a call that takes a pair as well as a bearer.
func smartsUsers(a demo.Account, header ...string) testenv.Call {
	return testenv.Call{Stand: a.Stand, Path: "/api/v1/Users?$top=1", Header: header}
}

func smartsForm(a demo.Account, path, password string) testenv.Call {
	return testenv.Call{
		Stand: a.Stand, Path: path, Type: testenv.Form,
		Body: "grant_type=password&username=" + testenv.Escape(a.Smarts.External.Username) + "&password=" + testenv.Escape(password),
	}
}

// smartsGood has a call for each route below each prefix.
func smartsGood() map[string]testenv.Call {
	const pair = "username={login}&password={smarts password}"
	good := map[string]testenv.Call{}
	for _, prefix := range []string{"", "/MobileSMARTS", "/{contract}"} {
		for _, path := range []string{"/api/session", "/api/v1/session", "/api/session/oauth/token", "/oauth/token"} {
			good["GET "+prefix+path] = testenv.Call{Path: prefix + path + "?" + pair}
			good["POST "+prefix+path] = testenv.Call{Path: prefix + path, Type: testenv.Form, Body: "grant_type=password&" + pair}
		}
		for _, path := range []string{"BaseInfo", "Users", "UserGroups"} {
			good["GET "+prefix+"/api/v1/"+path] = testenv.Call{Path: prefix + "/api/v1/" + path}
		}
		good["GET "+prefix+"/api/v1/Users({key})"] = testenv.Call{Path: prefix + "/api/v1/Users('{key}')"}
		good["GET "+prefix+"/api/v1/UserGroups({key})"] = testenv.Call{Path: prefix + "/api/v1/UserGroups('mobile_user')"}
	}
	delete(good, "POST /oauth/token") // shared: its last claimant answers for it
	return good
}

func smartsShape(a testenv.Answer) error {
	var e struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		return err
	}
	var word string
	var set struct{ Code, Message string }
	if json.Unmarshal(e.Error, &word) == nil && word != "" && e.Description != "" {
		return contentType(a, "application/json; charset=utf-8")
	}
	if json.Unmarshal(e.Error, &set) != nil || set.Code == "" || set.Message == "" {
		return errors.New("neither an error of the session paths nor of the sets")
	}
	return contentType(a, "application/json; charset=utf-8")
}
