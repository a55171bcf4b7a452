package ringme_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect/ringme"
)

func TestExtensions(t *testing.T) {
	w := newWorld(t)
	w.makeApp(t, "calls", authority.Traits{Type: ringme.Trusted, Access: ringme.CallAPI, Owner: w.user.ID})
	token, list := w.access(t, "trusted"), client+"/extension/"
	made := w.ask(t, "POST", token, list, fmt.Sprintf(`{"name":"501","type":"phone","label":"Приёмная","user_id":%d}`, w.user.ID))
	one := fmt.Sprintf(`\{"id":(\d+),"client_id":%[1]d,"name":"%[1]d\*501","type":"phone","status":"active","label":"%%s","group":"","user_id":%[2]d,`+
		`"extension_group_id":null,"create_date":"2024-05-20 10:00:00"\}`, w.account.Number, w.user.ID)
	expect(t, "made", made, 201, fmt.Sprintf(one, "Приёмная"))
	var e struct{ ID int64 }
	made.JSON(t, &e)
	path := fmt.Sprint(list, e.ID)
	expect(t, "read", w.get(t, token, path), 200, fmt.Sprintf(one, "Приёмная"))
	expect(t, "who am I", w.me(t, token), 200, fmt.Sprintf(`.*"extension_id":%d,.*`, e.ID))
	expect(t, "changed", w.ask(t, "PUT", token, path, fmt.Sprintf(`{"name":"%d*501","label":"Склад"}`, w.account.Number)), 200, fmt.Sprintf(one, "Склад"))
	expect(t, "blocked", w.ask(t, "PUT", token, path, `{"status":"blocked"}`), 200, `.*"status":"blocked".*`)
	expect(t, "list of the blocked", w.get(t, token, list+"?status=blocked&type=phone&per_page=5&page=1"), 200, `\[\{.*\*501".*"status":"blocked".*\}\]`)
	expect(t, "another", w.ask(t, "POST", token, list, `{"name":"502","type":"queue"}`), 201, "")
	if link := w.get(t, token, list+"?per_page=1&type=phone").Header.Get("Link"); !strings.HasPrefix(link, "<"+list+"?") || !strings.Contains(link, "page=2&per_page=1&type=phone>") {
		t.Errorf("Link %s", link)
	}
	expect(t, "list", w.get(t, w.access(t, "calls"), list+"?per_page=1&page=2"), 200, `\[\{[^}]*"name":"\d+\*502"[^}]*\}\]`)
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		word               string
	}{
		"taken":         {"POST", list, `{"name":"501"}`, 409, "conflict"},
		"no number":     {"POST", list, `{"label":"x"}`, 400, "bad_request"},
		"their prefix":  {"POST", list, `{"name":"7*502"}`, 400, "bad_request"},
		"kind":          {"POST", list, `{"name":"503","type":"tv"}`, 400, "bad_request"},
		"status":        {"POST", list, `{"name":"503","status":"asleep"}`, 400, "bad_request"},
		"nobody's user": {"POST", list, `{"name":"503","user_id":7}`, 422, "unprocessable"},
		"renamed":       {"PUT", path, `{"name":"502"}`, 400, "bad_request"},
		"no JSON":       {"PUT", path, `{`, 400, "bad_request"},
	} {
		expect(t, name, w.ask(t, test.method, token, test.path, test.body), test.status, `\{"message":".+","status":"`+test.word+`"\}`)
	}
	expect(t, "another word", w.ask(t, "POST", token, list, `{"name":"503","status":"asleep"}`), 400, `\{"message":"status must be active or blocked","status":"bad_request"\}`)
	expect(t, "a filter by another", w.get(t, token, list+"?status=x"), 400, `\{"message":"status must be active or blocked","status":"bad_request"\}`)
	const appDenied = `\{"message":"the application needs the access level All","status":"app_access_type_deny"\}`
	for method, body := range map[string]string{"PUT": `{}`, "DELETE": ""} {
		expect(t, method+" by Call API", w.ask(t, method, w.access(t, "calls"), path, body), 403, appDenied)
		expect(t, method+" by a reader", w.ask(t, method, w.access(t, "reader"), path, body), 403, `.*"user_access_type_deny".*`)
	}
	expect(t, "POST by Call API", w.ask(t, "POST", w.access(t, "calls"), list, `{"name":"502"}`), 403, appDenied)
	w.events(t, token, e.ID)
	expect(t, "deleted", w.ask(t, "DELETE", token, path, ""), 204, "")
	expect(t, "again", w.ask(t, "DELETE", token, path, ""), 404, notFound)
	w.grant(t)
	expect(t, "without the right", w.get(t, token, list), 403, `\{"message":".+","status":"access_denied"\}`)
}

