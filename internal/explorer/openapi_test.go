package explorer_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/explorer"
	"propusk/internal/testenv"
)

var update = flag.Bool("update", false, "write the documents as they are computed")

// started is one server for the tests that only look at its routes.
var started = struct {
	sync.Once
	books []*explorer.Book
}{}

// books works out those of every dialect on the test stand, which has all routes.
func books(t *testing.T) []*explorer.Book {
	t.Helper()
	started.Do(func() {
		e := testenv.Start(t, testenv.Options{})
		for _, d := range e.Server.Dialects() {
			started.books = append(started.books, explorer.NewBook(authority.Test, d, e.Server.Routes(authority.Test)))
		}
	})
	return started.books
}

// golden compares text with a file of testdata.
func golden(t *testing.T, file string, text []byte) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("%s is not what the routes say; run make generate:\n%s", file, cmp.Diff(string(want), string(text)))
	}
}

func TestOpenAPI(t *testing.T) {
	for _, b := range books(t) {
		t.Run(b.Dialect, func(t *testing.T) {
			text, err := b.OpenAPI("https://test.example.com")
			if err != nil {
				t.Fatal(err)
			}
			if text, err = explorer.YAML(text); err != nil {
				t.Fatal(err)
			}
			golden(t, "openapi/"+b.Dialect+".yaml", text)
		})
	}
}

func TestPostman(t *testing.T) {
	for _, b := range books(t) {
		text, err := b.Postman("https://test.example.com")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "postman/"+b.Dialect+".json", text)
	}
}

// A name is one method's alone, and every method says what it does.
func TestNames(t *testing.T) {
	for _, b := range books(t) {
		seen := map[string]bool{}
		for _, m := range b.Methods {
			if seen[m.ID] {
				t.Errorf("%s: two methods are called %s", b.Dialect, m.ID)
			}
			if m.Summary == "" || m.Group == "" {
				t.Errorf("%s: %s has no summary or group", b.Dialect, m.ID)
			}
			seen[m.ID] = true
		}
		if len(seen) == 0 {
			t.Errorf("%s has no methods", b.Dialect)
		}
	}
}
