package keys

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// shape says which member names a Go type reads, to any depth. The nil shape
// reads none.
type shape struct {
	members map[string]member // by folded name
	rest    *shape            // of the values of a map
}

type member struct {
	name  string // as it must be spelled
	shape *shape
}

// member gives the shape of the value behind name.
func (s *shape) member(name, folded []byte) (*shape, error) {
	if s == nil {
		return nil, nil
	}
	m, ok := s.members[string(folded)]
	if !ok {
		return s.rest, nil
	}
	if m.name != string(name) {
		return nil, errSpelling
	}
	return m.shape, nil
}

// shapeOf gives the shape of t. Types with their own decoding have none: they
// judge their names themselves. Nor has a type inside itself: seen holds those
// that are being looked at.
func shapeOf(t reflect.Type, seen []reflect.Type) *shape {
	if t == nil || slices.Contains(seen, t) || t.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return shapeOf(t.Elem(), seen)
	case reflect.Map:
		if rest := shapeOf(t.Elem(), seen); rest != nil {
			return &shape{rest: rest}
		}
	case reflect.Struct:
		return structShape(t, append(seen, t))
	default:
		return nil // reads no names
	}
	return nil
}

func structShape(t reflect.Type, seen []reflect.Type) *shape {
	s := &shape{members: make(map[string]member, t.NumField())}
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("json")
		if !f.IsExported() || tag == "-" || (f.Anonymous && !tagged) {
			continue
		}
		name, _, _ := strings.Cut(tag, ",")
		if name == "" {
			name = f.Name
		}
		s.members[string(fold([]byte(name)))] = member{name: name, shape: shapeOf(f.Type, seen)}
	}
	return s
}
