package testenv_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/demo"
	"propusk/internal/store"
	"propusk/internal/testenv"
)

// FreeSWITCH sends a record in one of three forms, with an access key by Basic.
// Whatever the form, the call is there once.
func TestRecordsOfFreeSWITCH(t *testing.T) {
	const base64Form = "application/x-www-form-base64-encoded"
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			env := testenv.Start(t, testenv.Options{Driver: driver})
			one, two := env.Fixture.Accounts[0].Element.Key, env.Fixture.Accounts[1].Element.Key
			record := strings.Replace(switchRecord, "{new}", "5282f87c-368c-43a2-babd-bc63ff12dc01", 1)
			leg := strings.Replace(record, `"variables":{`, `"variables":{"originator":"x",`, 1)
			other := strings.Replace(record, "dc01", "dc02", 1)
			for _, step := range []struct {
				name, kind, body string
				key              demo.Key
				want             string
			}{
				{"JSON", testenv.JSON, record, one, `{"result":"added"}`},
				{"again", testenv.JSON, record + "\n", one, `{"result":"known"}`},
				{"form", testenv.Form, "cdr=" + url.PathEscape(record), one, `{"result":"known"}`},
				{"base64", base64Form, "cdr=" + base64.StdEncoding.EncodeToString([]byte(other)), one, `{"result":"added"}`},
				{"base64, encoded", testenv.Form, "cdr=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(other))), one, `{"result":"known"}`},
				{"base64, bare", testenv.Form, "cdr=" + base64.RawStdEncoding.EncodeToString([]byte(other)), one, `{"result":"known"}`},
				{"JSON without its type", testenv.Form, other, one, `{"result":"known"}`},
				{"leg", testenv.JSON, leg, one, `{"result":"leg"}`},
				{"another account", testenv.JSON, record, two, `{"result":"added"}`},
			} {
				call := testenv.Call{Path: panel + "/cdr?uuid=5282f87c-368c-43a2-babd-bc63ff12dc01", Type: step.kind, Body: step.body}
				a := env.Do(t, call.With(testenv.Basic(step.key.ClientID, step.key.ClientSecret)...))
				if a.Status != http.StatusOK || strings.TrimSpace(a.Body) != step.want {
					t.Errorf("%s: %d %s", step.name, a.Status, a.Body)
				}
			}
			for body, want := range map[string]int{
				strings.Replace(record, "5282f87c", "\xff", 1): 400, strings.Replace(record, `"variables":{`, `"variables":{"uuid":"y",`, 1): 400,
				"": 400, "x": 400, "cdr=": 400, "cdr=%%%": 400, "cdr=e30": 400, "{}": 400, "[]": 400, `{"variables":{"uuid":"x"}}`: 400,
			} {
				call := testenv.Call{Method: http.MethodPost, Path: panel + "/cdr", Body: body}
				if a := env.Do(t, call.With(testenv.Basic(one.ClientID, one.ClientSecret)...)); a.Status != want {
					t.Errorf("%q: %d %s", body, a.Status, a.Body)
				}
			}
			refusedRecords(t, env, one)
			namedRecords(t, env, one)
		})
	}
}

// namedRecords shows what is said of a body of another kind, and of an id that
// no call can have.
func namedRecords(t *testing.T, env *testenv.Env, key demo.Key) {
	t.Helper()
	long := strings.Replace(switchRecord, "{new}", strings.Repeat("x", 1000), 1)
	for _, step := range []struct {
		kind, body string
		status     int
		has, not   string
	}{
		{"text/xml", switchRecord, http.StatusUnsupportedMediaType, "JSON", "uuid"},
		{testenv.JSON, long, http.StatusBadRequest, "uuid", "source_id"},
	} {
		call := testenv.Call{Path: panel + "/cdr", Type: step.kind, Body: step.body}
		a := env.Do(t, call.With(testenv.Basic(key.ClientID, key.ClientSecret)...))
		if a.Status != step.status || !strings.Contains(a.Body, step.has) || strings.Contains(a.Body, step.not) {
			t.Errorf("%s: %d %s", step.kind, a.Status, a.Body)
		}
	}
}

// refusedRecords shows what opens nothing: a wrong key here, and a right one
// anywhere else.
func refusedRecords(t *testing.T, env *testenv.Env, key demo.Key) {
	t.Helper()
	record := testenv.Call{Path: panel + "/cdr", Body: switchRecord}
	for name, call := range map[string]testenv.Call{
		"no key":     record,
		"wrong key":  record.With(testenv.Basic(key.ClientID, "wrong")...),
		"other path": testenv.Call{Path: panel + "/me"}.With(testenv.Basic(key.ClientID, key.ClientSecret)...),
	} {
		a := env.Do(t, call)
		basic := strings.Contains(strings.Join(a.Header.Values("WWW-Authenticate"), ", "), "Basic realm=")
		if a.Status != http.StatusUnauthorized || basic != (name != "other path") {
			t.Errorf("%s: %d %s", name, a.Status, a.Header.Get("WWW-Authenticate"))
		}
	}
	if a := env.Do(t, testenv.Call{Path: "/api/v1/Users"}.With(testenv.Basic(key.ClientID, key.ClientSecret)...)); a.Status != http.StatusUnauthorized {
		t.Errorf("smarts takes an access key: %d", a.Status)
	}
}
