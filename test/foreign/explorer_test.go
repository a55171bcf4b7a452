//go:build unix

package foreign_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"propusk/internal/demo"
)

// The OpenAPI documents are what they say, by the rules of a linter that others
// wrote: not even a hint is left.
func TestOpenAPIDocuments(t *testing.T) {
	long(t)
	spectral := needNode(t, "spectral", "@stoplight/spectral-cli/dist/index.js")
	files, err := filepath.Glob(root + "/internal/explorer/testdata/openapi/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	run := command(t, need(t, "node", "nodejs"), append([]string{
		spectral, "lint", "--ruleset", "../spectral/.spectral.yaml", "--fail-severity", "hint",
	}, files...)...)
	output(t, run)
}

// have are the variables of a dialect's collection, of the demo's test stand.
func have(a demo.Account) map[string][]string {
	return map[string][]string{
		"hubex":    {"serviceToken", a.HubEx.ServiceToken},
		"smarts":   {"username", a.Smarts.External.Username, "password", a.Smarts.External.Password},
		"operator": {"authorization_token", a.Operator.AuthorizationToken},
		"ringme":   {"client_id", a.Ringme.Trusted.ApplicationID, "client_secret", a.Ringme.Trusted.ApplicationSecret},
		"oauth":    {"client_id", a.OAuth.ClientID, "client_secret", a.OAuth.ClientSecret},
	}
}

// The computed collections run as they are, once what a person has is filled in.
func TestComputedCollections(t *testing.T) {
	f := runDemo(t)
	a := f.Test.Accounts[0]
	for dialect, values := range have(a) {
		t.Run(dialect, func(t *testing.T) { computed(t, f, dialect, values...) })
	}
	// last: it makes another authorization token
	t.Run("element", func(t *testing.T) {
		computed(t, f, "element", "client_id", a.Element.ClientID, "client_secret", a.Element.ClientSecret)
	})
}

// computed fetches a collection and runs it.
func computed(t *testing.T, f *demo.Fixture, dialect string, values ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "collection.json")
	if err := os.WriteFile(file, []byte(fetch(t, f.TestBaseURL+"/explorer/"+dialect+"/postman.json")), 0o600); err != nil {
		t.Fatal(err)
	}
	var pairs []map[string]string
	for i := 0; i < len(values); i += 2 {
		pairs = append(pairs, map[string]string{"key": values[i], "value": values[i+1]})
	}
	output(t, command(t, need(t, "node", "nodejs"), needNode(t, "newman", "newman/bin/newman.js"), "run", file,
		"--color", "off", "--disable-unicode", "--environment", writeJSON(t, map[string]any{"values": pairs})))
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", url, a.StatusCode, err)
	}
	return string(text)
}

// wire is a request as a server met it, and as a page describes it.
type wire struct {
	Method, Target, Authorization, Type, Extra, Body string
}

// hostile are values that end a text, a line, a template or a program where they
// are not quoted.
func hostile() []string {
	return []string{
		"plain", "it's \"quoted\"", "back\\slash and $HOME `id` $(id) ${x}", "%s %d {0} {x} #{y}", "Щедрость 🎁 ё",
		"line one\nline \"two\"\n\ttab", "carriage\r\nreturn", "<?php ?> */ // --", "'\"\\'", "\"\"\"", "'''", "\\", "@/etc/passwd",
		"; rm -rf / #", "\u2028\u2029\ufeff", "|bar\n|line", "a\\u0041\\n", "🎁", "$1 \\1 \\0", "!history !!", "~ * ? [a-z]",
	}
}

// Whatever is typed into the page arrives as it was typed, from each program that
// it shows. 1C has no interpreter here: its text is judged by its form.
func TestPrograms(t *testing.T) {
	long(t)
	met := make(chan wire, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		met <- wire{r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("X-Extra"), string(body)}
		_, _ = io.WriteString(w, "answered")
	}))
	t.Cleanup(server.Close)
	for name, cases := range cases(t, server.URL) {
		for language, run := range runners(t) {
			if language == "go" && !compiled(name) {
				continue
			}
			t.Run(name+"/"+language, func(t *testing.T) {
				if language == "1c" {
					oneC(t, cases.Programs[language])
					return
				}
				if out := run(t, cases.Programs[language]); !strings.Contains(out, "answered") {
					t.Errorf("%s\nprints %s", cases.Programs[language], out)
				}
				if got := <-met; !alike(got, cases.Wire) {
					t.Errorf("%s\nsent %+v\nwant %+v", cases.Programs[language], got, cases.Wire)
				}
			})
		}
	}
}

// compiled picks the cases that Go is tried with: it takes its time for each.
func compiled(name string) bool {
	return !strings.HasPrefix(name, "body") || slices.Contains([]string{"body 2", "body 5", "body 6", "body 14"}, name)
}

// alike compares requests; forms may be encoded in more than one way.
func alike(got, want wire) bool {
	got.Body, want.Body = decoded(got), decoded(want)
	return got == want
}

// shown is one request in all languages.
type shown struct {
	Wire     wire
	Programs map[string]string
}

// cases has the page's own scripts write the programs.
func cases(t *testing.T, url string) map[string]shown {
	t.Helper()
	values, err := json.Marshal(hostile())
	if err != nil {
		t.Fatal(err)
	}
	run := command(t, need(t, "node", "nodejs"), "testdata/programs.mjs", url, string(values))
	return read[map[string]shown](t, output(t, run))
}
