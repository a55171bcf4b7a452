// Package schema writes JSON Schema (draft 2020-12, as OpenAPI 3.1 takes it) from
// Go types: those that package web binds requests to and encodes answers from.
//
// It reads the tags json, default, min, max and required as web does, and three
// that are for documentation alone:
//
//	about:"what it is"   example:"5"   enum:"asc,desc"
//
// A type that writes itself as JSON or text is described by what its zero value
// looks like. It knows nothing of routes; package explorer does.
package schema

import "encoding/json"

// Schema describes one value. The zero value is any value at all.
type Schema struct {
	Ref         string          `json:"$ref,omitempty"`
	Type        Types           `json:"type,omitempty"`
	Format      string          `json:"format,omitempty"`
	Description string          `json:"description,omitempty"`
	Enum        []any           `json:"enum,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"`
	Minimum     json.RawMessage `json:"minimum,omitempty"`
	Maximum     json.RawMessage `json:"maximum,omitempty"`
	Items       *Schema         `json:"items,omitempty"`
	Properties  Properties      `json:"properties,omitempty"`
	Required    []string        `json:"required,omitempty"`
	Additional  *Schema         `json:"additionalProperties,omitempty"`
	AnyOf       []*Schema       `json:"anyOf,omitempty"`
	Examples    []any           `json:"examples,omitempty"`
	WriteOnly   bool            `json:"writeOnly,omitempty"`
}

// Types are the kinds that a value may be of; none = any.
type Types []string

// MarshalJSON implements json.Marshaler: one kind is written as a text.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Is reports whether a value is of the kind, and of no other but null.
func (t Types) Is(kind string) bool {
	return len(t) > 0 && t[0] == kind && (len(t) == 1 || len(t) == 2 && t[1] == "null")
}

// Properties are the members of an object, in the order of the type.
type Properties []Property

// Property is one member of an object.
type Property struct {
	Name   string
	Schema *Schema
}

// MarshalJSON implements json.Marshaler.
func (p Properties) MarshalJSON() ([]byte, error) {
	out := make(Object, len(p))
	for i, one := range p {
		out[i] = Member{one.Name, one.Schema}
	}
	return json.Marshal(out)
}

// Nullable gives s, or null.
func (s *Schema) Nullable() *Schema {
	out := *s
	switch {
	case s.Ref != "":
		return &Schema{AnyOf: []*Schema{s, {Type: Types{"null"}}}}
	case len(s.Type) == 1 && s.Type[0] != "null":
		out.Type = Types{s.Type[0], "null"}
	}
	return &out
}
