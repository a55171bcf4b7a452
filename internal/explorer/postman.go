package explorer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
)

// postmanSchema names the format: a collection of Postman, v2.1.
const postmanSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

// Postman writes the book as a collection. Its variables are the stand's address
// and what a person has; with those filled in every request runs, and the token
// is had and renewed by a script.
func (b *Book) Postman(url string) ([]byte, error) {
	methods := object{{Name: "name", Value: "Methods"}, {Name: "item", Value: b.folders()}}
	if len(b.Manual.Ways) > 0 {
		methods = append(methods, schema.Member{Name: "event", Value: []any{script("prerequest", b.renewal())}})
	}
	doc := object{
		{Name: "info", Value: object{
			{Name: "name", Value: b.Manual.Title},
			{Name: "description", Value: b.Manual.About + " Fill in the variables; tokens are had and renewed by a script."},
			{Name: "schema", Value: postmanSchema},
		}},
		{Name: "auth", Value: bearerAuth("{{accessToken}}")},
		{Name: "variable", Value: b.variables(url)},
		{Name: "item", Value: []any{object{{Name: "name", Value: "Tokens"}, {Name: "item", Value: b.tokenItems()}}, methods}},
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return buf.Bytes(), err
}

// variables are what a person fills in and what scripts keep.
func (b *Book) variables(url string) []any {
	names := []string{"baseUrl"}
	for _, w := range b.Manual.Ways {
		names = append(names, needed(w)...)
		for _, input := range w.Inputs {
			names = append(names, input.Name)
		}
	}
	names = append(names, "accessToken", "refresh_token", "accessTokenEnds")
	values := map[string]string{"baseUrl": url}
	for _, m := range b.Methods {
		for _, p := range m.Parameters {
			if p.In == inPath && !wholeSegment(m.Path, p.Name) {
				names, values[p.Name] = append(names, p.Name), example(p)
			}
		}
	}
	var out []any
	for i, name := range names {
		if !slices.Contains(names[:i], name) {
			out = append(out, pair(name, values[name]))
		}
	}
	return out
}

// needed names what a way cannot do without. A code comes from a browser, so that
// it is filled in with what belongs to it.
func needed(w dialect.Way) (names []string) {
	for _, input := range w.Inputs {
		if !input.Optional {
			names = append(names, input.Name)
		}
	}
	if w.Authorize != "" {
		names = append(names, "code", "redirect_uri", "code_verifier")
	}
	return names
}

func pair(key, value string) object {
	return object{{Name: "key", Value: key}, {Name: "value", Value: value}}
}

// tokenItems are the ways in as requests, then the other methods that give
// tokens.
func (b *Book) tokenItems() []any {
	out := []any{}
	var steps []string
	for _, w := range b.Manual.Ways {
		out = append(out, stepItem(w.Title, w, w.Get))
		steps = append(steps, w.Get.Method+" "+w.Get.Path)
		if w.Renew != nil {
			out = append(out, stepItem(w.Title+": renew", w, *w.Renew))
			steps = append(steps, w.Renew.Method+" "+w.Renew.Path)
		}
	}
	for _, m := range b.Methods {
		if m.Way && !slices.Contains(steps, m.Verb+" "+m.Path) {
			out = append(out, b.item(m))
		}
	}
	return out
}

// stepItem is one step of a way in. Its script keeps the tokens.
func stepItem(name string, w dialect.Way, s dialect.Step) object {
	request := object{{Name: "method", Value: s.Method}, {Name: "url", Value: "{{baseUrl}}" + s.Path}}
	auth := object{{Name: "type", Value: "noauth"}}
	switch {
	case s.Bearer != "":
		auth = bearerAuth(templated(s.Bearer))
	case s.User != "":
		auth = basicAuth(templated(s.User), templated(s.Password))
	}
	request = append(request, schema.Member{Name: "auth", Value: auth})
	if len(s.Form) > 0 {
		request = append(request, schema.Member{Name: "body", Value: formBodyOf(s.Form)})
	}
	if len(s.JSON) > 0 {
		fields := object{}
		for _, p := range s.JSON {
			fields = append(fields, schema.Member{Name: p.Name, Value: templated(p.Value)})
		}
		request = append(request, jsonHeader(), schema.Member{Name: "body", Value: rawBody(fields)})
	}
	return object{{Name: "name", Value: name}, {Name: "request", Value: request}, {Name: "event", Value: []any{script("test", keeping(w, s))}}}
}

func jsonHeader() schema.Member {
	return schema.Member{Name: "header", Value: []any{pair("Content-Type", "application/json")}}
}

// templated is a template of a step in Postman's braces.
func templated(text string) string { return strings.NewReplacer("{", "{{", "}", "}}").Replace(text) }

func formBodyOf(pairs []dialect.Pair) object {
	var fields []any
	for _, p := range pairs {
		fields = append(fields, pair(p.Name, templated(p.Value)))
	}
	return object{{Name: "mode", Value: "urlencoded"}, {Name: "urlencoded", Value: fields}}
}

func rawBody(value any) object {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if enc.Encode(value) != nil {
		return nil
	}
	return object{{Name: "mode", Value: "raw"}, {Name: "raw", Value: strings.TrimSpace(buf.String())}}
}

func bearerAuth(token string) object {
	return object{{Name: "type", Value: "bearer"}, {Name: "bearer", Value: []any{typedPair("token", token)}}}
}

func basicAuth(user, password string) object {
	return object{{Name: "type", Value: "basic"}, {Name: "basic", Value: []any{typedPair("username", user), typedPair("password", password)}}}
}

func typedPair(key, value string) object {
	return append(pair(key, value), schema.Member{Name: "type", Value: "string"})
}

// folders are the methods that give no tokens, by group.
func (b *Book) folders() []any {
	out := []any{}
	for _, name := range b.groups() {
		items := []any{}
		for _, m := range b.Methods {
			if m.Group == name && !m.Way {
				items = append(items, b.item(m))
			}
		}
		if len(items) > 0 {
			out = append(out, object{{Name: "name", Value: name}, {Name: "item", Value: items}})
		}
	}
	return out
}
