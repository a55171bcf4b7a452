package oauth_test

import (
	"bufio"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"propusk/internal/authority"
)

// TestTranscripts plays the files of testdata: sections "N.request" and
// "N.answer" in turn. A request is its line, header fields, a blank line and
// the form, one parameter a line. An answer is its status, the header fields
// that matter ("Name:" alone = absent), a blank line and the exact body.
// $name is a value of the world or one that an earlier answer's {{name}} took.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := &player{world: newWorld(t)}
			p.know()
			p.play(archive.Files)
		})
	}
}

type player struct {
	*world

	values map[string]string
}

// know fills in the values that transcripts may use.
func (p *player) know() {
	access, refresh := p.toyTokens()
	p.values = map[string]string{"base": p.urls[authority.Production], "toy.access": access, "toy.refresh": refresh}
	for name, c := range p.clients {
		p.values[name+".id"], p.values[name+".secret"], p.values[name+".basic"] = c.id, c.secret, c.basic()
		p.values[name+".principal"] = strconv.FormatInt(int64(c.principal), 10)
	}
	p.values["home"] = strconv.FormatInt(int64(p.home.ID), 10)
}

var valueName = regexp.MustCompile(`\$[a-z]+(\.[a-z]+)?`)

func (p *player) fill(text string) string {
	return valueName.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := p.values[name[1:]]
		if !ok {
			p.t.Fatalf("the transcript has no value %s", name)
		}
		return value
	})
}

func (p *player) play(files []txtar.File) {
	p.t.Helper()
	for i := 0; i+1 < len(files); i += 2 {
		name, ok := strings.CutSuffix(files[i].Name, ".request")
		if !ok || files[i+1].Name != name+".answer" {
			p.t.Fatalf("sections %s and %s do not pair", files[i].Name, files[i+1].Name)
		}
		got := p.request(string(files[i].Data))
		p.compare(name, string(files[i+1].Data), got)
	}
}

func (p *player) request(text string) answer {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := bufio.NewScanner(strings.NewReader(p.fill(head)))
	lines.Scan()
	method, path, _ := strings.Cut(lines.Text(), " ")
	header := http.Header{}
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		header.Add(name, value)
	}
	form := p.fill(strings.ReplaceAll(strings.TrimSpace(body), "\n", "&"))
	if form != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.send(authority.Production, method, path, form, header)
}

func (p *player) compare(name, want string, got answer) {
	p.t.Helper()
	head, body, _ := strings.Cut(want, "\n\n")
	lines := strings.Split(p.fill(strings.TrimSpace(head)), "\n")
	if status := strconv.Itoa(got.status); status != lines[0] {
		p.t.Errorf("%s: status %s, want %s", name, status, lines[0])
	}
	for _, line := range lines[1:] {
		field, value, _ := strings.Cut(line, ":")
		if has := got.header.Get(field); has != strings.TrimSpace(value) {
			p.t.Errorf("%s: %s: %q, want %q", name, field, has, strings.TrimSpace(value))
		}
	}
	p.match(name, strings.TrimSuffix(p.fill(body), "\n"), got.body)
}

var capture = regexp.MustCompile(`\\\{\\\{([a-z]+)\\\}\\\}`)

// match compares bodies and remembers what stands at {{name}}.
func (p *player) match(name, want, got string) {
	p.t.Helper()
	pattern := capture.ReplaceAllString(regexp.QuoteMeta(want), `(?P<$1>[^",}]+)`)
	re := regexp.MustCompile("^" + pattern + "$")
	found := re.FindStringSubmatch(got)
	if found == nil {
		p.t.Errorf("%s: body\n%s\nwant\n%s", name, got, want)
		return
	}
	for i, group := range re.SubexpNames() {
		if group != "" {
			p.values[group] = found[i]
		}
	}
}
