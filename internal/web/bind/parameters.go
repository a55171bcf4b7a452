package bind

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
)

// maxPairs bounds the parameters of one query or form.
const maxPairs = 1000

// parameter is one field of a request that comes as text: from the path, the
// query, a header or a form.
type parameter struct {
	name     string
	index    []int
	scalar   scalar
	list     bool // comma-separated
	pointer  bool // nil = not sent
	fallback string
	required bool
	min, max *float64
}

// Worded is a parameter that says which texts it takes, "asc or desc", where
// the name of its kind would tell a client nothing.
type Worded interface{ Words() string }

// Parameters is what a typed request takes from outside its JSON body, worked out
// once, at start.
type Parameters struct {
	fold    bool
	path    []*parameter
	header  []*parameter
	query   map[string]*parameter
	form    map[string]*parameter
	hasForm bool
}

// ParametersOf reads the tags path, query, header and form, with default, min,
// max and required, of struct type t. With fold, names are taken in any case.
func ParametersOf(t reflect.Type, fold bool) (*Parameters, error) {
	b := &Parameters{fold: fold, query: map[string]*parameter{}, form: map[string]*parameter{}}
	if t.Kind() != reflect.Struct {
		return b, nil
	}
	return b, b.collect(t, nil)
}

func (b *Parameters) collect(t reflect.Type, at []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), at...), i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			if err := b.collect(f.Type, index); err != nil {
				return err
			}
			continue
		}
		if err := b.field(f, index); err != nil {
			return err
		}
	}
	return nil
}

func (b *Parameters) field(f reflect.StructField, index []int) error {
	for _, source := range [...]string{"path", "query", "header", "form"} {
		name := f.Tag.Get(source)
		if name == "" {
			continue
		}
		p, err := newParameter(f, name, index)
		if err != nil {
			return err
		}
		b.put(source, p)
	}
	return nil
}

func (b *Parameters) put(source string, p *parameter) {
	switch source {
	case "path":
		b.path = append(b.path, p)
	case "header":
		b.header = append(b.header, p)
	case "query":
		b.query[b.key(p.name)] = p
	case "form":
		b.form[b.key(p.name)], b.hasForm = p, true
	}
}

func (b *Parameters) key(name string) string {
	if b.fold {
		return foldKey(name)
	}
	return name
}

func newParameter(f reflect.StructField, name string, index []int) (*parameter, error) {
	p := &parameter{
		name: name, index: index, fallback: f.Tag.Get("default"), required: f.Tag.Get("required") == "true",
	}
	t := f.Type
	if t.Kind() == reflect.Slice {
		p.list, t = true, t.Elem()
	}
	if t.Kind() == reflect.Pointer {
		p.pointer, t = true, t.Elem()
	}
	sc, ok := scalarOf(t)
	if !ok || !f.IsExported() {
		return nil, fmt.Errorf("bind: field %s cannot be bound to parameter %s", f.Name, name)
	}
	p.scalar = sc
	return p, p.limits(f)
}

func (p *parameter) limits(f reflect.StructField) error {
	for tag, into := range map[string]**float64{"min": &p.min, "max": &p.max} {
		text := f.Tag.Get(tag)
		if text == "" {
			continue
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("bind: field %s: %s is not a number", f.Name, tag)
		}
		*into = &n
	}
	return nil
}

// TakesForm reports whether the body is a form.
func (b *Parameters) TakesForm() bool { return b.hasForm }

// Path fills v from the path of r; false where an id cannot be one.
func (b *Parameters) Path(r *http.Request, v reflect.Value) bool {
	for _, p := range b.path {
		if p.set(v, r.PathValue(p.name)) != nil {
			return false
		}
	}
	return true
}

// Head fills v from the header and the query of r. It gives the query names that
// nothing takes.
func (b *Parameters) Head(r *http.Request, v reflect.Value) (ignored []string, err error) {
	for _, p := range b.header {
		if err := b.bindHeader(r, p, v); err != nil {
			return nil, err
		}
	}
	return b.pairs(r.URL.RawQuery, b.query, v)
}

// Asks reports whether a parameter of the query has this name.
func (b *Parameters) Asks(name string) bool { return b.query[b.key(name)] != nil }

// Form fills v from the text of a form.
func (b *Parameters) Form(text string, v reflect.Value) error {
	_, err := b.pairs(text, b.form, v)
	return err
}

