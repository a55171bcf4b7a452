package testenv_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

func ringmeSubject() testenv.Subject {
	form := func(a demo.Account, body string) testenv.Call {
		return testenv.Call{Stand: a.Stand, Path: "/oauth/token", Type: testenv.Form, Body: body}
	}
	client := func(p demo.RingmeApplication, secret string) string {
		return "client_id=" + p.ApplicationID + "&client_secret=" + testenv.Escape(secret)
	}
	signIn := func(a demo.Account, password string) testenv.Call {
		p := a.Ringme.Password
		return form(a, "grant_type=password&username="+a.Ringme.User.Login+"&password="+testenv.Escape(password)+"&"+client(p, p.ApplicationSecret))
	}
	trusted := func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
		return form(a, "grant_type=client_credentials&"+client(a.Ringme.Trusted, secret))
	}
	return testenv.Subject{
		Dialect: "ringme", Access: ringmeAccess, Shape: ringmeShape,
		Secrets: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			return map[string]string{
				ringmeSecret:   a.Ringme.Trusted.ApplicationSecret,
				ringmePassword: a.Ringme.User.Password,
				ringmeAccess:   c.Do(tb, trusted(c, a, a.Ringme.Trusted.ApplicationSecret)).Field(tb, "access_token"),
				ringmeRefresh:  c.Do(tb, signIn(a, a.Ringme.User.Password)).Field(tb, "refresh_token"),
				ringmeCode:     phoneCode(tb, c, a),
				consoleAccess:  c.SignIn(tb, a.Stand, a.Ringme.User).Cookie, // no door and no route of an API takes it
			}
		},
		IDs: ringmeIDs, Once: ringmeOnce,
		Weak: func(tb testing.TB, c *testenv.Client, a demo.Account, _ authority.Permission) string {
			a.Ringme.User = demo.Person{Login: a.Smarts.Mobile.Username, Password: a.Smarts.Mobile.Password} // may nothing
			return c.Do(tb, signIn(a, a.Ringme.User.Password)).Field(tb, "access_token")
		},
		Show: func(ids map[string]string) testenv.Call {
			return testenv.Call{Path: phones + "/client/@me/extension/" + ids["extension"]}
		},
		Doors: []testenv.Door{
			{Name: "client_credentials", Takes: ringmeSecret, Bound: true, Call: trusted},
			{Name: "client_credentials by Basic", Takes: ringmeSecret, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form(a, "grant_type=client_credentials").With(testenv.Basic(a.Ringme.Trusted.ApplicationID, secret)...)
			}},
			{Name: "password", Takes: ringmePassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return signIn(a, secret)
			}},
			{Name: "authorization_code", Takes: ringmeCode, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				p := a.Ringme.Public
				return form(a, "grant_type=authorization_code&client_id="+p.ApplicationID+"&redirect_uri="+testenv.Escape(p.RedirectURI)+
					"&code_verifier="+testenv.Verifier+"&code="+testenv.Escape(secret))
			}},
			{Name: "refresh_token", Takes: ringmeRefresh, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				p := a.Ringme.Password
				return form(a, "grant_type=refresh_token&refresh_token="+testenv.Escape(secret)+"&"+client(p, p.ApplicationSecret))
			}},
		},
		Good: ringmeGood(),
	}
}

// phoneCode has the account's user let the public application in.
func phoneCode(tb testing.TB, c *testenv.Client, a demo.Account) string {
	tb.Helper()
	return c.Code(tb, a.Stand, a.Ringme.User, a.Ringme.Public.ApplicationID, a.Ringme.Public.RedirectURI)
}

const phones = "/api/ver1.0"

func ringmeGood() map[string]testenv.Call {
	const history, records, extensions, events = "/client/{client}/call_history", "/client/{client}/record", "/client/{client}/extension", "/extension/{extension}/event"
	good := map[string]testenv.Call{
		"POST /oauth/token": {
			Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials",
			Header: []string{"Authorization", "{basic client}"},
		},
	}
	good["GET /oauth/authorize"] = testenv.Call{Path: "/oauth/authorize?{question}"}
	good["POST /oauth/authorize"] = testenv.Call{Path: "/oauth/authorize", Type: testenv.Form, Body: "{question}"}
	for route, body := range map[string]string{
		"GET /user": "", "GET " + history + "/{call}": "", "GET " + records + "/{record}/storage_url": "", "DELETE " + records + "/{record}": "",
		"POST " + extensions:                 `{"name":"{number}","type":"phone","status":"active","label":"Склад","group":"Офис","user_id":0}`,
		"GET " + extensions + "/{extension}": "", "DELETE " + extensions + "/{extension}": "",
		"PUT " + extensions + "/{extension}": `{"type":"queue","status":"blocked","label":"Очередь","group":"","user_id":0}`,
		"GET " + events:                      "", "DELETE " + events + "/{event}": "",
		"POST " + events: `{"url":"https://crm.example.com/{number}","method":"POST","event_type":"hangup"}`,
	} {
		method, path, _ := strings.Cut(route, " ")
		good[method+" "+phones+path] = testenv.Call{Path: phones + path, Body: body}
	}
	good["GET "+phones+history] = testenv.Call{
		Path: phones + history + "?start_datetime=2020-01-01+00:00:00&end_datetime=2099-01-01+00:00:00&flow=in&extension_id={extension}&per_page=5&page=1&order=asc",
	}
	good["GET "+phones+records] = testenv.Call{Path: phones + records + "?start_datetime=2020-01-01&per_page=5&page=1&order=desc"}
	good["GET "+phones+extensions] = testenv.Call{Path: phones + extensions + "?per_page=5&page=1&type=phone&status=active"}
	good["GET "+phones+records+"/{record}"] = testenv.Call{Path: phones + records + "/{record}", Header: []string{"Accept", testenv.MP3}}
	good["GET "+phones+"/storage/{link}"] = testenv.Call{Path: phones + "/storage/{link}", Header: []string{"Accept", testenv.MP3}}
	return good
}

