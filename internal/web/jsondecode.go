package web

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"propusk/internal/authority"
)

// shape is how one type is filled from JSON, worked out once, at start.
type shape struct {
	typ    reflect.Type
	how    how
	scalar scalar
	elem   *shape            // of slice, map and pointer
	fields map[string]*field // of struct, by name, folded when the adapter folds
	need   []*field          // required ones
	cases  map[string]string // of struct: names by their folded form; nil = other cases are unknown keys
}

// how is what a shape does with the value.
type how uint8

const (
	asScalar how = iota
	asStruct
	asSlice
	asMap
	asPointer
	asAny
	asRaw    // json.RawMessage: the checked text itself
	asCustom // json.Unmarshaler
)

// field is one member of a struct.
type field struct {
	name  string
	index []int
	shape *shape
}

// shapes works out shapes; types that hold themselves meet their own entry.
type shapes struct {
	fold  bool
	exact bool
	known map[reflect.Type]*shape
}

func (s *shapes) of(t reflect.Type) *shape {
	if known, ok := s.known[t]; ok {
		return known
	}
	sh := &shape{typ: t}
	s.known[t] = sh
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		sh.how = asRaw
		return sh
	case t.Kind() != reflect.Pointer && t != reflect.TypeFor[time.Time]() &&
		reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		sh.how = asCustom
		return sh
	}
	if sc, ok := scalarOf(t); ok && t.Kind() != reflect.Pointer {
		sh.scalar = sc
		return sh
	}
	s.compound(sh, t)
	return sh
}

func (s *shapes) compound(sh *shape, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer:
		sh.how, sh.elem = asPointer, s.of(t.Elem())
	case reflect.Slice:
		sh.how, sh.elem = asSlice, s.of(t.Elem())
	case reflect.Map:
		sh.how, sh.elem = asMap, s.of(t.Elem())
	case reflect.Struct:
		sh.how, sh.fields = asStruct, map[string]*field{}
		if s.exact {
			sh.cases = map[string]string{}
		}
		s.members(sh, t, nil)
	default:
		sh.how = asAny
	}
}

// members adds the fields of t; those of embedded structs as if they were t's.
func (s *shapes) members(sh *shape, t reflect.Type, at []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), at...), i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			s.members(sh, f.Type, index)
			continue
		}
		if !f.IsExported() || name == "-" || name == "" {
			continue
		}
		m := &field{name: name, index: index, shape: s.of(f.Type)}
		sh.fields[s.key(name)] = m
		if s.exact {
			sh.cases[foldKey(name)] = name
		}
		if f.Tag.Get("required") == "true" {
			sh.need = append(sh.need, m)
		}
	}
}

func (s *shapes) key(name string) string {
	if s.fold {
		return foldKey(name)
	}
	return name
}

// decoder fills one value from one body. Broken text ends it at once; a value
// of the wrong kind is kept while the rest is read, so that Malformed wins.
type decoder struct {
	scanner
	fold bool
	path []string
	bad  error
}

// decodeJSON fills v from data.
func decodeJSON(data []byte, sh *shape, fold bool, v reflect.Value) error {
	d := &decoder{scanner: scanner{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}, fold: fold}
	d.space()
	if err := d.value(sh, v); err != nil {
		return err
	}
	if err := d.end(); err != nil {
		return err
	}
	return d.bad
}

// value reads the value at the position into v. null leaves v as it is.
func (d *decoder) value(sh *shape, v reflect.Value) error {
	if sh.how == asRaw || sh.how == asCustom {
		return d.verbatim(sh, v)
	}
	if d.peek() == 'n' {
		_, err := d.literal()
		return err
	}
	switch sh.how {
	case asPointer:
		if v.IsNil() {
			v.Set(reflect.New(sh.typ.Elem()))
		}
		return d.value(sh.elem, v.Elem())
	case asStruct:
		return d.structure(sh, v)
	case asSlice:
		return d.slice(sh, v)
	case asMap:
		return d.mapping(sh, v)
	case asAny:
		return d.anything(v)
	default:
		return d.scalar(sh, v)
	}
}

// verbatim checks a value and hands on its text.
func (d *decoder) verbatim(sh *shape, v reflect.Value) error {
	start := d.pos
	if err := d.skip(); err != nil {
		return err
	}
	raw := d.data[start:d.pos]
	if sh.how == asRaw {
		v.SetBytes(raw)
		return nil
	}
	u, ok := v.Addr().Interface().(json.Unmarshaler)
	if !ok || u.UnmarshalJSON(raw) != nil {
		d.wrong("value of another kind")
	}
	return nil
}

