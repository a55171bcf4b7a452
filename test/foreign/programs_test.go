//go:build unix

package foreign_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// decoded is a body; of a form, its pairs in order of their names.
func decoded(w wire) string {
	if w.Type != "application/x-www-form-urlencoded" {
		return w.Body
	}
	form, err := url.ParseQuery(w.Body)
	if err != nil {
		return w.Body
	}
	return form.Encode()
}

// runners run a program of each language and give what it prints.
func runners(t *testing.T) map[string]func(*testing.T, string) string {
	t.Helper()
	python := needPython(t, "requests", "python3-requests")
	php := need(t, "php", "php-cli php-curl")
	need(t, "curl", "curl")
	file := func(t *testing.T, name, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return map[string]func(*testing.T, string) string{
		"curl":   func(t *testing.T, text string) string { return output(t, command(t, "sh", file(t, "run.sh", text))) },
		"python": func(t *testing.T, text string) string { return output(t, command(t, python, file(t, "run.py", text))) },
		"php":    func(t *testing.T, text string) string { return output(t, command(t, php, file(t, "run.php", text))) },
		"go": func(t *testing.T, text string) string {
			return output(t, command(t, "go", "run", file(t, "main.go", text)))
		},
		"1c": nil,
	}
}

// oneC judges the form of a program: outside of its texts there is nothing but
// what the page writes itself, so nothing that was typed has got out of them.
func oneC(t *testing.T, text string) {
	t.Helper()
	var outside strings.Builder
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && inside && i+1 < len(text) && text[i+1] == '"':
			i++
		case c == '"':
			inside = !inside
		case inside && c == '\n' && !strings.HasPrefix(strings.TrimLeft(text[i+1:], "\t"), "|"):
			t.Errorf("a line in a text has no bar:\n%s", text)
		case !inside:
			outside.WriteByte(c)
		}
	}
	if inside {
		t.Errorf("a text does not end:\n%s", text)
	}
	for _, typed := range []string{"rm -rf", "quoted", "slash", "🎁", "Щедрость", "php"} {
		if strings.Contains(outside.String(), typed) {
			t.Errorf("%s stands outside of the texts:\n%s", typed, text)
		}
	}
}
