package testenv

import (
	"bufio"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"propusk/internal/authority"
)

// Play plays a transcript: a txtar file with sections "NAME request" and "NAME
// answer" in turn. A request is its line, with " @test" behind it for the test
// stand, header fields, an empty line and the body. An answer is its status,
// the header fields that matter ("Name:" alone = absent), an empty line and the
// exact body.
//
// <name> stands for a value of values; in an answer one that is not known yet is
// taken from there, and <_> is any text. Play gives the values with those taken.
func (c *Client) Play(tb testing.TB, file string, values map[string]string) map[string]string {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	p := &player{Client: c, tb: tb, values: map[string]string{}}
	for name, value := range values {
		p.values[name] = value
	}
	sections := txtar.Parse(text).Files
	if len(sections) == 0 {
		tb.Fatalf("%s holds no transcript", file)
	}
	for pair := range slices.Chunk(sections, 2) {
		name, ok := strings.CutSuffix(pair[0].Name, " request")
		if !ok || len(pair) < 2 || pair[1].Name != name+" answer" {
			tb.Fatalf("%s: section %q is no request with its answer", file, pair[0].Name)
		}
		p.compare(name, string(pair[1].Data), c.Do(tb, p.call(string(pair[0].Data))))
	}
	return p.values
}

// player is a transcript on its way.
type player struct {
	*Client

	tb     testing.TB
	values map[string]string
}

var placeholder = regexp.MustCompile(`<([a-z_]+)>`)

// fill puts known values into text.
func (p *player) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := p.values[name[1:len(name)-1]]
		if !ok {
			p.tb.Fatalf("the transcript has no value %s", name)
		}
		return value
	})
}

// call reads a request.
func (p *player) call(text string) Call {
	head, body, _ := strings.Cut(p.fill(text), "\n\n")
	lines := bufio.NewScanner(strings.NewReader(head))
	lines.Scan()
	line, test := strings.CutSuffix(lines.Text(), " @test")
	call := Call{Stand: authority.Production, Body: strings.TrimSuffix(body, "\n")}
	if test {
		call.Stand = authority.Test
	}
	call.Method, call.Path, _ = strings.Cut(line, " ")
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		if textproto.CanonicalMIMEHeaderKey(name) == "Content-Type" {
			call.Type = value
			continue
		}
		call.Header = append(call.Header, name, value)
	}
	return call
}

func (p *player) compare(name, want string, got Answer) {
	p.tb.Helper()
	head, body, _ := strings.Cut(want, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	if status := strconv.Itoa(got.Status); status != lines[0] {
		p.tb.Errorf("%s: status %s, want %s\n%s", name, status, lines[0], got.Body)
	}
	for _, line := range lines[1:] {
		field, value, _ := strings.Cut(line, ":")
		p.match(name+": "+field, strings.TrimSpace(value), got.Header.Get(field))
	}
	p.match(name, strings.TrimSuffix(body, "\n"), got.Body)
}

// match compares got with want and takes the values that want leaves open.
func (p *player) match(where, want, got string) {
	p.tb.Helper()
	var names []string
	pattern := ""
	rest := want
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		pattern += regexp.QuoteMeta(rest[:at[0]])
		name := rest[at[2]:at[3]]
		if value, known := p.values[name]; known {
			pattern += regexp.QuoteMeta(value)
		} else {
			names, pattern = append(names, name), pattern+openly(name)
		}
		rest = rest[at[1]:]
	}
	found := regexp.MustCompile(`^` + pattern + regexp.QuoteMeta(rest) + `$`).FindStringSubmatch(got)
	if found == nil {
		p.tb.Errorf("%s: got  %s\nwant %s", where, got, want)
		return
	}
	for i, name := range names {
		if name != "_" {
			p.values[name] = found[i+1]
		}
	}
}

// openly gives what a value that is not known may be.
func openly(name string) string {
	if name == "_" {
		return `((?s).*?)`
	}
	return `([^"]+?)`
}