func (d *decoder) structure(sh *shape, v reflect.Value) error {
	if d.peek() != '{' {
		return d.mismatch("object")
	}
	var seen []*field
	err := d.object(func(key string) error {
		if d.fold {
			key = foldKey(key)
		}
		f := sh.fields[key]
		if f == nil {
			d.otherCase(sh, key)
			return d.skip()
		}
		if d.peek() != 'n' {
			seen = append(seen, f)
		}
		return d.within(f.name, func() error { return d.value(f.shape, v.FieldByIndex(f.index)) })
	})
	if err == nil {
		d.demand(sh.need, seen)
	}
	return err
}

// otherCase notes a key that is a known one but for its case.
func (d *decoder) otherCase(sh *shape, key string) {
	if right := sh.cases[foldKey(key)]; right != "" && d.bad == nil {
		d.bad = authority.E(authority.InvalidRequest, "a key of the body is written "+right+", in this case").With("parameter", right)
	}
}

// demand notes the first required field that was not sent.
func (d *decoder) demand(need, seen []*field) {
	for _, f := range need {
		if d.bad == nil && !containsField(seen, f) {
			d.bad = missing(strings.Join(append(d.path, f.name), "."))
		}
	}
}

func containsField(list []*field, f *field) bool {
	for _, have := range list {
		if have == f {
			return true
		}
	}
	return false
}

// missing is the error of a required parameter that was not sent.
func missing(parameter string) *authority.Error {
	return authority.E(authority.InvalidRequest, parameter+" is missing").With("parameter", parameter)
}

func (d *decoder) slice(sh *shape, v reflect.Value) error {
	if d.peek() != '[' {
		return d.mismatch("array")
	}
	v.Set(reflect.MakeSlice(sh.typ, 0, 0))
	return d.array(func() error {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		return d.value(sh.elem, v.Index(n))
	})
}

func (d *decoder) mapping(sh *shape, v reflect.Value) error {
	if d.peek() != '{' {
		return d.mismatch("object")
	}
	v.Set(reflect.MakeMap(sh.typ))
	return d.object(func(key string) error {
		e := reflect.New(sh.typ.Elem()).Elem()
		if err := d.within(key, func() error { return d.value(sh.elem, e) }); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(sh.typ.Key()), e)
		return nil
	})
}

// scalar reads one string, number or boolean of the field's own kind: JSON has
// kinds, so "1" is no integer here.
func (d *decoder) scalar(sh *shape, v reflect.Value) error {
	start := d.peek()
	text, err := d.token()
	if err != nil {
		return err
	}
	if kindOf(start) != jsonKind(sh.scalar.name) || sh.scalar.set(v, text) != nil {
		d.wrong(sh.scalar.name)
	}
	return nil
}

// token reads the value at the position as text; arrays and objects give "".
func (d *decoder) token() (string, error) {
	switch kindOf(d.peek()) {
	case "string":
		return d.text()
	case "number":
		return d.number()
	case "boolean":
		return d.literal()
	}
	return "", d.skip()
}

// kindOf tells the kind of a JSON value by its first byte.
func kindOf(first byte) string {
	switch {
	case first == '"':
		return "string"
	case first == '-' || '0' <= first && first <= '9':
		return "number"
	case first == 't' || first == 'f':
		return "boolean"
	}
	return ""
}

// jsonKind gives the JSON kind that carries a scalar.
func jsonKind(name string) string {
	switch name {
	case "integer", "number":
		return "number"
	case "boolean":
		return "boolean"
	}
	return "string"
}

// anything reads a value as encoding/json would into an any, but numbers stay
// text (json.Number).
func (d *decoder) anything(v reflect.Value) error {
	start := d.pos
	if err := d.skip(); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(d.data[start:d.pos]))
	dec.UseNumber()
	if dec.Decode(v.Addr().Interface()) != nil {
		d.wrong("value of another kind")
	}
	return nil
}

func (d *decoder) within(name string, read func() error) error {
	d.path = append(d.path, name)
	err := read()
	d.path = d.path[:len(d.path)-1]
	return err
}

// mismatch notes a wrong kind and steps over the value.
func (d *decoder) mismatch(kind string) error {
	d.wrong(kind)
	return d.skip()
}

func (d *decoder) wrong(kind string) {
	if d.bad != nil {
		return
	}
	name := strings.Join(d.path, ".")
	if name == "" {
		name = "the body"
	}
	d.bad = wrongKind(name, kind)
}
