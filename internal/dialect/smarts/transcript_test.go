package smarts_test

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the transcripts as they are answered")

// A transcript holds pairs of files, "NAME request" and "NAME answer". A request
// begins with lines for the runner:
//
//	# advance 31s           moves the clock
//	# capture NAME KEY      names the value of a key of the answer
//	# guests on|off         switches our account's authorization off or on
//	# group USER GROUP      puts one of our users into another group
//
// <NAME> stands for a named value on both sides; <uuid>, <jwt>, <sealed>
// and <id> for anything of that form.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			for i := 0; i < len(archive.Files); i++ { // -update adds files
				w.step(archive, i)
			}
			if *update {
				w.must(os.WriteFile(file, txtar.Format(archive), 0o600))
			}
		})
	}
}

// step plays one request and compares the answer that follows it.
func (w *world) step(archive *txtar.Archive, i int) {
	w.t.Helper()
	name, ok := strings.CutSuffix(archive.Files[i].Name, " request")
	if !ok {
		return
	}
	if *update && (i+1 == len(archive.Files) || archive.Files[i+1].Name != name+" answer") {
		archive.Files = slices.Insert(archive.Files, i+1, txtar.File{Name: name + " answer"})
	}
	if i+1 == len(archive.Files) || archive.Files[i+1].Name != name+" answer" {
		w.t.Fatalf("%s: no answer to compare", name)
	}
	got := w.play(string(archive.Files[i].Data))
	if *update {
		archive.Files[i+1].Data = []byte(got)
		return
	}
	if diff := gocmp.Diff(string(archive.Files[i+1].Data), got); diff != "" {
		w.t.Errorf("%s: -want +got\n%s", name, diff)
	}
}

// play sends a request and writes its answer with names for values.
func (w *world) play(text string) string {
	w.t.Helper()
	for name, value := range w.names {
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	r := bufio.NewReader(strings.NewReader(text))
	line := next(r)
	var captures []string
	for ; strings.HasPrefix(line, "# "); line = next(r) {
		if rest, ok := strings.CutPrefix(line, "# capture "); ok {
			captures = append(captures, rest)
			continue
		}
		w.direct(line[2:])
	}
	method, path, _ := strings.Cut(line, " ")
	headers := []string{"X-Request-ID: trace-1"}
	for line = next(r); line != ""; line = next(r) {
		headers = append(headers, line)
	}
	var body strings.Builder
	_, err := r.WriteTo(&body)
	w.must(err)
	a := w.do(method, strings.ReplaceAll(path, " ", "%20"), strings.TrimSuffix(body.String(), "\n"), headers...)
	for _, c := range captures {
		name, key, _ := strings.Cut(c, " ")
		found := regexp.MustCompile(`"` + key + `":"?([^",}]+)`).FindStringSubmatch(a.body)
		if found == nil {
			w.t.Fatalf("%s: no %s to capture in %s", line, key, a.body)
		}
		w.names[name] = found[1]
	}
	return w.render(a)
}

func next(r *bufio.Reader) string {
	line, _ := r.ReadString('\n')
	return strings.TrimSuffix(line, "\n")
}

// direct obeys a line for the runner.
func (w *world) direct(line string) {
	w.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "advance":
		d, err := time.ParseDuration(rest)
		w.must(err)
		w.clock.Advance(d)
	case "guests":
		w.guests(rest == "on")
	case "group":
		login, group, _ := strings.Cut(rest, " ")
		w.regroup(login, group)
	default: // a remark
	}
}

// quiet are headers that every answer has, or that tests elsewhere look at.
var quiet = []string{
	"Date", "Content-Length", "X-Content-Type-Options", "Access-Control-Allow-Origin",
	"Access-Control-Expose-Headers", "Vary", "X-Request-Id",
}

var (
	uuid   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	jwt    = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
	sealed = regexp.MustCompile(`AA[\w-]{50,}`)
	number = regexp.MustCompile(`\b[0-9]{12,16}\b`)
)

// render writes an answer with names for values.
func (w *world) render(a answer) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d %s\n", a.status, http.StatusText(a.status))
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		if !slices.Contains(quiet, name) {
			fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(a.header[name], " | "))
		}
	}
	if a.body != "" {
		out.WriteString("\n" + pretty(a.body) + "\n")
	}
	text := out.String()
	named := slices.SortedFunc(maps.Keys(w.names), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(w.names[b]), len(w.names[a])), cmp.Compare(a, b))
	})
	for _, name := range named {
		text = strings.ReplaceAll(text, w.names[name], "<"+name+">")
	}
	for _, f := range []struct {
		form *regexp.Regexp
		name string
	}{{uuid, "<uuid>"}, {jwt, "<jwt>"}, {sealed, "<sealed>"}, {number, "<id>"}} { // in this order: a UUID may end in digits
		text = f.form.ReplaceAllString(text, f.name)
	}
	return text
}

// pretty breaks a list into a line per element, so that it can be read.
func pretty(body string) string { return strings.ReplaceAll(body, "},{\"id\"", "},\n{\"id\"") }
