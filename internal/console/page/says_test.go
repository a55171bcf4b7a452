package page_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// unreachable lists what no page can be told: its command or its API alone is.
func unreachable() map[string]bool {
	out := map[string]bool{}
	for _, text := range []string{
		"an owner is made on the command line alone", "only users consent", "name the account to work in",
		"number must be positive and at most 2^53-1", "dialect is no dialect of this server", "ids must be at most 1000",
		"kind is no kind of credential", "client_id has 1 to 128 visible Latin characters without a colon",
		"secret has 16 to 8192 bytes", "secret has a space or what is no text in it",
		"secret is one that Propusk made: make a new one here",
		"overlap is not given to an authorization token", "login group and token access are for users alone",
		"offset must not be negative or beyond every list", "size must lie between 1 and 1000",
	} {
		out[text] = true
	}
	return out
}

// TestEveryErrorHasRussianWords: what the console, sign-in and the changes behind
// the pages refuse with is said in Russian word for word, so an English text that
// is changed takes its translation along.
func TestEveryErrorHasRussianWords(t *testing.T) {
	said, never := sayings(t), unreachable()
	seen := map[string]bool{}
	for _, root := range []string{"..", "../../signin", "../../admin", "../../imports"} {
		for at, text := range refusals(t, root) {
			if seen[text] = true; !said[text] && !never[text] {
				t.Errorf("%s: no Russian words for %q", at, text)
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d texts were found", len(seen))
	}
	for text := range never {
		if !seen[text] {
			t.Errorf("nothing says %q any longer", text)
		}
	}
}

// sayings reads the texts that have words.
func sayings(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../*/messages.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	out := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		var words map[string]any
		if err == nil {
			err = yaml.Unmarshal(text, &words)
		}
		if err != nil {
			t.Fatal(name, err)
		}
		for key := range words {
			if text, ok := strings.CutPrefix(key, "says."); ok {
				out[text] = true
			}
		}
	}
	return out
}

// refusals finds the fixed texts of errors in a folder's code, by their place. An
// internal error is never shown.
func refusals(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if text := refusal(call); text != "" {
					out[set.Position(call.Pos()).String()] = text
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refusal gives the text of a call that makes an error; "" for any other call.
func refusal(call *ast.CallExpr) string {
	if len(call.Args) < 2 {
		return ""
	}
	text := literal(call.Args[1])
	switch name(call.Fun) {
	case "authority.E", "authority.Wrap":
		if name(call.Args[0]) == "authority.Internal" {
			return ""
		}
		return text
	case "authority.Invalid":
		return text
	case "invalid": // admin's puts the field before the text
		if field := literal(call.Args[0]); field != "" && text != "" {
			return field + " " + text
		}
	}
	return ""
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return name(e.X) + "." + e.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(lit.Value) // the parser has taken it
	return text
}
