package bind

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"propusk/internal/authority"
)

// decoder fills one value from one body. Broken text ends it at once; a value
// of the wrong kind is kept while the rest is read, so that Malformed wins.
type decoder struct {
	scanner
	fold bool
	path []step
	bad  error
}

// step is one step down to a value: the name of a member, or the number of an
// element.
type step struct {
	name   string
	number int // from 1; 0 = a member
}

// at names the value that the decoder is at, or its member: products[0].id.
func (d *decoder) at(member string) string {
	var b strings.Builder
	for _, s := range d.path {
		if s.number > 0 {
			b.WriteString("[" + strconv.Itoa(s.number-1) + "]")
			continue
		}
		b.WriteString("." + s.name)
	}
	if member != "" {
		b.WriteString("." + member)
	}
	return strings.TrimPrefix(b.String(), ".")
}

// Decode fills v from data.
func (sh *Shape) Decode(data []byte, v reflect.Value) error {
	d := &decoder{scanner: scanner{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}, fold: sh.fold}
	d.space()
	if err := d.value(sh, v); err != nil {
		return err
	}
	if err := d.end(); err != nil {
		return err
	}
	return d.bad
}

// CheckJSON refuses what Decode would refuse of any body as Malformed: for bodies
// that hold JSON and are read by others.
func CheckJSON(data []byte) error {
	var text json.RawMessage
	return (&Shape{how: asRaw}).Decode(data, reflect.ValueOf(&text).Elem())
}

// Plain gives the text of a checked string, number or boolean; false for null, an
// object or an array.
func Plain(raw json.RawMessage) (string, bool) {
	s := scanner{data: raw}
	if kindOf(s.peek()) == "" {
		return "", false
	}
	if s.peek() != '"' {
		return string(raw), true
	}
	text, err := s.text()
	return text, err == nil
}

// value reads the value at the position into v. null leaves v as it is.
func (d *decoder) value(sh *Shape, v reflect.Value) error {
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
func (d *decoder) verbatim(sh *Shape, v reflect.Value) error {
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

func (d *decoder) structure(sh *Shape, v reflect.Value) error {
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
			d.stranger(sh, key)
			return d.skip()
		}
		if d.peek() != 'n' {
			seen = append(seen, f)
		} else if sh.solid {
			d.null(f.name)
		}
		return d.within(step{name: f.name}, func() error { return d.value(f.shape, v.FieldByIndex(f.index)) })
	})
	if err == nil {
		d.demand(sh.need, seen)
	}
	return err
}

// otherCase notes a key that is a known one but for its case.
func (d *decoder) otherCase(sh *Shape, key string) {
	if right := sh.cases[foldKey(key)]; right != "" && d.bad == nil {
		d.bad = authority.E(authority.InvalidRequest, "a key of the body is written "+right+", in this case").With("parameter", right)
	}
}

// stranger notes a key that no field of a whole shape has.
func (d *decoder) stranger(sh *Shape, key string) {
	if !sh.whole || d.bad != nil {
		return
	}
	name := strings.ToValidUTF8(d.at(key[:min(len(key), 64)]), "")
	d.bad = authority.E(authority.InvalidRequest, "nothing here takes "+name).With("parameter", name)
}

// null notes a member that says nothing where it would look like a change.
func (d *decoder) null(member string) {
	if d.bad == nil {
		name := d.at(member)
		d.bad = authority.E(authority.InvalidRequest, name+" is null: leave it out to leave it as it is").With("parameter", name)
	}
}

// demand notes the first required field that was not sent.
func (d *decoder) demand(need, seen []*field) {
	for _, f := range need {
		if d.bad == nil && !containsField(seen, f) {
			d.bad = missing(d.at(f.name))
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

func (d *decoder) slice(sh *Shape, v reflect.Value) error {
	if d.peek() != '[' {
		return d.mismatch("array")
	}
	v.Set(reflect.MakeSlice(sh.typ, 0, 0))
	return d.array(func() error {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		return d.within(step{number: n + 1}, func() error { return d.value(sh.elem, v.Index(n)) })
	})
}

func (d *decoder) mapping(sh *Shape, v reflect.Value) error {
	if d.peek() != '{' {
		return d.mismatch("object")
	}
	v.Set(reflect.MakeMap(sh.typ))
	return d.object(func(key string) error {
		e := reflect.New(sh.typ.Elem()).Elem()
		if err := d.within(step{name: key}, func() error { return d.value(sh.elem, e) }); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(sh.typ.Key()), e)
		return nil
	})
}

// scalar reads one string, number or boolean of the field's own kind: JSON has
// kinds, so "1" is no integer here.
func (d *decoder) scalar(sh *Shape, v reflect.Value) error {
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

func (d *decoder) within(s step, read func() error) error {
	d.path = append(d.path, s)
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
	d.bad = wrongKind(cmp.Or(d.at(""), "the body"), kind)
}
