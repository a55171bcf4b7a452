package explorer

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
	"propusk/internal/web"
)

// Book is what there is to say of one dialect on one stand, worked out from its
// routes. Documents, collections and pages are written from it.
type Book struct {
	Dialect string
	Stand   authority.Stand
	Manual  dialect.Manual
	Methods []Method // the ways in first, then as the route table has them, those of a path together
	Schemas map[string]*schema.Schema
	Headers []Header // of answers, by name
}

// Method is one route as it is documented.
type Method struct {
	ID         string // stable, and the dialect's alone
	Verb, Path string
	Group      string
	Summary    string
	Permission string
	Way        bool // it gives tokens
	Secret     bool
	Changes    bool
	Once       bool // it takes an Idempotency-Key
	Parameters []Parameter
	Body       *Body
	Answers    []Answer
	Schemes    []string // one of them is shown; none = nothing is
}

// Parameter is one value of a request outside of its body, or of a form.
type Parameter struct {
	Name, In string
	Required bool
	Schema   *schema.Schema
}

// Body is what a request sends.
type Body struct {
	Media    string
	Schema   *schema.Schema
	Fields   []Parameter // of a form
	Required bool
	Example  any // nil = none
}

// Answer is what comes back with a status.
type Answer struct {
	Status  int
	Media   []string // none = no body
	Schema  *schema.Schema
	Example any      // nil = none
	Headers []string // names of the book's
}

// The paths that dialects share.
const (
	tokenPath     = "/oauth/token"
	authorizePath = "/oauth/authorize"
)

// NewBook works out what routes and d say. Routes of other dialects and stands
// are left out.
func NewBook(stand authority.Stand, d dialect.Dialect, routes []web.Route) *Book {
	b := &Book{Dialect: d.Name(), Stand: stand, Manual: manualOf(d)}
	answers := &schema.Answers{}
	failures := failures{d, answers}
	for _, rt := range b.documented(routes) {
		m := b.method(&rt)
		m.Answers = append(answersOf(&rt, answers), failures.of(&rt, m)...)
		b.setHeaders(&rt, m)
		b.Methods = append(b.Methods, m)
	}
	b.sort()
	b.Schemas = answers.Components()
	return b
}

// sort puts ways in before everything else, and the methods of a path together,
// in the order of verbs.
func (b *Book) sort() {
	met := map[string]int{}
	for i, m := range b.Methods {
		if _, known := met[m.Path]; !known {
			met[m.Path] = i
		}
	}
	verbs := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	rank := map[bool]int{false: 1}
	slices.SortStableFunc(b.Methods, func(x, y Method) int {
		return cmp.Or(rank[x.Way]-rank[y.Way], met[x.Path]-met[y.Path], slices.Index(verbs, x.Verb)-slices.Index(verbs, y.Verb))
	})
}

func manualOf(d dialect.Dialect) dialect.Manual {
	if known, ok := d.(dialect.Documented); ok {
		return known.Manual()
	}
	return dialect.Manual{Title: d.Name(), Schemes: []dialect.Scheme{{Name: "accessToken", Kind: dialect.BearerScheme}}}
}

// documented picks the routes of the book.
func (b *Book) documented(routes []web.Route) []web.Route {
	var out []web.Route
	for _, rt := range routes {
		on := len(rt.Stands) == 0 || slices.Contains(rt.Stands, b.Stand)
		switch {
		case !on:
		case rt.Pattern == tokenPath:
			if t := b.Manual.Token; t.Summary != "" {
				rt.Request, rt.Response, rt.Summary, rt.Dialect = t.Request, t.Response, t.Summary, b.Dialect
				out = append(out, rt)
			}
		case rt.Pattern == authorizePath:
			if rt.Dialect = b.Dialect; b.Manual.Codes {
				out = append(out, rt)
			}
		case rt.Dialect == b.Dialect && b.Manual.Spelt(rt.Pattern):
			out = append(out, rt)
		}
	}
	return out
}

func (b *Book) method(rt *web.Route) Method {
	path := pathOf(rt.Pattern)
	m := Method{
		ID: b.name(rt.Method, path), Verb: rt.Method, Path: path, Group: b.group(rt, path), Summary: rt.Summary,
		Permission: string(rt.Permission), Way: rt.Door != "", Secret: rt.Secret, Changes: rt.Audit != "", Schemes: b.schemes(rt),
		Once: rt.Repeats || dialect.Repeatable(rt),
	}
	m.Parameters, m.Body = requestOf(rt, path)
	m.Parameters = append(m.Parameters, b.fields(rt, m)...)
	return m
}