func (w *world) events(t *testing.T, token string, extension int64) {
	list, caller := fmt.Sprintf("/api/ver1.0/extension/%d/event/", extension), w.access(t, "calls")
	made := w.ask(t, "POST", caller, list, `{"url":"https://crm.example.com/hook","method":"GET","event_type":"dial-in"}`)
	const one = `\{"id":\d+,"url":"https://crm.example.com/hook","method":"GET","event_type":"dial-in"\}`
	expect(t, "event", made, 201, one)
	expect(t, "events", w.get(t, w.access(t, "reader"), list), 200, `\[`+one+`\]`)
	for name, body := range map[string]string{
		"inside":  `{"url":"http://169.254.169.254/","event_type":"dial-in"}`,
		"plain":   `{"url":"http://crm.example.com/","event_type":"dial-in"}`,
		"a shell": `{"url":"https://crm.example.com:22/","event_type":"dial-in"}`,
		"no url":  `{"event_type":"dial-in"}`,
		"method":  `{"url":"https://crm.example.com/","method":"PUT","event_type":"dial-in"}`,
		"no type": `{"url":"https://crm.example.com/"}`,
	} {
		expect(t, name, w.ask(t, "POST", token, list, body), 400, `.*"status":"bad_request".*`)
	}
	expect(t, "by a reader", w.ask(t, "POST", w.access(t, "reader"), list, `{}`), 403, `.*"user_access_type_deny".*`)
	expect(t, "of nobody's", w.get(t, token, "/api/ver1.0/extension/7/event"), 404, notFound)
	var e struct{ ID int64 }
	made.JSON(t, &e)
	path := fmt.Sprint(list, e.ID)
	expect(t, "deleted", w.ask(t, "DELETE", caller, path, ""), 204, "")
	expect(t, "again", w.ask(t, "DELETE", caller, path, ""), 404, notFound)
	expect(t, "none", w.get(t, token, list), 200, `\[\]`)
}

func TestMoments(t *testing.T) {
	for text, want := range map[string]string{
		"2024-05-20 10:00:00":           "2024-05-20T10:00:00Z 1s",
		"2024-05-20 10:00:00.5":         "2024-05-20T10:00:00.5Z 1ms",
		"2024-05-20 10:00":              "2024-05-20T10:00:00Z 1m0s",
		"2024-05-20":                    "2024-05-20T00:00:00Z 24h0m0s",
		"2024-05-20T10:00:00":           "2024-05-20T10:00:00Z 1s",
		"2024-05-20T10:00:00Z":          "2024-05-20T10:00:00Z 1s",
		"2024-05-20T13:00:00+03:00":     "2024-05-20T10:00:00Z 1s",
		"2024-05-20T13:00:00 03:00":     "2024-05-20T10:00:00Z 1s",
		"2024-02-29":                    "2024-02-29T00:00:00Z 24h0m0s",
		"2023-02-29":                    "",
		"":                              "",
		"now":                           "",
		"0000-01-01":                    "",
		"9999-12-31T23:59:59-23:59":     "",
		"2024-05-20 24:00:00":           "",
		" 2024-05-20":                   "",
		"2024-05-20 10:00:00 +0300 MSK": "",
	} {
		at, span, err := ringme.ParseMoment(text)
		got := ""
		if err == nil {
			got = at.Format(time.RFC3339Nano) + " " + span.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever is sent as a time, it is refused or lies in the years that there are,
// in UTC.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{"2024-05-20 10:00:00", "2024-05-20", "2024-05-20T10:00:00+03:00", "2024-05-20 10:00", "9999-12-31T23:59:59-12:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, span, err := ringme.ParseMoment(text)
		if err == nil && (at.Year() < 0 || at.Year() > 9999 || at.Location() != time.UTC || span <= 0) {
			t.Fatalf("%q gives %v %v", text, at, span)
		}
	})
}
