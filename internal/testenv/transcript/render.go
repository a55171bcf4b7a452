package transcript

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// quiet lists headers that every answer has, or that tests elsewhere look at.
func quiet() []string {
	return []string{
		"Date", "Content-Length", "X-Content-Type-Options", "Access-Control-Allow-Origin",
		"Access-Control-Expose-Headers", "Vary", "X-Request-Id",
	}
}

var (
	uuid   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	jwt    = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
	sealed = regexp.MustCompile(`AA[\w-]{50,}`)
	number = regexp.MustCompile(`\b[0-9]{12,16}\b`)
)

// render writes an answer with names for values.
func (p player) render(a Answer) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d %s\n", a.Status, http.StatusText(a.Status))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		if !slices.Contains(quiet(), name) {
			fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(a.Header[name], " | "))
		}
	}
	if a.Body != "" {
		out.WriteString("\n" + pretty(a.Body) + "\n")
	}
	text := out.String()
	longestFirst := func(a, b string) int {
		return cmp.Or(cmp.Compare(len(p.Names[b]), len(p.Names[a])), cmp.Compare(a, b))
	}
	for _, name := range slices.SortedFunc(maps.Keys(p.Names), longestFirst) {
		text = strings.ReplaceAll(text, p.Names[name], "<"+name+">")
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
