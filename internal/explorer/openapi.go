package explorer

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"propusk/internal/authority"
	"propusk/internal/explorer/schema"
)

// object is a JSON object in the order it is written.
type object = schema.Object

// OpenAPI writes the book as an OpenAPI 3.1 document in JSON. url is where the
// stand is reached.
func (b *Book) OpenAPI(url string) ([]byte, error) {
	doc := object{
		{Name: "openapi", Value: "3.1.0"},
		{Name: "info", Value: b.info()},
		{Name: "servers", Value: []any{object{{Name: "url", Value: url}, {Name: "description", Value: standName(b.Stand)}}}},
		{Name: "tags", Value: b.tags()},
		{Name: "paths", Value: b.paths()},
		{Name: "components", Value: object{
			{Name: "securitySchemes", Value: b.securitySchemes(url)},
			{Name: "headers", Value: b.headers()},
			{Name: "schemas", Value: b.schemas()},
		}},
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return buf.Bytes(), err
}

// YAML writes JSON as YAML, in the same order.
func YAML(text []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	plain(&doc)
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	err := enc.Close()
	return buf.Bytes(), err
}

// plain takes the quotes and braces of JSON off. Texts that would read as
// something else keep their quotes: the node knows that it is a text.
func plain(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		plain(child)
	}
}

func standName(s authority.Stand) string {
	if s == authority.Test {
		return "The test stand"
	}
	return "The production stand"
}

// version is that of the documented APIs, not of the program: documents of two
// builds can be compared.
const version = "1"

// common is what no operation can say of itself.
const common = "Of every path: a method that it does not take is answered 405 with Allow; HEAD is answered where GET is, unless GET changes something; " +
	"a slash at its end makes no difference; a request whose head is too large is answered 431, and one that cannot be read as HTTP 400."

func (b *Book) info() object {
	about := strings.TrimSpace(b.Manual.About)
	if about == "" {
		about = b.Manual.Title
	}
	return object{
		{Name: "title", Value: b.Manual.Title},
		{Name: "version", Value: version},
		{Name: "description", Value: about + "\n\n" + common},
		{Name: "contact", Value: object{{Name: "name", Value: "The administrator of this server"}}},
		{Name: "license", Value: object{{Name: "name", Value: "As the server is licensed"}, {Name: "identifier", Value: "LicenseRef-Propusk"}}},
	}
}

// groups lists the groups of methods in the order they are met.
func (b *Book) groups() []string {
	var out []string
	for _, m := range b.Methods {
		if !slices.Contains(out, m.Group) {
			out = append(out, m.Group)
		}
	}
	return out
}

func (b *Book) tags() []any {
	var out []any
	for _, g := range b.groups() {
		out = append(out, object{{Name: "name", Value: g}})
	}
	return out
}

// paths lists the methods by path.
func (b *Book) paths() object {
	var out object
	at := map[string]int{}
	for _, m := range b.Methods {
		i, known := at[m.Path]
		if !known {
			i = len(out)
			at[m.Path] = i
			out = append(out, schema.Member{Name: m.Path, Value: object(nil)})
		}
		methods, _ := out[i].Value.(object)
		out[i].Value = append(methods, schema.Member{Name: strings.ToLower(m.Verb), Value: b.operation(m)})
	}
	return out
}

func (b *Book) operation(m Method) object {
	op := object{
		{Name: "operationId", Value: m.ID},
		{Name: "summary", Value: strings.TrimSuffix(m.Summary, ".")},
		{Name: "description", Value: m.about()},
		{Name: "tags", Value: []string{m.Group}},
	}
	if len(m.Parameters) > 0 {
		op = append(op, schema.Member{Name: "parameters", Value: parameterList(m.Parameters)})
	}
	if m.Body != nil {
		op = append(op, schema.Member{Name: "requestBody", Value: m.Body.document()})
	}
	security := []any{}
	for _, name := range m.Schemes {
		security = append(security, object{{Name: name, Value: []string{}}})
	}
	return append(op,
		schema.Member{Name: "responses", Value: responses(m.Answers)},
		schema.Member{Name: "security", Value: security})
}

// about is what a caller must know besides what the method does.
func (m Method) about() string {
	text := m.Summary
	if m.Permission != "" {
		text += " Asks for the permission " + m.Permission + "."
	}
	if m.Secret && m.Way {
		text += " The answer holds tokens."
	}
	return text
}

func parameterList(all []Parameter) []any {
	var out []any
	for _, p := range all {
		one := object{{Name: "name", Value: p.Name}, {Name: "in", Value: p.In}}
		s := *p.Schema
		if s.Description != "" {
			one = append(one, schema.Member{Name: "description", Value: s.Description})
			s.Description = ""
		}
		if p.Required {
			one = append(one, schema.Member{Name: "required", Value: true})
		}
		if s.Type.Is("array") && p.In == inQuery { // values with commas between them
			one = append(one, schema.Member{Name: "style", Value: "form"}, schema.Member{Name: "explode", Value: false})
		}
		out = append(out, append(one, schema.Member{Name: "schema", Value: &s}))
	}
	return out
}

func (b *Body) document() object {
	content := object{{Name: "schema", Value: b.Schema}}
	if b.Example != nil {
		content = append(content, schema.Member{Name: "example", Value: b.Example})
	}
	return object{{Name: "required", Value: b.Required}, {Name: "content", Value: object{{Name: b.Media, Value: content}}}}
}

func responses(answers []Answer) object {
	var out object
	for _, a := range answers {
		one := object{{Name: "description", Value: http.StatusText(a.Status)}}
		var fields, content object
		for _, name := range a.Headers {
			fields = append(fields, schema.Member{Name: name, Value: object{{Name: "$ref", Value: "#/components/headers/" + name}}})
		}
		if fields != nil {
			one = append(one, schema.Member{Name: "headers", Value: fields})
		}
		for _, media := range a.Media {
			var what object
			if a.Schema != nil {
				what = append(what, schema.Member{Name: "schema", Value: a.Schema})
			}
			if a.Example != nil {
				what = append(what, schema.Member{Name: "example", Value: a.Example})
			}
			content = append(content, schema.Member{Name: media, Value: what})
		}
		if content != nil {
			one = append(one, schema.Member{Name: "content", Value: content})
		}
		out = append(out, schema.Member{Name: strconv.Itoa(a.Status), Value: one})
	}
	return out
}

// headers are the fields of answers.
func (b *Book) headers() object {
	out := object{}
	for _, h := range b.Headers {
		out = append(out, schema.Member{Name: h.Name, Value: object{
			{Name: "description", Value: h.About}, {Name: "schema", Value: object{{Name: "type", Value: "string"}}},
		}})
	}
	return out
}

func (b *Book) schemas() object {
	out := object{}
	for _, name := range sortedNames(b.Schemas) {
		out = append(out, schema.Member{Name: name, Value: b.Schemas[name]})
	}
	return out
}
