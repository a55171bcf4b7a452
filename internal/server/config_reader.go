package server

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"propusk/internal/authority"
)

// reader decodes YAML nodes into a Config and keeps what is wrong, each with
// its line. It is stricter than the YAML package: an unknown or repeated key
// and a value of another type are problems, whatever could be made of them.
type reader struct {
	path     string         // of the node at hand
	lines    map[string]int // where each key of the file stands, by path
	problems []Problem
}

// texter is a leaf that reads its own text.
type texter interface{ setText(string) error }

func (r *reader) fail(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

// value decodes n into what to points at. A key without a value keeps its
// default.
func (r *reader) value(n *yaml.Node, to any) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "") {
		return
	}
	switch to := to.(type) {
	case texter:
		r.text(n, to.setText)
	case *authority.Secret:
		r.text(n, func(s string) error { *to = authority.NewSecret(s); return nil })
	case *string:
		r.scalar(n, "!!str", "text", func(s string) error { *to = s; return nil })
	case *int:
		r.scalar(n, "!!int", "a whole number", func(s string) (err error) { *to, err = strconv.Atoi(s); return err })
	case *bool:
		r.scalar(n, "!!bool", "true or false", func(s string) (err error) { *to, err = strconv.ParseBool(s); return err })
	case *[]string:
		list(r, n, to)
	case *[]Network:
		list(r, n, to)
	case *map[string]Dialect:
		r.dialects(n, *to)
	default:
		r.section(n, reflect.ValueOf(to).Elem())
	}
}

// text decodes a scalar of any type by its spelling.
func (r *reader) text(n *yaml.Node, set func(string) error) {
	if n.Kind != yaml.ScalarNode {
		r.fail(n.Line, r.path, "must be one value")
		return
	}
	if err := set(n.Value); err != nil {
		r.fail(n.Line, r.path, "%s", err)
	}
}

// scalar decodes a scalar of one YAML type.
func (r *reader) scalar(n *yaml.Node, tag, what string, set func(string) error) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != tag || set(n.Value) != nil {
		r.fail(n.Line, r.path, "must be %s", what)
	}
}

// list decodes a sequence, in place of the default's.
func list[T any](r *reader, n *yaml.Node, to *[]T) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, r.path, "must be a list, such as [a, b]")
		return
	}
	*to = make([]T, len(n.Content))
	for i, item := range n.Content {
		r.value(item, &(*to)[i])
	}
}

// section decodes a mapping into a struct.
func (r *reader) section(n *yaml.Node, to reflect.Value) {
	fields := map[string]any{}
	for i := range to.NumField() {
		if key := to.Type().Field(i).Tag.Get("yaml"); key != "" {
			fields[key] = to.Field(i).Addr().Interface()
		}
	}
	r.mapping(n, slices.Sorted(maps.Keys(fields)), func(key string, value *yaml.Node) {
		r.value(value, fields[key])
	})
}

// dialects decodes each dialect over its defaults.
func (r *reader) dialects(n *yaml.Node, to map[string]Dialect) {
	r.mapping(n, slices.Sorted(maps.Keys(to)), func(name string, value *yaml.Node) {
		d := to[name]
		r.value(value, &d)
		to[name] = d
	})
}

// mapping calls each for every pair of n whose key is known.
func (r *reader) mapping(n *yaml.Node, known []string, each func(string, *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, r.path, "must hold keys: %s", listing(known))
		return
	}
	outer := r.path
	defer func() { r.path = outer }()
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		r.path = join(outer, key.Value)
		first, repeated := r.lines[r.path]
		switch {
		case !slices.Contains(known, key.Value):
			r.fail(key.Line, r.path, "unknown key; known here: %s", listing(known))
		case repeated:
			r.fail(key.Line, r.path, "repeated; first at line %d", first)
		default:
			r.lines[r.path] = key.Line
			each(key.Value, n.Content[i+1])
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
