//go:build unix

package foreign_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/testenv/fake"
)

// The documents that tell their readers to run something. In them
//
//	```sh run       is run by a shell, the blocks of a page in one shell
//	```sh start     is started there, and runs on beside what follows
//	```sh           is not run: it needs a machine of one's own
//
// and the block right behind one that is run may say what comes of it:
//
//	```… output     lines that are printed, in this order; … stands for anything
//	```json shape   JSON of these names and types is printed
type block struct {
	info, text string
	line       int
}

// is reports whether the word stands second in the info string.
func (b block) is(word string) bool {
	words := strings.Fields(b.info)
	return len(words) > 1 && words[1] == word
}

// blocks cuts the fenced blocks out of a page.
func blocks(t *testing.T, file string) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	fenced := false
	for i, line := range strings.Split(string(text), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !fenced:
			out = append(out, block{info: info, line: i + 1})
		case !fence && fenced:
			out[len(out)-1].text += line + "\n"
		}
		fenced = fenced != fence
	}
	return out
}

// script joins the blocks that are run. Each is followed by a mark, so that
// what it printed can be told apart. ready is a command that succeeds as soon
// as what was started answers; "" = it runs already.
func script(all []block, ready string) string {
	var b strings.Builder
	b.WriteString("set -eu\n")
	for _, one := range all {
		switch {
		case one.is("start") && ready == "":
		case one.is("start"):
			fmt.Fprintf(&b, "%s &\ntrap 'kill $!; wait' EXIT\nuntil %s; do kill -0 $!; sleep 0.1; done\n", strings.TrimSpace(one.text), ready)
		case one.is("run"):
			b.WriteString(one.text)
		default:
			continue
		}
		fmt.Fprintf(&b, "printf '\\n%s\\n'\n", mark(one))
	}
	return b.String()
}

func mark(b block) string { return fmt.Sprintf("-- end of line %d --", b.line) }

// document is one page, what its shell knows, and what is replaced in it.
type document struct {
	file     string
	ready    string
	replace  *strings.Replacer
	settings []string // environment
}

// run runs the page and compares what it prints with what it says.
func (d document) run(t *testing.T) {
	all := blocks(t, d.file)
	if d.replace != nil {
		for i := range all {
			all[i].text = d.replace.Replace(all[i].text)
		}
	}
	shell := command(t, "sh", "-c", script(all, d.ready))
	shell.Dir = t.TempDir()
	shell.Env = append(shell.Environ(), d.settings...)
	var complaints fake.Log
	shell.Stderr = &complaints
	printed, err := shell.Output()
	rest, before := string(printed), ""
	for _, b := range all {
		switch {
		case b.is("run") || b.is("start"):
			var ended bool
			if before, rest, ended = strings.Cut(rest, "\n"+mark(b)+"\n"); !ended {
				t.Fatalf("%s:%d: %v\n%s\n%s", d.file, b.line, err, before, &complaints)
			}
		case b.is("output"):
			if missing := lacks(before, b.text); missing != "" {
				t.Errorf("%s:%d: %q is not printed:\n%s", d.file, b.line, missing, before)
			}
		case b.is("shape"):
			if err := shaped(b.text, before); err != nil {
				t.Errorf("%s:%d: %v:\n%s", d.file, b.line, err, before)
			}
		}
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", d.file, err, &complaints)
	}
}

// lacks gives the first line of want that text has not behind the line before.
func lacks(text, want string) string {
	printed := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
	for line := range strings.Lines(want) {
		line = strings.TrimRight(line, "\n")
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$")
		i := slices.IndexFunc(printed, pattern.MatchString)
		if i < 0 {
			return line
		}
		printed = printed[i+1:]
	}
	return ""
}

// shaped reports how the last line of got, a JSON text, departs from the names
// and types in want.
func shaped(want, got string) error {
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		return fmt.Errorf("the page's JSON: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &g); err != nil {
		return fmt.Errorf("the answer's JSON: %w", err)
	}
	return same("", w, g)
}

