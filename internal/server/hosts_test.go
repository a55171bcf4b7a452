package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// ask sends a request to the production stand under a host name and gives the
// status and the answer.
func ask(t *testing.T, e *testenv.Env, method, host, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, e.Server.URL(authority.Production)+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// Rule 14: a dialect can be bound to host names of its own, and switched off.
func TestDialectsOnHostNamesOfTheirOwn(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 1, Change: func(c *server.Config) {
		hubex := c.Dialects["hubex"]
		hubex.Hosts = []string{"fsm.example.com", "fsm.example.org"}
		c.Dialects["hubex"] = hubex
	}})
	const fsm, std = "/fsm/WORK/Tasks", "/.well-known/jwks.json"
	for _, c := range []struct {
		host, path string
		want       int
	}{
		{"fsm.example.com", fsm, 401},
		{"FSM.example.org:8080", fsm, 401},
		{"fsm.example.com.", fsm, 401},
		{"fsm.example.com", std, 404},
		{"fsm.example.com", "/oauth/token", 404},
		{"api.example.com", fsm, 404},
		{"api.example.com", std, 200},
		{"127.0.0.1", std, 200},
		{"127.0.0.1", fsm, 404},
		{"fsm.example.com.evil.test", fsm, 404},
		{"api.example.com", "/oauth/token", 405},
	} {
		got, body := ask(t, e, http.MethodGet, c.host, c.path)
		if got != c.want || strings.Contains(body, "example") {
			t.Errorf("%s%s: %d %s, want %d", c.host, c.path, got, body, c.want)
		}
	}
}

func TestADialectThatIsOffIsNotThere(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 1, Change: func(c *server.Config) {
		hubex := c.Dialects["hubex"]
		hubex.Enabled = false
		c.Dialects["hubex"] = hubex
	}})
	if got, body := ask(t, e, http.MethodGet, "", "/fsm/WORK/Tasks"); got != http.StatusNotFound {
		t.Errorf("%d %s", got, body)
	}
	if got, body := ask(t, e, http.MethodGet, "", "/.well-known/jwks.json"); got != http.StatusOK {
		t.Errorf("%d %s", got, body)
	}
}
