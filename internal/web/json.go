package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web/bind"
)

// Option changes how JSON reads a request.
type Option func(*adapter)

// FoldKeys takes body keys and query names in any case.
func FoldKeys(a *adapter) { a.keys.Fold = true }

// ExactKeys refuses a body key that differs from a known one in case only: passed
// over like other unknown ones, it would be a filter that does not filter.
func ExactKeys(a *adapter) { a.keys.Exact = true }

// KnownOnly refuses keys of a body and names of a query that nothing takes: where
// one that is misspelt would end a secret at once, or show everything.
func KnownOnly(a *adapter) { a.keys.Whole, a.knownOnly = true, true }

// NoNull refuses null for a member of a body: where what is sent is changed and
// what is left out stays, it would look like a change and be none.
func NoNull(a *adapter) { a.keys.Solid = true }

// NameIgnored names unknown query parameters in X-Ignored-Parameters.
func NameIgnored(a *adapter) { a.nameIgnored = true }

// Statuser is a response with a status other than 200.
type Statuser interface{ StatusCode() int }

// Headerer is a response that sets header fields.
type Headerer interface{ SetHeaders(http.Header) }

// Pager is a response that is one page of a list. NextPage gives the query
// parameters that ask for the next one, nil behind the last; the answer then has a
// Link (RFC 8288 §3).
type Pager interface{ NextPage() map[string]string }

// Bodier is a response whose body is another value than itself; nil = none.
type Bodier interface{ JSONBody() any }

// Streamer is a response that writes itself, status and headers too, piece by
// piece: one that is too long to be held whole.
type Streamer interface{ Stream(w http.ResponseWriter) }

// Typed is a response that is not JSON; documentation asks it what it is.
type Typed interface{ MediaTypes() []string }

// Varied is a response that has more than one form of body or status;
// documentation asks it for all of them. Zero of either = as without it.
type Varied interface {
	Bodies() []any
	Statuses() []int
}

// NoContent is a response without a body, 204.
type NoContent struct{}

// StatusCode implements Statuser.
func (NoContent) StatusCode() int { return http.StatusNoContent }

// JSONBody implements Bodier.
func (NoContent) JSONBody() any { return nil }

// adapter is what JSON works out at start about one pair of types.
type adapter struct {
	keys        bind.Options
	nameIgnored bool
	knownOnly   bool

	head  *bind.Parameters
	body  *bind.Shape // nil = no JSON body
	whole []int       // the field tagged `body`, which takes the whole body
	err   error
}

// JSON makes the Serve of a typed handler. Req is a struct: fields tagged path,
// query, header or form come from there (with tags default, min, max and
// required), fields tagged json from a JSON body; a field tagged `body:"json"`
// takes the whole body instead. Strings arrive as valid UTF-8 without NUL in
// normal form C. Unknown fields are ignored. Field types: string, bool,
// numbers, time.Time, authority.Secret, whatever reads itself from text or
// JSON, and pointers, slices, maps and structs of those; json.RawMessage keeps
// the checked text as it was sent.
//
// Resp is encoded as JSON, with status 200 unless it says otherwise (Statuser,
// Headerer, Pager, Bodier, Streamer). A Req that cannot be bound makes every call fail with
// Internal; CheckRequest in a test finds it.
func JSON[Req, Resp any](fn func(context.Context, authority.Caller, Req) (Resp, error), opts ...Option) Serve {
	a := newAdapter(reflect.TypeFor[Req](), opts)
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		var req Req
		if err := a.decode(w, r, reflect.ValueOf(&req).Elem()); err != nil {
			return err
		}
		resp, err := fn(r.Context(), c, req)
		if err != nil {
			return err
		}
		if p, ok := any(resp).(Pager); ok && r.ContentLength == 0 { // parameters in a body have no link
			a.linkNext(w.Header(), r.URL, p.NextPage())
		}
		return Encode(w, resp)
	}
}

// linkNext links to the same request with other parameters. What is none of them is
// left out: it might be a secret.
func (a *adapter) linkNext(h http.Header, at *url.URL, change map[string]string) {
	if len(change) == 0 {
		return
	}
	query := at.Query()
	maps.DeleteFunc(query, func(name string, _ []string) bool { return !a.head.Asks(name) })
	for name := range query { // also spelled in another case
		for changed := range change {
			if strings.EqualFold(name, changed) {
				query.Del(name)
			}
		}
	}
	for name, value := range change {
		query.Set(name, value)
	}
	next := url.URL{Path: at.Path, RawQuery: query.Encode()}
	h.Set("Link", "<"+next.String()+`>; rel="next"`)
}

