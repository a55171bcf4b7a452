package ringme_test

import (
	"strings"
	"testing"

	"propusk/internal/testenv"
)

// RFC 6749 §5.2: a request without one of its parameters is no wrong password.
func TestMissingParameters(t *testing.T) {
	w := newWorld(t)
	for name, pairs := range map[string][]string{
		"password":      w.client("password", "password", "username", "ringer"),
		"username":      w.client("password", "password", "password", w.password.Reveal()),
		"refresh_token": w.client("password", "refresh_token"),
	} {
		expect(t, name, w.token(t, pairs...), 400, `\{"error":"invalid_request","error_description":"`+name+` is missing"\}`)
	}
}

// What a parameter takes is said where it is refused.
func TestWordsOfParameters(t *testing.T) {
	w := newWorld(t)
	token := w.access(t, "trusted")
	for query, want := range map[string]string{
		"flow=sideways": "flow must be in, out or internal", "order=up": "order must be asc or desc",
		"start_datetime=abc": "start_datetime must be a time in GMT such as 2024-05-20 10:00:00, or a date",
	} {
		a := w.Do(t, testenv.Call{Path: "/api/ver1.0/client/@me/call_history?" + query}.With(testenv.Bearer(token)...))
		if a.Status != 400 || !strings.Contains(a.Body, want) {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
}

// Parameters are forms here and bodies JSON; who sends the one for the other is told.
func TestFormsAreToldToBeJSON(t *testing.T) {
	w := newWorld(t)
	call := testenv.Call{Method: "POST", Path: "/api/ver1.0/extension/1/event/", Type: "application/x-www-form-urlencoded", Body: "url=https%3A%2F%2Fcrm.example.com&event_type=answer"}
	a := w.Do(t, call.With(testenv.Bearer(w.access(t, "trusted"))...))
	if a.Status != 400 || !strings.Contains(a.Body, "the body is a form: send JSON (Content-Type: application/json)") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// The counter is on every answer to a valid token, also where no route is. What
// is no call is not counted.
func TestCounterOnEveryAnswer(t *testing.T) {
	w := newWorld(t)
	token := w.access(t, "trusted")
	before := w.me(t, token).Header.Get("X-RateLimit-Remaining")
	for _, call := range []testenv.Call{
		{Path: "/api/ver1.0/nothing/"}, {Method: "PUT", Path: "/api/ver1.0/user/"},
	} {
		a := w.Do(t, call.With(testenv.Bearer(token)...))
		if a.Status != 404 && a.Status != 405 {
			t.Errorf("%s: %d", call.Path, a.Status)
		}
		if got := a.Header.Get("X-RateLimit-Remaining"); got != before || a.Header.Get("X-RateLimit-Reset") == "" {
			t.Errorf("%s: remaining %q, want %q", call.Path, got, before)
		}
		for _, header := range [][]string{nil, testenv.Bearer("x")} {
			if a := w.Do(t, call.With(header...)); a.Header.Get("X-RateLimit-Limit") != "" {
				t.Errorf("%s: a counter for nobody", call.Path)
			}
		}
	}
}
