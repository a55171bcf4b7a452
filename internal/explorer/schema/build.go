package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
)

// Answers builds the schemas of answers: structs become named components, and a
// member that is always written is required. The zero value is ready.
type Answers struct {
	components map[string]*Schema
	names      map[reflect.Type]string
	alike      map[string]string // names of schemas, by what they are
}

// Components are the named schemas that those of Of refer to.
func (a *Answers) Components() map[string]*Schema { return a.components }

// Of describes t as it is encoded.
func (a *Answers) Of(t reflect.Type) *Schema { return (&builder{answers: a}).of(t) }

// Like names the schema of values of decoded JSON; values alike share it.
func (a *Answers) Like(name string, values ...any) *Schema {
	s := Infer(values...)
	text, err := json.Marshal(s)
	if err != nil {
		return s
	}
	if a.alike == nil {
		a.alike = map[string]string{}
	}
	known, ok := a.alike[string(text)]
	if !ok {
		known = a.name(name)
		a.alike[string(text)], a.components[known] = known, s
	}
	return &Schema{Ref: reference + known}
}

// name gives first, with a number where it is taken.
func (a *Answers) name(first string) string {
	if a.names == nil {
		a.names, a.components = map[reflect.Type]string{}, map[string]*Schema{}
	}
	name := first
	for n := 2; a.components[name] != nil; n++ {
		name = first + strconv.Itoa(n)
	}
	return name
}

const reference = "#/components/schemas/"

// Request describes t as it is decoded from a body: a member is required where
// its tag says so.
func Request(t reflect.Type) *Schema { return (&builder{}).of(t) }

// Parameter describes a field that comes as text, from a path, a query, a header
// or a form.
func Parameter(f reflect.StructField) *Schema {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return (&builder{}).tagged(f, (&builder{}).of(t))
}

// builder works out one schema.
type builder struct {
	answers *Answers // nil = a request
	open    []reflect.Type
}

func (b *builder) of(t reflect.Type) *Schema {
	if s, ok := special(t); ok {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return b.of(t.Elem()).Nullable()
	case reflect.String:
		return &Schema{Type: Types{"string"}}
	case reflect.Bool:
		return &Schema{Type: Types{"boolean"}}
	case reflect.Float32, reflect.Float64:
		return &Schema{Type: Types{"number"}}
	case reflect.Slice, reflect.Array:
		return &Schema{Type: Types{"array"}, Items: b.of(t.Elem())}
	case reflect.Map:
		return &Schema{Type: Types{"object"}, Additional: b.of(t.Elem())}
	case reflect.Struct:
		return b.structure(t)
	case reflect.Int64, reflect.Uint64:
		return &Schema{Type: Types{"integer"}, Format: "int64"}
	}
	if t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint32 {
		return &Schema{Type: Types{"integer"}}
	}
	return &Schema{}
}

// special describes types that are not what their kind says.
func special(t reflect.Type) (*Schema, bool) {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return &Schema{}, true
	case t == reflect.TypeFor[time.Time]():
		return &Schema{Type: Types{"string"}, Format: "date-time"}, true
	case t == reflect.TypeFor[authority.Secret]():
		return &Schema{Type: Types{"string"}, Format: "password", WriteOnly: true}, true
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		return nil, false
	case writes[json.Marshaler](t), writes[encoding.TextMarshaler](t):
		return written(t), true
	case writes[encoding.TextUnmarshaler](t):
		return &Schema{Type: Types{"string"}}, true
	}
	return nil, false
}

func writes[I any](t reflect.Type) bool {
	i := reflect.TypeFor[I]()
	return t.Implements(i) || reflect.PointerTo(t).Implements(i)
}

// written describes a type by what its zero value is written as.
func written(t reflect.Type) *Schema {
	text, err := json.Marshal(reflect.New(t).Interface())
	var v any
	if err != nil || json.Unmarshal(text, &v) != nil {
		return &Schema{}
	}
	return Infer(v)
}

// structure describes a struct. In an answer it becomes a component.
func (b *builder) structure(t reflect.Type) *Schema {
	for _, outer := range b.open {
		if outer == t && b.answers == nil {
			return &Schema{} // a request that holds itself ends there
		}
	}
	b.open = append(b.open, t)
	defer func() { b.open = b.open[:len(b.open)-1] }()
	if b.answers == nil || t.Name() == "" {
		return b.members(t)
	}
	return b.answers.component(t, b)
}

// component names t. Types of one name are numbered in the order they are met.
func (a *Answers) component(t reflect.Type, b *builder) *Schema {
	name, known := a.names[t]
	if !known {
		name = a.name(componentName(t.Name()))
		a.names[t], a.components[name] = name, &Schema{}
		*a.components[name] = *b.members(t)
	}
	return &Schema{Ref: reference + name}
}

// componentName is a type's name without the types it is made over.
func componentName(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return strings.ToUpper(name[:1]) + name[1:]
}

func (b *builder) members(t reflect.Type) *Schema {
	s := &Schema{Type: Types{"object"}}
	b.collect(t, s)
	return s
}

// collect adds the members of t; those of embedded structs as if they were t's.
func (b *builder) collect(t reflect.Type, s *Schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			b.collect(f.Type, s)
			continue
		}
		if !f.IsExported() || name == "" || name == "-" {
			continue
		}
		s.Properties = append(s.Properties, Property{name, b.tagged(f, b.of(f.Type))})
		if b.required(f, options) {
			s.Required = append(s.Required, name)
		}
	}
}

func (b *builder) required(f reflect.StructField, options string) bool {
	if b.answers == nil {
		return f.Tag.Get("required") == "true"
	}
	return !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero")
}