// CheckRequest reports why req, the zero value of a typed request, cannot be
// used with JSON; nil when it can.
func CheckRequest(req any) error {
	if req == nil {
		return nil
	}
	return newAdapter(reflect.TypeOf(req), nil).err
}

func newAdapter(t reflect.Type, opts []Option) *adapter {
	a := &adapter{}
	for _, o := range opts {
		o(a)
	}
	a.head, a.err = bind.ParametersOf(t, a.keys.Fold)
	if t.Kind() == reflect.Struct {
		for f := range fieldsOf(t) {
			if f.Tag.Get("body") != "" {
				a.whole, a.body = f.Index, bind.ShapeOf(f.Type, a.keys)
				return a
			}
		}
	}
	if body := bind.ShapeOf(t, a.keys); !body.Empty() {
		a.body = body
	}
	return a
}

func fieldsOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// decode fills v from head and body.
func (a *adapter) decode(w http.ResponseWriter, r *http.Request, v reflect.Value) error {
	if a.err != nil {
		return authority.Wrap(authority.Internal, "", a.err)
	}
	if !a.head.Path(r, v) {
		return errNoPath() // an id that cannot be one is an id that is missing
	}
	ignored, err := a.head.Head(r, v)
	if err != nil {
		return err
	}
	if a.knownOnly && len(ignored) > 0 {
		return authority.E(authority.InvalidValue, "nothing here takes the parameter "+nameList(ignored)).With("parameter", nameList(ignored[:1]))
	}
	if a.nameIgnored && len(ignored) > 0 {
		w.Header().Set("X-Ignored-Parameters", nameList(ignored))
	}
	if a.head.TakesForm() {
		return a.decodeForm(r, v)
	}
	if a.body == nil {
		return a.checkUnused(r)
	}
	return a.decodeBody(r, v)
}

// checkUnused reads a body that the route has no use for, so that what is broken
// or too large is refused there as everywhere (rule 5). None at all is fine.
func (a *adapter) checkUnused(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		return nil // RFC 9110 §9.3.1, §9.3.5: it has no meaning there
	}
	data, err := ReadBody(r)
	if err != nil || len(data) == 0 || !IsJSON(r) {
		return err
	}
	return bind.CheckJSON(data)
}

func (a *adapter) decodeBody(r *http.Request, v reflect.Value) error {
	if err := jsonType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	data, err := ReadBody(r)
	if err != nil {
		return err
	}
	if a.whole != nil {
		v = v.FieldByIndex(a.whole)
	}
	err = a.body.Decode(data, v)
	if authority.CodeOf(err) == authority.Malformed && IsForm(r) && !opensJSON(data) {
		return authority.E(authority.Malformed, "the body is a form: send JSON (Content-Type: application/json)")
	}
	return err
}

// opensJSON reports whether data begins as an object or an array does: curl calls
// everything a form.
func opensJSON(data []byte) bool {
	text := bytes.TrimLeft(data, "\xef\xbb\xbf \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

func (a *adapter) decodeForm(r *http.Request, v reflect.Value) error {
	if err := formType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	data, err := ReadBody(r)
	if err != nil {
		return err
	}
	return a.head.Form(string(data), v)
}

// nameList spells foreign names so that they fit in a header field.
func nameList(names []string) string {
	const most = 20
	if len(names) > most {
		names = names[:most]
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = url.QueryEscape(n[:min(len(n), 64)])
	}
	return strings.Join(out, ", ")
}

// Encode writes resp as JSON with its length. Text is not escaped for HTML: no
// browser is told that this is a page.
func Encode(w http.ResponseWriter, resp any) error {
	if s, ok := resp.(Streamer); ok {
		s.Stream(w)
		return nil
	}
	status := http.StatusOK
	if s, ok := resp.(Statuser); ok {
		status = s.StatusCode()
	}
	value := resp
	if b, ok := resp.(Bodier); ok {
		value = b.JSONBody()
	}
	var buf bytes.Buffer
	if value != nil {
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(value); err != nil {
			return fmt.Errorf("web: encode %T: %w", value, err)
		}
		buf.Truncate(buf.Len() - 1) // the line feed that Encoder adds
	}
	if h, ok := resp.(Headerer); ok {
		h.SetHeaders(w.Header())
	}
	if value == nil {
		w.WriteHeader(status)
		return nil
	}
	WriteBody(w, status, "application/json; charset=utf-8", buf.Bytes())
	return nil
}
