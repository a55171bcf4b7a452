// Package transcript plays requests from text files and compares each answer, all
// of it, with the text that follows. It imports nothing of ours: a dialect's test
// brings the server.
//
// A file (txtar) holds pairs, "NAME request" and "NAME answer". A request begins
// with lines for the runner: "# capture NAME KEY", which names the value of a key
// of the answer; "# advance 31s", which moves the clock; and those that the Stage
// obeys. <NAME> stands for a named value
// on both sides; <uuid>, <jwt>, <sealed> and <id> for anything of that form.
package transcript

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// Stage is where a transcript is played.
type Stage struct {
	Names map[string]string // of values that the Stage knows from the beginning
	// Do sends a request; headers come as "Name: value".
	Do func(method, path, body string, headers ...string) Answer
	// Advance moves the clock.
	Advance func(d time.Duration)
	// Obey are the lines for the runner that the Stage knows, by their first
	// word; any other line is a remark.
	Obey map[string]func(rest string)
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Send sends one request to a running server, for a Stage's Do.
func Send(t *testing.T, method, url, body string, headers ...string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{resp.StatusCode, resp.Header, string(text)}
}

// Run plays each file of testdata on a Stage of its own, as a subtest. With
// update it writes what is answered instead.
func Run(t *testing.T, update bool, stage func(t *testing.T) Stage) {
	t.Helper()
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
			p := player{t, stage(t), update}
			for i := 0; i < len(archive.Files); i++ { // an update adds files
				p.step(archive, i)
			}
			if !update {
				return
			}
			if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

type player struct {
	t *testing.T
	Stage

	update bool
}

// step plays one request and compares the answer that follows it.
func (p player) step(archive *txtar.Archive, i int) {
	p.t.Helper()
	name, ok := strings.CutSuffix(archive.Files[i].Name, " request")
	if !ok {
		return
	}
	if p.update && (i+1 == len(archive.Files) || archive.Files[i+1].Name != name+" answer") {
		archive.Files = slices.Insert(archive.Files, i+1, txtar.File{Name: name + " answer"})
	}
	if i+1 == len(archive.Files) || archive.Files[i+1].Name != name+" answer" {
		p.t.Fatalf("%s: no answer to compare", name)
	}
	got := p.play(string(archive.Files[i].Data))
	if p.update {
		archive.Files[i+1].Data = []byte(got)
		return
	}
	if diff := cmp.Diff(string(archive.Files[i+1].Data), got); diff != "" {
		p.t.Errorf("%s: -want +got\n%s", name, diff)
	}
}

// play sends a request and writes its answer with names for values.
func (p player) play(text string) string {
	p.t.Helper()
	for name, value := range p.Names {
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	r := bufio.NewReader(strings.NewReader(text))
	line := next(r)
	var captures []string
	for ; strings.HasPrefix(line, "# "); line = next(r) {
		switch word, rest, _ := strings.Cut(line[2:], " "); word {
		case "capture":
			captures = append(captures, rest)
		case "advance":
			p.advance(rest)
		default:
			if obey := p.Obey[word]; obey != nil {
				obey(rest)
			}
		}
	}
	method, path, _ := strings.Cut(line, " ")
	headers := []string{"X-Request-ID: trace-1"}
	for line = next(r); line != ""; line = next(r) {
		headers = append(headers, line)
	}
	var body strings.Builder
	if _, err := r.WriteTo(&body); err != nil {
		p.t.Fatal(err)
	}
	a := p.Do(method, strings.ReplaceAll(path, " ", "%20"), strings.TrimSuffix(body.String(), "\n"), headers...)
	for _, c := range captures {
		p.capture(c, a)
	}
	return p.render(a)
}

func (p player) advance(text string) {
	p.t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Advance(d)
}

func next(r *bufio.Reader) string {
	line, _ := r.ReadString('\n')
	return strings.TrimSuffix(line, "\n")
}

func (p player) capture(what string, a Answer) {
	p.t.Helper()
	name, key, _ := strings.Cut(what, " ")
	found := regexp.MustCompile(`"` + key + `":"?([^",}]+)`).FindStringSubmatch(a.Body)
	if found == nil {
		p.t.Fatalf("no %s to capture in %s", key, a.Body)
	}
	p.Names[name] = found[1]
}
