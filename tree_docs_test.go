package propusk_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// link matches the target of a Markdown link.
var link = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)

// Links between documents lead somewhere.
func TestLinks(t *testing.T) {
	walk(t, ".md", func(file string, text []byte) {
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(file), m[1])); err != nil {
				t.Errorf("%s: link to %s, which does not exist", file, m[1])
			}
		}
	})
}

// fences cuts the fenced blocks out of a document.
func fences(text string) []string {
	var out []string
	for i, part := range strings.Split(text, "\n```") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}

// outline lists the levels of the headings of a document.
func outline(text string) []string {
	var out []string
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if marks, _, ok := strings.Cut(line, " "); ok && !fenced && strings.Trim(marks, "#") == "" && marks != "" {
			out = append(out, marks)
		}
	}
	return out
}

// A page and its translation hold the same commands under as many headings.
func TestTranslations(t *testing.T) {
	walk(t, ".ru.md", func(file string, text []byte) {
		original, err := os.ReadFile(strings.TrimSuffix(file, ".ru.md") + ".md")
		if err != nil {
			t.Error(err)
			return
		}
		if diff := cmp.Diff(fences(string(original)), fences(string(text))); diff != "" {
			t.Errorf("%s: blocks differ from the original's:\n%s", file, diff)
		}
		if diff := cmp.Diff(outline(string(original)), outline(string(text))); diff != "" {
			t.Errorf("%s: headings differ from the original's:\n%s", file, diff)
		}
	})
}

// modules reads the module versions of go.mod.
func modules(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) (v\S+)`).FindAllStringSubmatch(string(text), -1) {
		out[m[1]] = m[2]
	}
	return out
}

// Every module that our code imports has a decision that names it.
func TestDecisions(t *testing.T) {
	var decisions strings.Builder
	walk(t, ".md", func(file string, text []byte) {
		if strings.HasPrefix(file, "docs/decisions/") {
			decisions.Write(text)
		}
	})
	seen := map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			module := owner(modules(t), imported)
			if module == "" || seen[module] {
				continue
			}
			seen[module] = true
			if !strings.Contains(decisions.String(), "`"+module+"`") {
				t.Errorf("%s imports %s: no decision in docs/decisions names it", s.file, module)
			}
		}
	}
}

// owner finds the module that a package belongs to, "" for the standard
// library and our own.
func owner(modules map[string]string, pkg string) string {
	for p := pkg; p != "."; p = path.Dir(p) {
		if _, ok := modules[p]; ok {
			return p
		}
	}
	return ""
}

// docs/decisions/0002-sqlite.md: the two must match, and later ones cannot be
// had everywhere.
func TestPins(t *testing.T) {
	got := modules(t)
	for module, want := range map[string]string{
		"modernc.org/sqlite": "v1.60.1",
		"modernc.org/libc":   "v1.77.1",
	} {
		if got[module] != want {
			t.Errorf("%s is at %s, want %s", module, got[module], want)
		}
	}
}

// Decisions and migrations are numbered from 1 without gaps and without twins: two
// people may take the same next number, and git does not mind. The migrations of
// one folder run on both engines, so nothing else may lie in it.
func TestNumbers(t *testing.T) {
	for folder, name := range map[string]*regexp.Regexp{
		"docs/decisions":            regexp.MustCompile(`^(\d{4})-[a-z0-9-]+\.md$`),
		"internal/store/migrations": regexp.MustCompile(`^(\d{4})_[a-z0-9]+\.sql$`),
	} {
		entries, err := os.ReadDir(folder)
		if err != nil || len(entries) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(entries), err)
		}
		for i, e := range entries { // sorted by name
			found := name.FindStringSubmatch(e.Name())
			if want := fmt.Sprintf("%04d", i+1); found == nil || found[1] != want {
				t.Fatalf("%s/%s: want number %s, and a name like its neighbours'", folder, e.Name(), want)
			}
		}
	}
}

// cited matches a rule or a bar where code cites it, but no part of an escape.
var cited = regexp.MustCompile(`(?:^|[^%\w])(?:rules? (\d+)\b|(B\d+)\b)`)

// What comments cite by number is said in docs/rules.md.
func TestRulesAreThere(t *testing.T) {
	text, err := os.ReadFile("docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	walk(t, ".go", func(file string, source []byte) {
		for _, m := range cited.FindAllSubmatch(source, -1) {
			if id := string(m[1]) + string(m[2]); !strings.Contains(string(text), "\n| "+id+" | ") {
				t.Errorf("%s cites %q, which docs/rules.md does not have", file, id)
			}
		}
	})
}
