// Package propusk_test guards the tree itself: who may import whom, how large
// things may grow, the habits that CONTRIBUTING.md asks for, and that the
// documents point at what exists. It reads source text, so it also sees files
// of other systems and build tags.
package propusk_test

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the module.
type source struct {
	file  string // slash-separated, from the module's root
	dir   string // its folder, "." for the root
	test  bool
	lines int
	fset  *token.FileSet
	ast   *ast.File
}

// at gives file:line of n, for messages.
func (s source) at(n ast.Node) string {
	return s.file + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// imports lists what s imports.
func (s source) imports() []string {
	var out []string
	for _, i := range s.ast.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// skipped tells folders that are no part of the module's own source.
func skipped(name string) bool {
	return name == "tools" || name == "testdata" || name == "node_modules" ||
		name == "bin" || name == "dist" || (strings.HasPrefix(name, ".") && name != ".")
}

// walk calls each for every file of the tree with one of the suffixes.
func walk(t *testing.T, suffix string, each func(file string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipped(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, suffix) {
			return nil
		}
		text, err := os.ReadFile(file)
		if err == nil {
			each(filepath.ToSlash(file), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	walk(t, ".go", func(file string, text []byte) {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		out = append(out, source{
			file: file, dir: path.Dir(file), test: strings.HasSuffix(file, "_test.go"),
			lines: bytes.Count(text, []byte("\n")), fset: fset, ast: f,
		})
	})
	if len(out) < 10 {
		t.Fatalf("found %d Go files: is this the module's root?", len(out))
	}
	return out
}

// levels is the table of ARCHITECTURE.md: a package imports only packages of a
// lower level. A folder has the level of its nearest ancestor in the table.
func levels() map[string]int {
	return map[string]int{
		"internal/disk":      0,
		"internal/spelling":  0,
		"internal/keys":      1,
		"internal/authority": 2,

		"internal/admin": 3, "internal/tasks": 3, "internal/calls": 3, "internal/catalog": 3,
		"internal/directory": 3, "internal/blob": 3, "internal/retention": 3, "internal/signin": 3, "internal/audit": 3,
		"internal/imports": 3,

		"internal/store": 4, "internal/web": 4,

		"internal/dialect": 5, "internal/console/page": 5,

		"internal/dialect/hubex": 6, "internal/dialect/smarts": 6, "internal/dialect/element": 6,
		"internal/dialect/operator": 6, "internal/dialect/ringme": 6, "internal/dialect/oauth": 6,
		"internal/console": 6,

		"internal/explorer": 6,

		"internal/server":  7,
		"internal/demo":    8,
		"internal/testenv": 9,

		"cmd": 10, "bench": 10,
	}
}

// level finds the level of dir and the folder it has it from.
func level(dir string) (owner string, n int, ok bool) {
	for owner = dir; owner != "." && owner != "/"; owner = path.Dir(owner) {
		if n, ok = levels()[owner]; ok {
			return owner, n, true
		}
	}
	return "", 0, false
}

// allowed reports whether the package in dir may import the one in other.
func allowed(dir, other string) bool {
	owner, n, ok := level(dir)
	otherOwner, m, known := level(other)
	if !ok || !known {
		return false
	}
	within := func(a, b string) bool { return a == b || strings.HasPrefix(b, a+"/") }
	if owner == otherOwner { // a package and its own sub-packages, not two siblings
		return within(dir, other) || within(other, dir)
	}
	return m < n
}

func TestImportLevels(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue // external tests may use testenv and one another's fakes
		}
		if _, _, ok := level(s.dir); !ok {
			t.Errorf("%s: folder %s is missing in the table of levels (tree_test.go, ARCHITECTURE.md)", s.file, s.dir)
			continue
		}
		for _, imported := range s.imports() {
			other, ours := strings.CutPrefix(imported, "propusk/")
			if ours && !allowed(s.dir, other) {
				t.Errorf("%s imports %s: a package imports only packages of a lower level", s.file, imported)
			}
		}
	}
}

func TestAllowed(t *testing.T) {
	tests := []struct {
		dir, other string
		want       bool
	}{
		{"internal/authority", "internal/keys", true},
		{"internal/keys", "internal/authority", false},
		{"internal/store/tasks", "internal/store", true},
		{"internal/store", "internal/store/migrations", true},
		{"internal/store/tasks", "internal/store/keys", false},
		{"internal/store", "internal/web", false},
		{"internal/dialect/hubex", "internal/dialect", true},
		{"internal/dialect", "internal/dialect/hubex", false},
		{"internal/dialect/hubex", "internal/dialect/oauth", false},
		{"internal/dialect/hubex", "internal/server", false},
		{"cmd/propusk", "internal/server", true},
		{"internal/unheard", "internal/keys", false},
	}
	for _, test := range tests {
		if got := allowed(test.dir, test.other); got != test.want {
			t.Errorf("%s imports %s: allowed = %v, want %v", test.dir, test.other, got, test.want)
		}
	}
}

// borders lists imports that only some folders may have, whatever their level.
func borders() []border {
	store := []string{"internal/store"}
	return []border{
		{"database/sql", store, nil, "SQL lives in internal/store alone"},
		{"github.com/jackc/pgx/v5", store, nil, "SQL lives in internal/store alone"},
		{"modernc.org/sqlite", store, nil, "SQL lives in internal/store alone"},
		{"flag", []string{"cmd", "bench"}, nil, "flags are read in cmd alone"},
		{"github.com/spf13/cobra", []string{"cmd"}, nil, "the command line is cmd's alone"},
		{"net/http", nil, []string{
			"internal/disk", "internal/keys", "internal/authority", "internal/admin", "internal/tasks",
			"internal/calls", "internal/catalog", "internal/directory", "internal/retention",
		}, "the core does not know HTTP"},
		{"propusk/internal/testenv", []string{"internal/testenv"}, nil, "testenv is for tests"},
		{"propusk/internal/store/storetest", []string{"internal/testenv"}, nil, "storetest is for tests"},
	}
}

// border is one rule: path (and what lies below it) only in, or never in.
type border struct {
	path        string
	only, never []string
	because     string
}

func (b border) crossed(s source, imported string) bool {
	if imported != b.path && !strings.HasPrefix(imported, b.path+"/") {
		return false
	}
	in := func(folder string) bool { return s.dir == folder || strings.HasPrefix(s.dir, folder+"/") }
	return slices.ContainsFunc(b.never, in) || (b.only != nil && !slices.ContainsFunc(b.only, in))
}

func TestBorders(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, imported := range s.imports() {
			for _, b := range borders() {
				if b.crossed(s, imported) {
					t.Errorf("%s imports %s: %s", s.file, imported, b.because)
				}
			}
		}
	}
}

// byDir groups sources by folder, sorted.
func byDir(all []source) [][]source {
	groups := map[string][]source{}
	for _, s := range all {
		groups[s.dir] = append(groups[s.dir], s)
	}
	var out [][]source
	for _, g := range groups {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b []source) int { return cmp.Compare(a[0].dir, b[0].dir) })
	return out
}