// pathOf is a pattern as OpenAPI writes it.
func pathOf(pattern string) string { return strings.ReplaceAll(pattern, "...}", "}") }

func (b *Book) schemes(rt *web.Route) []string {
	if shown, ok := b.Manual.Shown[rt.Pattern]; ok {
		return shown
	}
	if rt.Public || len(b.Manual.Schemes) == 0 {
		return nil
	}
	if b.Manual.Usual != nil {
		return b.Manual.Usual
	}
	return []string{b.Manual.Schemes[0].Name}
}

// fields are the header fields that every route of its kind takes.
func (b *Book) fields(rt *web.Route, m Method) []Parameter {
	var out []Parameter
	add := func(ok bool, name string, s schema.Schema) {
		if ok && !slices.ContainsFunc(m.Parameters, func(p Parameter) bool { return p.Name == name }) {
			out = append(out, Parameter{name, inHeader, false, &s})
		}
	}
	add(m.Once, dialect.OnceHeader, schema.Schema{
		Type: schema.Types{"string"}, Description: "Makes the request repeatable: sent again with the same key it changes nothing and gets the first answer",
	})
	add(rt.Door != "" && b.Stand == authority.Test, dialect.LifetimeHeader, schema.Schema{
		Type: schema.Types{"integer"}, Description: "How many seconds the access token lives; the test stand alone takes it",
	})
	return out
}

// requestOf reads the tags of a route's typed request. Path values that it does
// not name are texts.
func requestOf(rt *web.Route, path string) ([]Parameter, *Body) {
	var all []Parameter
	var fields []Parameter
	t := reflect.TypeOf(rt.Request)
	if t != nil && t.Kind() == reflect.Struct {
		all, fields = parameters(t)
	}
	for _, name := range wildcards(path) {
		if !slices.ContainsFunc(all, func(p Parameter) bool { return p.In == inPath && p.Name == name }) {
			all = append(all, Parameter{name, inPath, true, &schema.Schema{Type: schema.Types{"string"}}})
		}
	}
	slices.SortStableFunc(all, func(x, y Parameter) int { return cmp.Compare(order(x), order(y)) })
	return all, bodyOf(t, fields)
}

// The places of parameters.
const (
	inPath   = "path"
	inQuery  = "query"
	inHeader = "header"
	inForm   = "form"
)

func order(p Parameter) int { return slices.Index([]string{inPath, inQuery, inHeader}, p.In) }

// parameters reads the fields of t, and those of embedded structs as t's.
func parameters(t reflect.Type) (outside, form []Parameter) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			more, fields := parameters(f.Type)
			outside, form = append(outside, more...), append(form, fields...)
			continue
		}
		for _, in := range []string{inPath, inQuery, inHeader, inForm} {
			name := f.Tag.Get(in)
			if name == "" {
				continue
			}
			p := Parameter{name, in, in == inPath || f.Tag.Get("required") == "true", schema.Parameter(f)}
			if in == inForm {
				form = append(form, p)
			} else {
				outside = append(outside, p)
			}
		}
	}
	return outside, form
}

// bodyOf is the body that t asks for; nil = none.
func bodyOf(t reflect.Type, form []Parameter) *Body {
	if len(form) > 0 {
		return formBody(form)
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	s := schema.Request(t)
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("body") != "" {
			s = schema.Parameter(f)
		}
	}
	if s.Type.Is("object") && len(s.Properties) == 0 {
		return nil
	}
	b := &Body{Media: "application/json", Schema: s, Required: true}
	if example, ok := s.Example(); ok {
		b.Example = example
	}
	return b
}

func formBody(form []Parameter) *Body {
	s := &schema.Schema{Type: schema.Types{"object"}}
	for _, p := range form {
		s.Properties = append(s.Properties, schema.Property{Name: p.Name, Schema: p.Schema})
		if p.Required {
			s.Required = append(s.Required, p.Name)
		}
	}
	b := &Body{Media: "application/x-www-form-urlencoded", Schema: s, Fields: form, Required: true}
	if example, ok := s.Example(); ok {
		b.Example = example
	}
	return b
}

// wildcards lists the names in braces of a path.
func wildcards(path string) (names []string) {
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		name, after, _ := strings.Cut(rest, "}")
		names, path = append(names, name), after
	}
}
