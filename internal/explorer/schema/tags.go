package schema

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Worded is a type that says which texts it takes, as bind.Worded is.
type Worded interface{ Words() string }

// tagged adds what the tags of f say.
func (b *builder) tagged(f reflect.StructField, s *Schema) *Schema {
	about, enum, example := f.Tag.Get("about"), f.Tag.Get("enum"), f.Tag.Get("example")
	if w, ok := reflect.Zero(bare(f.Type)).Interface().(Worded); ok && about == "" {
		about = w.Words()
	}
	if s.Ref != "" || len(s.AnyOf) > 0 {
		if about == "" {
			return s
		}
		out := *s
		out.Description = about // draft 2020-12 takes it beside a reference
		return &out
	}
	out := *s
	out.Description = about
	out.Minimum, out.Maximum = number(f.Tag.Get("min")), number(f.Tag.Get("max"))
	if d := f.Tag.Get("default"); d != "" {
		out.Default = s.literal(d)
	}
	if enum != "" {
		out.enumerate(strings.Split(enum, ","))
	}
	if example != "" {
		out.Examples = []any{s.literal(example)}
	}
	return &out
}

// enumerate lists the values that s takes; of an array, those of its elements.
func (s *Schema) enumerate(values []string) {
	into := s
	if s.Type.Is("array") {
		items := *s.Items
		s.Items, into = &items, &items
	}
	for _, v := range values {
		into.Enum = append(into.Enum, into.literal(v))
	}
	if len(into.Type) == 2 {
		into.Enum = append(into.Enum, nil)
	}
}

func bare(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func number(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// literal writes the text of a tag as a value that s describes.
func (s *Schema) literal(text string) json.RawMessage {
	if !s.Type.Is("string") && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil
	}
	return quoted
}

// Example gives a value of s: what its members have as examples, their defaults,
// and for members that must be there something of their kind. False = there is
// nothing that is worth showing.
func (s *Schema) Example() (any, bool) {
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0], true
	case s.Type.Is("object"):
		return s.exampleObject()
	case s.Type.Is("array") && s.Items != nil:
		one, ok := s.Items.Example()
		return []any{one}, ok
	}
	return nil, false
}

func (s *Schema) exampleObject() (any, bool) {
	out := Object{}
	for _, p := range s.Properties {
		v, ok := p.Schema.Example()
		if !ok && slices.Contains(s.Required, p.Name) {
			v, ok = p.Schema.anything(), true
		}
		if ok {
			out = append(out, Member{p.Name, v})
		}
	}
	return out, len(out) > 0
}

// anything is a value of the kind of s.
func (s *Schema) anything() any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Is("integer"), s.Type.Is("number"):
		return 1
	case s.Type.Is("boolean"):
		return false
	case s.Type.Is("array"):
		return []any{}
	case s.Type.Is("object"):
		return Object{}
	}
	return ""
}

// Object is a JSON object whose members keep their order.
type Object []Member

// Member is a name and its value.
type Member struct {
	Name  string
	Value any
}

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) {
	buf := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			buf = append(buf, ',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		buf = append(append(append(buf, name...), ':'), value...)
	}
	return append(buf, '}'), nil
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
