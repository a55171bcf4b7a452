package server

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"propusk/internal/authority"
)

// configSource is the text whose comments document every key, so that the
// documentation cannot drift from the structs.
//
//go:embed config.go
var configSource string

// Describe writes every key with its documentation and default, as a
// configuration file that means the same as an empty one.
func Describe(w io.Writer) error {
	docs, err := fieldDocs()
	if err != nil {
		return err
	}
	d := &describer{docs: docs}
	d.line("# Configuration of propusk serve, with every default. What is left out keeps its default.")
	d.section(reflect.ValueOf(Defaults()))
	_, err = io.WriteString(w, d.out.String())
	return err
}

// describer writes YAML with comments.
type describer struct {
	docs   map[string]string // "Type.Field" → comment
	indent int
	out    strings.Builder
}

func (d *describer) line(text string) {
	d.out.WriteString(strings.Repeat("  ", d.indent) + text + "\n")
}

func (d *describer) section(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := f.Tag.Get("yaml")
		if key == "" {
			continue
		}
		if d.indent == 0 {
			d.out.WriteString("\n")
		}
		for text := range strings.Lines(d.docs[v.Type().Name()+"."+f.Name]) {
			d.line("# " + strings.TrimRight(text, "\n"))
		}
		d.value(key, v.Field(i))
	}
}

func (d *describer) value(key string, v reflect.Value) {
	if text, ok := leaf(v.Interface()); ok {
		d.line(key + ": " + text)
		return
	}
	d.line(key + ":")
	d.indent++
	defer func() { d.indent-- }()
	dialects, ok := v.Interface().(map[string]Dialect)
	if !ok {
		d.section(v)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(dialects)) {
		d.value(name, reflect.ValueOf(dialects[name]))
	}
}

// leaf writes a single value as YAML.
func leaf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return quote(v), true
	case authority.Secret:
		return `""`, true // a default is never a secret, and a secret is never written
	case fmt.Stringer:
		return v.String(), true
	case int, bool:
		return fmt.Sprint(v), true
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = fmt.Sprintf("%q", s)
		}
		return "[" + strings.Join(quoted, ", ") + "]", true
	case []Network:
		return strings.ReplaceAll(fmt.Sprint(v), " ", ", "), true
	}
	return "", false
}

func quote(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// fieldDocs reads the comments of the structs in configSource.
func fieldDocs() (map[string]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", configSource, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("describe configuration: %w", err)
	}
	docs := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				docs[spec.Name.Name+"."+f.Names[0].Name] = strings.TrimSpace(f.Doc.Text())
			}
		}
		return false
	})
	return docs, nil
}
