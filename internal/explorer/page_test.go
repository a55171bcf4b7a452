package explorer_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"propusk/internal/authority"
	"propusk/internal/explorer"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// shownTexts are the dialects' own texts that pages show.
func shownTexts(all []*explorer.Book) []string {
	out := []string{"Tokens"}
	for _, b := range all {
		out = append(out, b.Manual.Title, b.Manual.About)
		for _, w := range b.Manual.Ways {
			out = append(out, w.Title)
			for _, i := range w.Inputs {
				out = append(out, i.About)
			}
		}
		for _, m := range b.Methods {
			out = append(out, m.Summary)
			fields := m.Parameters
			if m.Body != nil {
				fields = slices.Concat(fields, m.Body.Fields)
			}
			for _, p := range fields {
				out = append(out, p.Schema.Description)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// Every text that a page shows is there in Russian, and none that it does not.
func TestRussian(t *testing.T) {
	text, err := os.ReadFile("russian.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var russian map[string]string
	if err := yaml.Unmarshal(text, &russian); err != nil {
		t.Fatal(err)
	}
	for _, shown := range shownTexts(books(t)) {
		if russian[shown] == "" {
			t.Errorf("russian.yaml lacks %q", shown)
		}
		delete(russian, shown)
	}
	for text := range russian {
		t.Errorf("russian.yaml holds what is not shown: %q", text)
	}
}

// line is one of the list beside a page.
var line = regexp.MustCompile(`(?s)<li><a href="#[^"]+" data-find.*?</a>`)

// No two lines of a page's list read alike, and a question by GET and by POST
// says which it is.
func TestLinesTellApart(t *testing.T) {
	e := testenv.Start(t, testenv.Options{})
	tags := regexp.MustCompile(`<[^>]+>`)
	for _, b := range books(t) {
		a := e.Do(t, testenv.Call{Path: "/explorer/" + b.Dialect, Header: []string{"Accept-Language", "en"}})
		said := map[string]bool{}
		for _, found := range line.FindAllString(a.Body, -1) {
			text := tags.ReplaceAllString(found, " ")
			if said[text] {
				t.Errorf("%s: two lines say %q", b.Dialect, text)
			}
			said[text] = true
		}
		if len(said) == 0 {
			t.Errorf("%s: no line was found", b.Dialect)
		}
		asks := map[string]bool{}
		for _, m := range b.Methods {
			if m.Path == "/oauth/authorize" {
				asks[m.Summary] = true
			}
		}
		if len(asks) == 1 {
			t.Errorf("%s: /oauth/authorize by GET and POST: %v", b.Dialect, asks)
		}
	}
}

// addresses of the tree of the documented pages.
func pagesOf(all []*explorer.Book) []string {
	out := []string{"/explorer", "/explorer/callback"}
	for _, b := range all {
		out = append(out, "/explorer/"+b.Dialect)
		if b.Manual.Page != "" {
			out = append(out, b.Manual.Page)
		}
	}
	return out
}

func TestPages(t *testing.T) {
	e := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		for _, path := range pagesOf(books(t)) {
			for lang, word := range map[string]string{"ru": "стенд", "en": "stand"} {
				a := e.Do(t, testenv.Call{Stand: stand, Path: path + "/", Header: []string{"Accept-Language", lang + ";q=0.9,de"}})
				if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "text/html; charset=utf-8" || a.Header.Get("Content-Language") != lang {
					t.Fatalf("%s: %d %v", path, a.Status, a.Header)
				}
				checkPage(t, path, a)
				if !strings.Contains(a.Body, `<html lang="`+lang+`"`) || (stand == authority.Test && !strings.Contains(a.Body, word)) {
					t.Errorf("%s is not in %s", path, lang)
				}
			}
		}
	}
}

var (
	inline  = regexp.MustCompile(`<script(?:[^>]*)>[^<]|<style| style="| on[a-z]+="`)
	foreign = regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//`)
	asset   = regexp.MustCompile(`/explorer/assets/[^"]+`)
)

func checkPage(t *testing.T, path string, a testenv.Answer) {
	t.Helper()
	if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'; script-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: policy %s", path, csp)
	}
	for _, never := range []*regexp.Regexp{inline, foreign} {
		if found := never.FindString(a.Body); found != "" {
			t.Errorf("%s holds %s", path, found)
		}
	}
	if a.Header.Get("Set-Cookie") != "" || len(asset.FindAllString(a.Body, -1)) < 3 {
		t.Errorf("%s: a cookie, or no files", path)
	}
}

// A page with everything that it loads is small, and what it loads is kept.
func TestTransfer(t *testing.T) {
	e := testenv.Start(t, testenv.Options{})
	get := func(path string) (testenv.Answer, int) {
		a := e.Do(t, testenv.Call{Path: path, Header: []string{"Accept-Encoding", "gzip"}})
		if a.Status != http.StatusOK || a.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %d %v", path, a.Status, a.Header)
		}
		size := len(a.Body)
		r, err := gzip.NewReader(strings.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body = string(plain)
		return a, size
	}
	for _, path := range pagesOf(books(t)) {
		page, total := get(path)
		files := asset.FindAllString(page.Body, -1)
		folder := files[0][:strings.LastIndexByte(files[0], '/')+1]
		for _, name := range []string{"page.js", "callback.js", "authorize.js", "session.js", "request.js", "bench.js", "snippets.js", "words.js", "theme.js", "style.css", "mark.svg"} {
			a, size := get(folder + name)
			if !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %s", name, a.Header.Get("Cache-Control"))
			}
			total += size
		}
		if total > 300<<10 {
			t.Errorf("%s: %d bytes are transferred", path, total)
		}
		again := e.Do(t, testenv.Call{Path: path, Header: []string{"If-None-Match", page.Header.Get("Etag"), "Accept-Encoding", "gzip"}})
		if again.Status != http.StatusNotModified || again.Body != "" {
			t.Errorf("%s again: %d", path, again.Status)
		}
	}
	if a := e.Do(t, testenv.Call{Path: "/explorer/assets/000000000000/page.js"}); a.Status != http.StatusNotFound {
		t.Errorf("a file of another build: %d", a.Status)
	}
}

// What is switched off, or bound to another host, is not shown; without the
// explorer none of its paths is there.
func TestSwitches(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Change: func(c *server.Config) {
		d := c.Dialects["operator"]
		d.Enabled = false
		c.Dialects["operator"] = d
		d = c.Dialects["hubex"]
		d.Hosts = []string{"hubex.example"}
		c.Dialects["hubex"] = d
	}})
	status := func(host, path string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.Fixture.BaseURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		a, err := (&http.Client{}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		return a.StatusCode
	}
	for path, want := range map[string]int{
		"/explorer/operator": 404, "/docs": 404, "/explorer/operator/openapi.json": 404, "/explorer/hubex": 404, "/explorer/ringme": 200,
		"/explorer/nobody": 404,
	} {
		if got := status("", path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := status("hubex.example", "/explorer/hubex"); got != 200 {
		t.Errorf("on its own host: %d", got)
	}
	if got := status("hubex.example", "/explorer/ringme"); got != 404 {
		t.Errorf("another dialect there: %d", got)
	}
	off := testenv.Start(t, testenv.Options{Change: func(c *server.Config) { c.Explorer.Enabled = false }})
	for _, path := range pagesOf(books(t)) {
		if a := off.Do(t, testenv.Call{Path: path}); a.Status != 404 {
			t.Errorf("%s without an explorer: %d", path, a.Status)
		}
	}
}
