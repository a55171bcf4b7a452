package testenv_test

import (
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"propusk/internal/store"
	"propusk/internal/testenv"
)

// B46 on every list and every thing of every dialect, on both engines.
func TestB46EveryDialect(t *testing.T) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			e := recorded(t, testenv.Start(t, testenv.Options{Driver: driver, Clock: noon()}))
			testenv.Unmoved(t, e, subjects()...)
		})
	}
}

// B46 on every page of the console that links lead to; and what their pages link
// to, nobody's could not be told from (rule 9).
func TestB46EveryPage(t *testing.T) {
	e := recorded(t, testenv.Start(t, testenv.Options{Clock: noon()}))
	ours, theirs := administrator(t, e, 0), administrator(t, e, 1)
	prepared(t, ours)
	paths := crawl(t, ours)
	look := func() []testenv.Look {
		var out []testenv.Look
		for _, path := range paths {
			got := ours.Get(t, path, "X-Request-ID", "same")
			if kind, _, _ := strings.Cut(path, "?"); kind == "/" { // its figures count the one who looks
				got.Body = figures.ReplaceAllString(got.Body, "#")
				got.Header.Del("Content-Length")
			}
			out = append(out, testenv.Look{Name: path, Status: got.Status, Header: got.Header, Body: got.Body})
		}
		return out
	}
	e.Still(t, look, func() { testenv.Everything(t, e, subjects()...); crawl(t, theirs) })
	foreign := 0
	for _, path := range crawl(t, theirs) {
		nobodys := naming.ReplaceAllStringFunc(path, another)
		if nobodys == path || slices.Contains(paths, path) || strings.Contains(path, "after=") { // a place in one's own list
			continue
		}
		foreign++
		a, b := ours.Get(t, path, "X-Request-ID", "same"), ours.Get(t, nobodys, "X-Request-ID", "same")
		if a.Status != b.Status || naming.ReplaceAllString(a.Body, "ID") != naming.ReplaceAllString(b.Body, "ID") {
			t.Errorf("%s: %d, nobody's: %d", path, a.Status, b.Status)
		}
		if a.Status == http.StatusOK && !strings.Contains(path, "?") {
			t.Errorf("%s of another account is shown", path)
		}
	}
	if len(paths) < 60 || foreign < 30 {
		t.Errorf("%d pages, %d of another account", len(paths), foreign)
	}
}

func administrator(t *testing.T, e *testenv.Env, i int) *testenv.Pages {
	t.Helper()
	a := e.Fixture.Accounts[i]
	return e.SignIn(t, a.Stand, a.Console.Administrator)
}

// prepared waits until every key that is published has the next one beside it: a
// server makes them in its own time.
func prepared(t *testing.T, p *testenv.Pages) {
	t.Helper()
	const patience = 10_000
	for range patience {
		uses := strings.Split(p.Get(t, "/signing-keys").Body, `<section class="card" id="`)[1:]
		lacks := slices.ContainsFunc(uses, func(use string) bool {
			return public.MatchString(use) && !strings.Contains(use, `badge info`)
		})
		if len(uses) > 0 && !lacks {
			return
		}
	}
	t.Fatal("there is no next key for some that is published")
}

var public = regexp.MustCompile(`>((RS|PS|ES)[0-9]{3}|EdDSA)<`)

// naming is what names one thing in an address: a number or a sealed place.
var naming = regexp.MustCompile(`\b[0-9]{6,}\b|\b[0-9A-Za-z_-]{20,}\b`)

// another gives what looks like an id and is none.
func another(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r < '9', r >= 'a' && r < 'z', r >= 'A' && r < 'Z':
			return r + 1
		}
		return r
	}, id)
}

var figures = regexp.MustCompile(`[0-9][0-9.,\s\x{a0}\x{202f}]*`)

var links = regexp.MustCompile(`(?:href|src)="(/[^"#]*)`)

// crawl gives the pages that a person gets to by links, a bounded number of each
// kind.
func crawl(t *testing.T, p *testenv.Pages) []string {
	t.Helper()
	seen, kinds := map[string]bool{"/": true}, map[string]int{}
	const ofAKind = 3
	for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
		for _, m := range links.FindAllStringSubmatch(p.Get(t, todo[0]).Body, -1) {
			path := html.UnescapeString(m[1])
			kind := naming.ReplaceAllString(path, "ID")
			if seen[path] || kinds[kind] == ofAKind || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/test") ||
				path == "/security/code" { // another secret each time
				continue
			}
			seen[path] = true
			kinds[kind]++
			todo = append(todo, path)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