func same(at string, want, got any) error {
	if reflect.TypeOf(want) != reflect.TypeOf(got) {
		return fmt.Errorf("%s is a %T, the page shows a %T", at, got, want)
	}
	switch want := want.(type) {
	case map[string]any:
		for name, value := range want {
			member, ok := got.(map[string]any)[name]
			if !ok {
				return fmt.Errorf("%s.%s is not there", at, name)
			}
			if err := same(at+"."+name, value, member); err != nil {
				return err
			}
		}
	case []any:
		rows := got.([]any)
		if len(want) > 0 && len(rows) == 0 {
			return fmt.Errorf("%s is empty", at)
		}
		for i := range min(len(want), len(rows)) {
			if err := same(fmt.Sprintf("%s[%d]", at, i), want[i], rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// The pages of the dialects run as they are, once their variables are set, in
// every language. Each account has limits of its own, so each page takes one.
func TestDialectPages(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	for i, page := range dialectPages(t) {
		dialect, _, _ := strings.Cut(page, ".")
		account := read[map[string]any](t, mustJSON(t, f.Accounts[i%len(f.Accounts)]))
		d := document{file: "docs/dialects/" + page, settings: variables("", account[dialect])}
		d.settings = append(d.settings, "BASE="+f.BaseURL)
		t.Run(page, d.run)
	}
}

// variables gives the members of a dialect in the fixture as a page's shell has
// them: "service_token" is SERVICE_TOKEN, "login" in "user" is USER_LOGIN.
func variables(name string, value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case map[string]any:
		var out []string
		for member, v := range value {
			out = append(out, variables(strings.TrimPrefix(name+"_"+strings.ToUpper(member), "_"), v)...)
		}
		return out
	case float64: // an id, whole
		return []string{name + "=" + strconv.FormatInt(int64(value), 10)}
	default:
		return []string{fmt.Sprintf("%s=%v", name, value)}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dialectPages names the files in docs/dialects.
func dialectPages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(root, "docs/dialects/*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for i := range pages {
		pages[i] = filepath.Base(pages[i])
	}
	return pages
}

// The guide for operators leads from nothing to the first token. Its folders are
// replaced by the test's own, its ports by free ones.
func TestGuide(t *testing.T) {
	t.Parallel()
	program := binary(t)
	folder := t.TempDir()
	production, test, metrics := freePort(t), freePort(t), freePort(t)
	document{
		file:  "docs/guide.md",
		ready: "curl -sf -o /dev/null http://" + metrics + "/readyz",
		replace: strings.NewReplacer(
			"/etc/propusk", folder+"/etc", "/var/lib/propusk", folder+"/data",
			"http://127.0.0.1:8080", "http://"+production,
			"trusted_proxies: [127.0.0.1]\nEND",
			fmt.Sprintf("trusted_proxies: [127.0.0.1]\nlisten: {production: %q, test: %q, console: 127.0.0.1:0, metrics: %q}\nEND", production, test, metrics),
		),
		settings: []string{"PATH=" + filepath.Dir(program) + ":/usr/bin:/bin"},
	}.run(t)
}

// freePort gives an address that nobody listens on at this moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// No page shows a command in a way that nobody has thought about.
func TestBlocksSayWhatTheyAre(t *testing.T) {
	known := []string{"sh", "sh run", "sh start", "json", "json shape", "json output", "http output", "text output", "text", "yaml", "yaml output", "js", "python"}
	pages := []string{"README.md", "README.ru.md", "docs/guide.md"}
	for _, page := range dialectPages(t) {
		pages = append(pages, "docs/dialects/"+page)
	}
	for _, file := range pages {
		for _, b := range blocks(t, file) {
			if !slices.Contains(known, b.info) {
				t.Errorf("%s:%d: a block marked %q: one of %q is meant", file, b.line, b.info, known)
			}
		}
	}
}

// Code of other languages on a page is what the programs in testdata consist of.
func TestPagesShowWhatRuns(t *testing.T) {
	var programs strings.Builder
	for _, file := range []string{"testdata/jose.mjs", "testdata/openid.mjs", "testdata/jwks.py"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		programs.Write(text)
	}
	var shown int
	for _, b := range blocks(t, "docs/dialects/oauth.md") {
		if b.info != "js" && b.info != "python" {
			continue
		}
		shown++
		for line := range strings.Lines(b.text) {
			if !strings.Contains(programs.String(), line) {
				t.Errorf("docs/dialects/oauth.md:%d: no program in testdata has %q", b.line, line)
			}
		}
	}
	if shown != 3 {
		t.Errorf("%d blocks of code, want 3", shown)
	}
}
