package ringme_test

import (
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
