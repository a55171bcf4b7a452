package testenv_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/explorer"
	"propusk/internal/testenv"
	"propusk/internal/web"
)

// explorerSubject has no secrets: what it shows is everybody's.
func explorerSubject() testenv.Subject {
	page := func(path string) testenv.Call {
		return testenv.Call{Path: path, Header: []string{"Accept", testenv.HTML}}
	}
	return testenv.Subject{
		Dialect: explorer.Name, Shape: problemShape, Common: true,
		Secrets: func(testing.TB, *testenv.Client, demo.Account) map[string]string { return nil },
		IDs: func(tb testing.TB, c *testenv.Client, _ demo.Account, _ string) map[string]string {
			found := assets.FindStringSubmatch(c.Do(tb, page("/explorer")).Body)
			if found == nil {
				tb.Fatal("the index loads no files")
			}
			return map[string]string{"dialect": "ringme", "hash": found[1], "file": found[2]}
		},
		Good: map[string]testenv.Call{
			"GET /explorer":                        page("/explorer"),
			"GET /explorer/{dialect}":              page("/explorer/{dialect}"),
			"GET /explorer/callback":               page("/explorer/callback"),
			"GET /explorer/assets/{hash}/{file}":   {Path: "/explorer/assets/{hash}/{file}", Header: []string{"Accept", "image/svg+xml"}},
			"GET /explorer/{dialect}/openapi.json": {Path: "/explorer/{dialect}/openapi.json"},
			"GET /explorer/{dialect}/openapi.yaml": {Path: "/explorer/{dialect}/openapi.yaml", Header: []string{"Accept", "openapi"}},
			"GET /explorer/{dialect}/postman.json": {Path: "/explorer/{dialect}/postman.json"},
			"GET /api/ver1.0/client_api_explorer":  page("/api/ver1.0/client_api_explorer"),
			"GET /docs":                            page("/docs"),
		},
	}
}

var assets = regexp.MustCompile(`/explorer/assets/([0-9a-f]+)/(mark\.svg)`)

func problemShape(a testenv.Answer) error {
	var p web.Problem
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		return err
	}
	if p.Status != a.Status || p.Title == "" || p.Code == "" || p.Request == "" {
		return errors.New("no problem details")
	}
	return contentType(a, "application/problem+json")
}

// What the explorer serves is the same for everybody: it is kept by who has it,
// sets nothing, and holds no secret and nobody's name.
func TestExplorerServesEverybody(t *testing.T) {
	e := testenv.Start(t, testenv.Options{})
	sub := explorerSubject()
	secrets := texts(t, e.Fixture)
	for _, stand := range authority.Stands() {
		ids := sub.IDs(t, e.Client, demo.Account{}, "")
		for route, call := range sub.Good {
			call.Stand = stand
			for name, id := range ids {
				call.Path = strings.ReplaceAll(call.Path, "{"+name+"}", id)
			}
			plain := e.Do(t, call)
			for _, secret := range secrets {
				if strings.Contains(plain.Body, secret) {
					t.Errorf("%s on %s shows a text of the fixture: %.6s…", route, stand, secret)
				}
			}
			kept(t, e, call, plain)
		}
	}
}

// kept asks again, as somebody who has the answer does (RFC 9110 §13.1.2).
func kept(t *testing.T, e *testenv.Env, call testenv.Call, plain testenv.Answer) {
	t.Helper()
	tag := plain.Header.Get("ETag")
	if plain.Status != http.StatusOK || tag == "" || plain.Header.Get("Set-Cookie") != "" || plain.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: %d %v", call.Path, plain.Status, plain.Header)
	}
	for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if a := e.Do(t, call.With("If-None-Match", known)); a.Status != http.StatusNotModified || a.Body != "" || a.Header.Get("ETag") != tag {
			t.Errorf("%s, If-None-Match %s: %d %v", call.Path, known, a.Status, a.Header)
		}
	}
	if a := e.Do(t, call.With("If-None-Match", `"other"`)); a.Body != plain.Body {
		t.Errorf("%s, another tag: %d", call.Path, a.Status)
	}
	packed := e.Do(t, call.With("Accept-Encoding", "gzip"))
	if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("ETag") == tag || !strings.Contains(strings.Join(packed.Header.Values("Vary"), ","), "Accept-Encoding") {
		t.Errorf("%s packed: %v", call.Path, packed.Header)
	}
	head := call
	head.Method = http.MethodHead
	if a := e.Do(t, head); a.Body != "" || a.Header.Get("Content-Length") != plain.Header.Get("Content-Length") || a.Header.Get("ETag") != tag {
		t.Errorf("%s, HEAD: %v", call.Path, a.Header)
	}
}

// texts are the secrets, logins and names of a fixture: what is long enough to be
// nothing else.
func texts(t *testing.T, f *demo.Fixture) []string {
	t.Helper()
	written, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(written, &value); err != nil {
		t.Fatal(err)
	}
	const long = 12
	out := slices.DeleteFunc(textsIn(value), func(s string) bool { return len(s) < long || strings.HasPrefix(s, "http") })
	if len(out) < 20 {
		t.Fatalf("the fixture holds %d texts", len(out))
	}
	return out
}

func textsIn(value any) (out []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			out = append(out, textsIn(one)...)
		}
	case map[string]any:
		for _, one := range v {
			out = append(out, textsIn(one)...)
		}
	}
	return out
}
