package bind

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Shape is how one type is filled from JSON, worked out once, at start.
type Shape struct {
	fold   bool // keys are taken in any case
	whole  bool // keys that no field has are refused
	solid  bool // null is refused where a member has a name
	typ    reflect.Type
	how    how
	scalar scalar
	elem   *Shape            // of slice, map and pointer
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
	shape *Shape
}

// Options say which keys of an object are known ones.
type Options struct {
	Fold  bool // those that differ from a field's name in case
	Exact bool // none of those, and they are refused instead of passed over
	Whole bool // every other one is refused instead of passed over
	Solid bool // null is refused of a known one, instead of leaving its value as it is
}

// ShapeOf works out how t is filled.
func ShapeOf(t reflect.Type, o Options) *Shape {
	return (&shapes{Options: o, known: map[reflect.Type]*Shape{}}).of(t)
}

// Empty reports whether a body has nothing for a value of this type.
func (sh *Shape) Empty() bool { return sh.how == asStruct && len(sh.fields) == 0 }

// shapes works out shapes; types that hold themselves meet their own entry.
type shapes struct {
	Options

	known map[reflect.Type]*Shape
}

func (s *shapes) of(t reflect.Type) *Shape {
	if known, ok := s.known[t]; ok {
		return known
	}
	sh := &Shape{typ: t, fold: s.Fold, whole: s.Whole, solid: s.Solid}
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

func (s *shapes) compound(sh *Shape, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer:
		sh.how, sh.elem = asPointer, s.of(t.Elem())
	case reflect.Slice:
		sh.how, sh.elem = asSlice, s.of(t.Elem())
	case reflect.Map:
		sh.how, sh.elem = asMap, s.of(t.Elem())
	case reflect.Struct:
		sh.how, sh.fields = asStruct, map[string]*field{}
		if s.Exact {
			sh.cases = map[string]string{}
		}
		s.members(sh, t, nil)
	default:
		sh.how = asAny
	}
}

// members adds the fields of t; those of embedded structs as if they were t's.
func (s *shapes) members(sh *Shape, t reflect.Type, at []int) {
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
		if s.Exact {
			sh.cases[foldKey(name)] = name
		}
		if f.Tag.Get("required") == "true" {
			sh.need = append(sh.need, m)
		}
	}
}

func (s *shapes) key(name string) string {
	if s.Fold {
		return foldKey(name)
	}
	return name
}
