package page_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// area is an Area of files, or of screens.
type area struct {
	fs.FS

	screens []page.Screen
}

func (a area) Files() fs.FS           { return a.FS }
func (a area) Screens() []page.Screen { return a.screens }

// Whoever holds a permission that a screen asks for has something to sign in to.
func TestPermissionsAreThoseOfTheScreens(t *testing.T) {
	kit, err := page.New(page.Config{Areas: []page.Area{
		area{fstest.MapFS{}, []page.Screen{{Path: "/b", May: "B"}, {Path: "/own"}}},
		area{fstest.MapFS{}, []page.Screen{{Path: "/a", May: "A"}, {Method: "POST", Path: "/b", May: "B"}}},
	}})
	if want := []authority.Permission{"A", "B"}; err != nil || !slices.Equal(kit.Permissions(), want) {
		t.Errorf("%v, %v, want %v", kit.Permissions(), err, want)
	}
}

func TestFaultsOfAreasAreErrorsAtStart(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"a language is missing", "messages.yaml", `a.b: {en: word}`, `"a.b" is missing in ru`},
		{"a form is missing", "messages.yaml", `a.b: {en: {one: "%d", other: "%d"}, ru: {one: "%d", few: "%d"}}`, `lacks the form "many" in ru`},
		{"a foreign language", "messages.yaml", `a.b: {en: a, ru: b, de: c}`, "does not speak"},
		{"words twice", "messages.yaml", `frame.skip: {en: a, ru: b}`, "is there twice"},
		{"no template", "templates/x.html", `{{define "content"}}{{`, "x.html"},
		{"a template twice", "templates/error.html", "", "two templates"},
		{"an asset without a type", "static/x.exe", "x", "no content type"},
		{"an asset twice", "static/console.css", "x", "two assets"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{tt.file: &fstest.MapFile{Data: []byte(tt.text)}}
			_, err := page.New(page.Config{Areas: []page.Area{area{FS: files}}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := page.New(page.Config{}); err != nil {
		t.Errorf("without areas: %v", err)
	}
}

func TestLocalLeadsNowhereElse(t *testing.T) {
	for next, want := range map[string]string{
		"/users?from=50": "/users?from=50", "/": "/", "": "/", "users": "/", "//evil.example": "/", `/\evil.example`: "/",
		"https://evil.example/": "/", "javascript:alert(1)": "/", "/\tx": "/", "/a#b": "/a#b", "\x00": "/", `\\evil.example`: "/", "/%0d%0a": "/%0d%0a",
	} {
		if got := page.Local(next); got != want {
			t.Errorf("Local(%q) = %q, want %q", next, got, want)
		}
	}
}

// TestEveryWordIsThere: what templates and Go code of the console ask for by a
// fixed key has words.
func TestEveryWordIsThere(t *testing.T) {
	const root = ".."
	known := map[string]bool{}
	var sources strings.Builder
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(os.DirFS(root), name)
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(name, "messages.yaml"):
			var keys map[string]any
			err = yaml.Unmarshal(text, &keys)
			for key := range keys {
				known[key] = true
			}
		case strings.HasSuffix(name, ".html"), strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "doc.go"):
			sources.Write(text)
		}
		return err
	})
	if err != nil || len(known) < 50 {
		t.Fatalf("%d keys, %v", len(known), err)
	}
	asked := regexp.MustCompile(`\.T "([^"]+)"|\.T\("([^"]+)"|Label: +"([^"]+)"|Done\([^,]+, "([^"]+)"`)
	for _, m := range asked.FindAllStringSubmatch(sources.String(), -1) {
		key := slices.Max(m[1:])
		if !known[key] && !strings.HasSuffix(key, ".") {
			t.Errorf("nothing says %q", key)
		}
	}
}
