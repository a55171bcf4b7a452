package propusk_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The sizes that code here keeps, in lines unless said otherwise.
const (
	maxFunction   = 50
	maxFile       = 400
	maxTestFile   = 800
	maxMethods    = 7 // of an interface
	maxParameters = 5 // beside a context
)

// length counts the lines that n covers.
func (s source) length(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// functions lists the function declarations of s.
func (s source) functions() []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range s.ast.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			out = append(out, f)
		}
	}
	return out
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if limit := fileLimit(s); s.lines > limit {
			t.Errorf("%s has %d lines, %d is the most", s.file, s.lines, limit)
		}
		if s.test {
			continue
		}
		for _, f := range s.functions() {
			if n := s.length(f); n > maxFunction {
				t.Errorf("%s: %s has %d lines, %d is the most", s.at(f), f.Name.Name, n, maxFunction)
			}
			if n := parameters(f.Type); n > maxParameters {
				t.Errorf("%s: %s has %d parameters, %d is the most", s.at(f), f.Name.Name, n, maxParameters)
			}
		}
		for n := range interfaces(s.ast) {
			if m := n.Methods.NumFields(); m > maxMethods {
				t.Errorf("%s: interface of %d methods, %d is the most", s.at(n), m, maxMethods)
			}
		}
	}
}

func fileLimit(s source) int {
	if s.test {
		return maxTestFile
	}
	return maxFile
}

// parameters counts what f takes beside a leading context.
func parameters(f *ast.FuncType) int {
	n := f.Params.NumFields()
	if n > 0 {
		if sel, ok := f.Params.List[0].Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Context" {
			n--
		}
	}
	return n
}

func interfaces(f *ast.File) func(func(*ast.InterfaceType) bool) {
	return func(yield func(*ast.InterfaceType) bool) {
		for n := range ast.Preorder(f) {
			if i, ok := n.(*ast.InterfaceType); ok && !yield(i) {
				return
			}
		}
	}
}

// TestStats prints a table of the packages; `make stats` shows it.
func TestStats(t *testing.T) {
	out := fmt.Sprintf("%-34s %6s %6s %5s %8s  %s\n", "package", "lines", "tests", "ratio", "p90 func", "longest")
	var code, tests int
	for _, group := range byDir(sources(t)) {
		c, te, lengths, longest := measure(group)
		code, tests = code+c, tests+te
		slices.Sort(lengths)
		p90 := 0
		if len(lengths) > 0 {
			p90 = lengths[len(lengths)*9/10]
		}
		out += fmt.Sprintf("%-34s %6d %6d %5.1f %8d  %s\n", group[0].dir, c, te, ratio(te, c), p90, longest)
	}
	t.Logf("\n%s%-34s %6d %6d %5.1f", out, "all", code, tests, ratio(tests, code))
}

// measure sums up one package.
func measure(group []source) (code, tests int, lengths []int, longest string) {
	most := 0
	for _, s := range group {
		if s.test {
			tests += s.lines
			continue
		}
		code += s.lines
		for _, f := range s.functions() {
			n := s.length(f)
			lengths = append(lengths, n)
			if n > most {
				most, longest = n, fmt.Sprintf("%s %d", f.Name.Name, n)
			}
		}
	}
	return code, tests, lengths, longest
}

func ratio(tests, code int) float64 {
	if code == 0 {
		return 0
	}
	return float64(tests) / float64(code)
}

// sqlText matches the start of a statement.
var sqlText = regexp.MustCompile(`(?is)^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|` +
	`CREATE\s+(UNIQUE\s+)?(TABLE|INDEX)\s|ALTER\s+TABLE\s|DROP\s+TABLE\s|PRAGMA\s+\w)`)

// unfinished matches marks of work that was put off.
var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

// Habits that one look at the source can judge.
func TestHabits(t *testing.T) {
	for _, s := range sources(t) {
		for _, c := range s.ast.Comments {
			if m := unfinished.FindString(c.Text()); m != "" {
				t.Errorf("%s: %s: finish it or leave it out", s.at(c), m)
			}
		}
		for _, f := range s.functions() {
			if f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init: make it in a constructor", s.at(f))
			}
		}
		if s.test {
			testHabits(t, s)
		} else {
			productHabits(t, s)
		}
	}
}

// productHabits judges code that ships.
func productHabits(t *testing.T, s source) {
	t.Helper()
	inStore := s.dir == "internal/store" || strings.HasPrefix(s.dir, "internal/store/")
	ofTests := s.dir == "internal/testenv" || s.dir == "internal/store/storetest"
	for n := range ast.Preorder(s.ast) {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING && !inStore && sqlText.MatchString(strings.Trim(n.Value, "`\"")) {
				t.Errorf("%s: SQL outside internal/store", s.at(n))
			}
		case *ast.SelectorExpr:
			environment := isCall(n, "os", "Getenv", "LookupEnv", "Environ", "ExpandEnv")
			if environment && !strings.HasPrefix(s.dir, "cmd/") && !ofTests {
				t.Errorf("%s: os.%s: the environment is read in cmd alone", s.at(n), n.Sel.Name)
			}
		}
	}
}

// testHabits judges tests: none sleeps, and none is skipped unseen.
func testHabits(t *testing.T, s source) {
	t.Helper()
	bubble := slices.Contains(s.imports(), "testing/synctest") // its clock is a fake one
	ast.PreorderStack(s.ast, nil, func(n ast.Node, stack []ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if isCall(sel, "time", "Sleep") && !bubble {
			t.Errorf("%s: time.Sleep in a test: use a fake clock, or wait for what you mean", s.at(n))
		}
		skips := sel.Sel.Name == "Skip" || sel.Sel.Name == "Skipf" || sel.Sel.Name == "SkipNow"
		if skips && !mayskip(s, stack) {
			t.Errorf("%s: %s: a test runs or fails; only -short may leave it out", s.at(n), sel.Sel.Name)
		}
		return true
	})
}

// isCall reports whether sel is pkg.name for one of names.
func isCall(sel *ast.SelectorExpr, pkg string, names ...string) bool {
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg && slices.Contains(names, sel.Sel.Name)
}

// mayskip reports whether a skip stands where it hides nothing: under
// testing.Short, or in a fuzz or property test that drops one input.
func mayskip(s source, stack []ast.Node) bool {
	for _, n := range stack {
		switch n := n.(type) {
		case *ast.IfStmt:
			for c := range ast.Preorder(n.Cond) {
				if sel, ok := c.(*ast.SelectorExpr); ok && isCall(sel, "testing", "Short") {
					return true
				}
			}
		case *ast.FuncDecl:
			if strings.HasPrefix(n.Name.Name, "Fuzz") {
				return true
			}
		}
	}
	return slices.Contains(s.imports(), "pgregory.net/rapid")
}

// Every package says what it answers for.
func TestPackageDocs(t *testing.T) {
	for _, group := range byDir(sources(t)) {
		documented, product := false, false
		for _, s := range group {
			product = product || !s.test
			documented = documented || (!s.test && s.ast.Doc != nil)
		}
		if product && !documented {
			t.Errorf("%s: no package comment", group[0].dir)
		}
	}
}
