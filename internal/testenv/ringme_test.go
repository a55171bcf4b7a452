package testenv_test

import (
	"encoding/json"
	"errors"
	"testing"

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
			}
		},
		IDs: func(_ testing.TB, _ *testenv.Client, a demo.Account, _ string) map[string]string {
			return map[string]string{"basic client": testenv.Basic(a.Ringme.Trusted.ApplicationID, a.Ringme.Trusted.ApplicationSecret)[1]}
		},
		Doors: []testenv.Door{
			{Name: "client_credentials", Takes: ringmeSecret, Bound: true, Call: trusted},
			{Name: "client_credentials by Basic", Takes: ringmeSecret, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return form(a, "grant_type=client_credentials").With(testenv.Basic(a.Ringme.Trusted.ApplicationID, secret)...)
			}},
			{Name: "password", Takes: ringmePassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return signIn(a, secret)
			}},
			{Name: "refresh_token", Takes: ringmeRefresh, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				p := a.Ringme.Password
				return form(a, "grant_type=refresh_token&refresh_token="+testenv.Escape(secret)+"&"+client(p, p.ApplicationSecret))
			}},
		},
		Good: map[string]testenv.Call{
			"GET /api/ver1.0/user": {Path: "/api/ver1.0/user"},
			"POST /oauth/token": {
				Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials",
				Header: []string{"Authorization", "{basic client}"},
			},
		},
	}
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