// ringmeIDs makes an extension with an event and finds a call with a recording.
func ringmeIDs(tb testing.TB, c *testenv.Client, a demo.Account, access string) map[string]string {
	tb.Helper()
	do := func(method, path, body string, into any) {
		tb.Helper()
		call := testenv.Call{Stand: a.Stand, Method: method, Path: phones + path, Body: body}
		answer := c.Do(tb, call.With(testenv.Bearer(access)...))
		if answer.Status > 299 {
			tb.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
		}
		answer.JSON(tb, into)
	}
	var extension, event struct{ ID json.Number }
	do("POST", "/client/@me/extension/", `{"name":`+testenv.Quote(number())+`}`, &extension)
	do("POST", "/extension/"+extension.ID.String()+"/event/", `{"url":"https://crm.example.com/","event_type":"dial-in"}`, &event)
	var records []struct {
		Record string `json:"record_uuid"`
		Call   string `json:"call_uuid"`
	}
	do("GET", "/client/@me/record/?per_page=1", "", &records)
	if len(records) == 0 {
		tb.Fatal("no recordings are left")
	}
	return map[string]string{
		"basic client": testenv.Basic(a.Ringme.Trusted.ApplicationID, a.Ringme.Trusted.ApplicationSecret)[1],
		"client":       strconv.FormatInt(a.Number, 10), "extension": extension.ID.String(), "event": event.ID.String(),
		"record": records[0].Record, "call": records[0].Call,
	}
}

// ringmeOnce makes a number that is not taken, and a link to a recording.
func ringmeOnce(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
	tb.Helper()
	body := "grant_type=client_credentials&client_id=" + a.Ringme.Trusted.ApplicationID + "&client_secret=" + testenv.Escape(a.Ringme.Trusted.ApplicationSecret)
	access := c.Do(tb, testenv.Call{Stand: a.Stand, Path: "/oauth/token", Type: testenv.Form, Body: body}).Field(tb, "access_token")
	get := func(path string) testenv.Answer {
		tb.Helper()
		return c.Do(tb, testenv.Call{Stand: a.Stand, Path: phones + "/client/@me/record/" + path}.With(testenv.Bearer(access)...))
	}
	var records []struct {
		Record string `json:"record_uuid"`
	}
	if get("?per_page=1").JSON(tb, &records); len(records) == 0 {
		return map[string]string{"number": number()}
	}
	url := get(records[0].Record+"/storage_url").Field(tb, "record_url")
	return map[string]string{
		"number": number(), "link": url[strings.LastIndexByte(url, '/')+1:], ringmeCode: phoneCode(tb, c, a),
		"question": testenv.Authorize(a.Ringme.Public.ApplicationID, a.Ringme.Public.RedirectURI).Encode(),
	}
}

// number makes an extension's number that nobody has.
func number() string {
	n, err := rand.Int(rand.Reader, big.NewInt(9_000_000_000))
	if err != nil {
		return ""
	}
	return strconv.FormatInt(1_000_000_000+n.Int64(), 10)
}

// recorded gives every account of the production stand calls with short
// recordings, more than the suite deletes.
func recorded(tb testing.TB, e *testenv.Env) *testenv.Env {
	tb.Helper()
	const many = 120
	var drafts []calls.Draft
	for i := range many {
		sound := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("ID3 " + strconv.Itoa(i))), nil }
		drafts = append(drafts, calls.Draft{
			Call: calls.Call{
				Source: "suite", SourceID: strconv.Itoa(i), Direction: calls.Incoming, Disposition: calls.Answered,
				From: calls.Party{Number: "+74951234567"}, To: calls.Party{Number: "101"},
				Begun: e.Server.Data().Now().Add(-time.Duration(i) * time.Minute), Duration: time.Minute,
			},
			Files: []calls.File{{Media: calls.MP3, Open: sound}},
		})
	}
	data := e.Server.Data()
	for _, a := range e.Fixture.Accounts {
		c := authority.System(a.Stand, e.System(tb, a).Account(), "call.add", "test")
		if _, err := data.Calls.Add(tb.Context(), c, drafts); err != nil {
			tb.Fatal(err)
		}
	}
	return e
}

func ringmeShape(a testenv.Answer) error {
	var e struct {
		Error, Message string
		Status         any
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		return err
	}
	if (e.Error == "") == (e.Message == "") || (e.Message != "" && e.Status == nil && a.Status != 404) {
		return errors.New("neither an error nor a message with its status")
	}
	return contentType(a, "application/json; charset=utf-8")
}