func (b *Parameters) bindHeader(r *http.Request, p *parameter, v reflect.Value) error {
	lines := r.Header.Values(p.name)
	if len(lines) > 1 && !p.list {
		return authority.E(authority.InvalidRequest, "the header "+p.name+" is sent more than once").With("parameter", p.name)
	}
	if len(lines) == 0 {
		return p.absent(v)
	}
	text, err := clean(strings.Join(lines, ","))
	if err != nil {
		return err
	}
	return p.set(v, text)
}

// pairs reads a query or form strictly and sets what it knows.
func (b *Parameters) pairs(text string, known map[string]*parameter, v reflect.Value) (ignored []string, err error) {
	var seen keySet
	err = Pairs(text, func(name, value string) error {
		key := b.key(name)
		p := known[key]
		if p == nil {
			ignored = append(ignored, name)
			return nil
		}
		if !seen.add(key) {
			return authority.E(authority.InvalidRequest, p.name+" is sent more than once").With("parameter", p.name)
		}
		return p.set(v, value)
	})
	if err != nil {
		return nil, err
	}
	for key, p := range known {
		if seen.has(key) {
			continue
		}
		if err := p.absent(v); err != nil {
			return nil, err
		}
	}
	return ignored, nil
}

// Pairs splits a query or an application/x-www-form-urlencoded body. Broken
// percent-encoding, text that is not UTF-8 and semicolons, which others take for
// separators, are Malformed.
func Pairs(text string, pair func(name, value string) error) error {
	count := 0
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		if count++; count > maxPairs {
			return authority.E(authority.InvalidRequest, "too many parameters")
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := unescape(name)
		if err != nil {
			return err
		}
		if value, err = unescape(value); err != nil {
			return err
		}
		if err := pair(name, value); err != nil {
			return err
		}
	}
	return nil
}

func unescape(s string) (string, error) {
	if strings.IndexByte(s, ';') >= 0 {
		return "", authority.E(authority.Malformed, "a semicolon in a parameter must be percent-encoded")
	}
	out, err := url.QueryUnescape(s)
	if err != nil {
		return "", authority.E(authority.Malformed, "a parameter is not percent-encoded as it should be")
	}
	return clean(out)
}

// clean refuses text that is not text, and gives its normal form C (rule 19).
func clean(s string) (string, error) {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return "", authority.E(authority.Malformed, "a parameter is not valid UTF-8 text")
	}
	return norm.NFC.String(s), nil
}

// absent sets the default, or complains.
func (p *parameter) absent(v reflect.Value) error {
	if p.required {
		return missing(p.name)
	}
	if p.fallback == "" {
		return nil
	}
	return p.set(v, p.fallback)
}

// set turns text into the field of v.
func (p *parameter) set(v reflect.Value, text string) error {
	f := v.FieldByIndex(p.index)
	if !p.list {
		return p.one(f, text)
	}
	f.Set(reflect.MakeSlice(f.Type(), 0, 4))
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		e := reflect.New(f.Type().Elem()).Elem()
		if err := p.one(e, part); err != nil {
			return err
		}
		f.Set(reflect.Append(f, e))
	}
	return nil
}

func (p *parameter) one(f reflect.Value, text string) error {
	if p.pointer {
		f.Set(reflect.New(f.Type().Elem()))
		f = f.Elem()
	}
	if p.scalar.set(f, text) != nil {
		if w, ok := f.Addr().Interface().(Worded); ok {
			return authority.E(authority.InvalidValue, p.name+" must be "+w.Words()).With("parameter", p.name)
		}
		return wrongKind(p.name, p.scalar.name)
	}
	return p.inRange(f)
}

func (p *parameter) inRange(f reflect.Value) error {
	if p.min == nil && p.max == nil {
		return nil
	}
	n := asFloat(f)
	if p.min != nil && n < *p.min {
		return outside(p.name, "at least", *p.min)
	}
	if p.max != nil && n > *p.max {
		return outside(p.name, "at most", *p.max)
	}
	return nil
}

func outside(name, relation string, limit float64) error {
	text := strconv.FormatFloat(limit, 'f', -1, 64)
	return authority.E(authority.InvalidValue, name+" must be "+relation+" "+text).
		With("parameter", name).With("limit", text)
}

func asFloat(f reflect.Value) float64 {
	switch {
	case f.CanInt():
		return float64(f.Int())
	case f.CanUint():
		return float64(f.Uint())
	case f.CanFloat():
		return f.Float()
	}
	return 0
}
