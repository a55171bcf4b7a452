package testenv

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"propusk/internal/authority"
	"propusk/internal/explorer"
	"propusk/internal/web"
)

// Documents are the OpenAPI documents of a server. Every answer can be held
// against them. Safe for concurrent use.
type Documents struct {
	mu    sync.Mutex
	known map[authority.Stand][]*document
}

// document is that of one dialect on one stand.
type document struct {
	dialect  string
	text     map[string]any
	compiler *jsonschema.Compiler
}

const documentURL = "mem:///openapi.json"

// NewDocuments works out the documents of a server.
func NewDocuments(e *Env) (*Documents, error) {
	out := &Documents{known: map[authority.Stand][]*document{}}
	for _, stand := range authority.Stands() {
		for _, d := range e.Server.Dialects() {
			made, err := newDocument(explorer.NewBook(stand, d, e.Server.Routes(stand)))
			if err != nil {
				return nil, fmt.Errorf("document of %s: %w", d.Name(), err)
			}
			out.known[stand] = append(out.known[stand], made)
		}
	}
	return out, nil
}

func newDocument(b *explorer.Book) (*document, error) {
	text, err := b.OpenAPI("https://api.example.com")
	if err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it is no object")
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return &document{b.Dialect, members, c}, c.AddResource(documentURL, value)
}

// Check says what a document lacks that a, the answer to call, has: its status,
// its media type, a header field, or what its body looks like. Of a path that
// several dialects document, one of them must have it all. A path that none
// documents, and a method that it does not take, are no part of any.
func (d *Documents) Check(rt web.Route, call Call, a Answer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	stand := call.Stand
	if stand == "" {
		stand = authority.Production
	}
	var errs []error
	for _, one := range d.known[stand] {
		responses, ok := member(one.text, "paths", pathOf(rt.Pattern), strings.ToLower(rt.Method), "responses")
		if !ok {
			continue
		}
		err := one.check(responses, rt, call, a)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("the document of %s: %w", one.dialect, err))
	}
	return errors.Join(errs...)
}

// pathOf is a pattern as OpenAPI writes it.
func pathOf(pattern string) string { return strings.ReplaceAll(pattern, "...}", "}") }

// member goes down into an object.
func member(v map[string]any, names ...string) (map[string]any, bool) {
	for _, name := range names {
		next, ok := v[name].(map[string]any)
		if !ok {
			return nil, false
		}
		v = next
	}
	return v, true
}

func (d *document) check(responses map[string]any, rt web.Route, call Call, a Answer) error {
	status := strconv.Itoa(a.Status)
	response, ok := member(responses, status)
	if !ok {
		return fmt.Errorf("no status %s", status)
	}
	if err := checkFields(response, a.Header); err != nil {
		return err
	}
	if call.Method == http.MethodHead {
		return nil
	}
	content, _ := member(response, "content")
	media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	what, known := member(content, media)
	switch {
	case a.Body == "" && (len(content) == 0 || a.Status == http.StatusNotModified || strings.HasSuffix(media, "ndjson")):
		return nil
	case !known:
		return fmt.Errorf("%s has no media type %q", status, media)
	case !strings.HasSuffix(media, "json") || what["schema"] == nil:
		return nil
	}
	bodies := []string{a.Body}
	if strings.HasSuffix(media, "ndjson") {
		bodies = strings.Split(strings.TrimSpace(a.Body), "\n")
	}
	return d.valid([]string{"paths", pathOf(rt.Pattern), strings.ToLower(rt.Method), "responses", status, "content", media, "schema"}, bodies)
}

// common are fields that every answer of HTTP may have, and those that tell
// browsers and caches what to do.
func common() []string {
	return []string{
		"Content-Type", "Content-Length", "Date", "Cache-Control", "Pragma", "Vary", "Connection", "Allow", "Transfer-Encoding",
		"X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "Cross-Origin-Resource-Policy",
		"Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
	}
}

func checkFields(response map[string]any, h http.Header) error {
	fields, _ := member(response, "headers")
	for name := range h {
		if slices.Contains(common(), name) {
			continue
		}
		if !slices.ContainsFunc(keysOf(fields), func(known string) bool { return strings.EqualFold(known, name) }) {
			return fmt.Errorf("no header %s", name)
		}
	}
	return nil
}

func keysOf(m map[string]any) (out []string) {
	for name := range m {
		out = append(out, name)
	}
	return out
}

// valid holds bodies against the schema at a place of the document.
func (d *document) valid(place, bodies []string) error {
	pointer := ""
	for _, name := range place {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	s, err := d.compiler.Compile(documentURL + "#" + pointer)
	if err != nil {
		return err
	}
	for _, body := range bodies {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		if err != nil {
			return err
		}
		if err := s.Validate(value); err != nil {
			return err
		}
	}
	return nil
}
