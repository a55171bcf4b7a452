package explorer

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
)

// item is a method as a request of a collection. What need not be sent is
// switched off.
func (b *Book) item(m Method) object {
	request := object{{Name: "method", Value: m.Verb}, {Name: "description", Value: m.about()}, {Name: "url", Value: m.address()}}
	if auth := b.auth(m); auth != nil {
		request = append(request, schema.Member{Name: "auth", Value: auth})
	}
	headers := listed(m.Parameters, inHeader)
	if m.Body != nil {
		body := b.formFields(m.Body)
		if m.Body.Fields == nil {
			body = rawBody(m.Body.Example)
			headers = append(headers, pair("Content-Type", m.Body.Media))
		}
		request = append(request, schema.Member{Name: "body", Value: body})
	}
	request = append(request, schema.Member{Name: "header", Value: headers})
	out := object{
		{Name: "name", Value: strings.TrimSuffix(m.Summary, ".")},
		{Name: "request", Value: request},
		{Name: "event", Value: []any{script("test", m.checks())}},
	}
	if m.sendsOn() {
		out = append(out, schema.Member{Name: "protocolProfileBehavior", Value: object{{Name: "followRedirects", Value: false}}})
	}
	return out
}

// sendsOn reports whether a browser that gets the answer goes elsewhere.
func (m Method) sendsOn() bool {
	return m.Answers[0].Status == http.StatusFound || m.Answers[0].Status == http.StatusSeeOther
}

// address is the URL of a request, taken apart as Postman has it.
func (m Method) address() object {
	path := m.Path
	var variables []any
	for _, p := range m.Parameters {
		if p.In != inPath {
			continue
		}
		if wholeSegment(m.Path, p.Name) {
			path = strings.Replace(path, "{"+p.Name+"}", ":"+p.Name, 1)
			variables = append(variables, pair(p.Name, example(p)))
		} else {
			path = strings.Replace(path, "{"+p.Name+"}", "{{"+p.Name+"}}", 1)
		}
	}
	out := object{
		{Name: "raw", Value: "{{baseUrl}}" + path},
		{Name: "host", Value: []string{"{{baseUrl}}"}},
		{Name: "path", Value: strings.Split(strings.Trim(path, "/"), "/")},
	}
	if query := listed(m.Parameters, inQuery); len(query) > 0 {
		out = append(out, schema.Member{Name: "query", Value: query})
	}
	if variables != nil {
		out = append(out, schema.Member{Name: "variable", Value: variables})
	}
	return out
}

// wholeSegment reports whether a wildcard is all that stands between two slashes.
func wholeSegment(path, name string) bool {
	return slices.Contains(strings.Split(path, "/"), "{"+name+"}")
}

// listed are the parameters of one place.
func listed(all []Parameter, in string) []any {
	out := []any{}
	for _, p := range all {
		if p.In == in {
			out = append(out, optional(p, example(p)))
		}
	}
	return out
}

// optional is a pair that is switched off unless it must be sent.
func optional(p Parameter, value string) object {
	one := pair(p.Name, value)
	if p.Schema.Description != "" {
		one = append(one, schema.Member{Name: "description", Value: p.Schema.Description})
	}
	if !p.Required {
		one = append(one, schema.Member{Name: "disabled", Value: true})
	}
	return one
}

// example is what a parameter is filled in with.
func example(p Parameter) string {
	if len(p.Schema.Examples) > 0 {
		return plainText(p.Schema.Examples[0])
	}
	return plainText(p.Schema.Default)
}

// formFields is a form; what a person has is taken from the variables.
func (b *Book) formFields(body *Body) object {
	fields := []any{}
	for _, p := range body.Fields {
		value := example(p)
		for _, w := range b.Manual.Ways {
			if slices.ContainsFunc(w.Inputs, func(i dialect.Input) bool { return i.Name == p.Name }) {
				value = "{{" + p.Name + "}}"
			}
		}
		if p.Name == "token" {
			value = "{{accessToken}}"
		}
		fields = append(fields, optional(p, value))
	}
	return object{{Name: "mode", Value: "urlencoded"}, {Name: "urlencoded", Value: fields}}
}

// auth is what a request shows; nil = the collection's access token.
func (b *Book) auth(m Method) object {
	for _, name := range m.Schemes {
		for _, s := range b.Manual.Schemes {
			switch {
			case s.Name != name:
			case s.Kind == dialect.BasicScheme:
				return basicAuth(templated(s.Holds[0]), templated(s.Holds[1]))
			case s.Holds[0] != "":
				return bearerAuth(templated(s.Holds[0]))
			default:
				return nil
			}
		}
	}
	return object{{Name: "type", Value: "noauth"}}
}

// script is an event of an item.
func script(when string, lines []string) object {
	return object{
		{Name: "listen", Value: when},
		{Name: "script", Value: object{{Name: "type", Value: "text/javascript"}, {Name: "exec", Value: lines}}},
	}
}

// checks say what an answer must be. What reads and has all that it asks for must
// go well.
func (m Method) checks() []string {
	lacks := slices.ContainsFunc(m.Parameters, func(p Parameter) bool { return p.Required && example(p) == "" })
	if m.Verb == http.MethodGet && !lacks && !m.Way {
		if m.Permission != "" {
			return []string{"pm.test('is answered, or not allowed', () => pm.expect(pm.response.code).to.be.oneOf([200, 403]));"}
		}
		return []string{"pm.test('is answered', () => pm.response.to.have.status(200));"}
	}
	return []string{"pm.test('is no fault of the server', () => pm.expect(pm.response.code).to.be.below(500));"}
}

// keeping are the lines that keep the tokens of an answer. They run in the hands
// of whoever imports the collection: where he has not filled in the variables of a
// way, it is shown as left out rather than as failed.
func keeping(w dialect.Way, s dialect.Step) []string {
	var names []string
	for _, name := range needed(w) {
		names = append(names, quoted(name))
	}
	return append(reading(s),
		"const filled = ["+strings.Join(names, ", ")+"].every((name) => pm.variables.get(name));",
		"(filled ? pm.test : pm.test.skip)('gives a token', () => {",
		"  pm.response.to.have.status(200);",
		"  keep(pm.response.json());",
		"});")
}

// reading are the lines of a function that takes an answer apart.
func reading(s dialect.Step) []string {
	return []string{
		"const seconds = (token) => {",
		"  try {",
		"    const { exp, iat } = JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));",
		"    return exp - iat;",
		"  } catch (e) {",
		"    return 0;",
		"  }",
		"};",
		"const keep = (answer) => {",
		"  const token = answer[" + quoted(s.Access) + "];",
		"  const life = answer[" + quoted(s.Expires) + "] || seconds(token);",
		"  pm.collectionVariables.set('accessToken', token);",
		"  pm.collectionVariables.set('refresh_token', answer[" + quoted(s.Refresh) + "] || '');",
		"  pm.collectionVariables.set('accessTokenEnds', String(Date.now() + life * 800));",
		"};",
	}
}

// quoted is a text of JavaScript.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

// renewal are the lines that have a token before a request: none is there, or a
// fifth of its life is left.
func (b *Book) renewal() []string {
	s := b.Manual.Ways[0].Get
	request := object{{Name: "url", Value: "{{baseUrl}}" + s.Path}, {Name: "method", Value: s.Method}}
	header := object{}
	switch {
	case s.Bearer != "":
		header = append(header, schema.Member{Name: "Authorization", Value: "Bearer " + templated(s.Bearer)})
	case s.User != "":
		header = append(header, schema.Member{Name: "Authorization", Value: "Basic"})
	}
	if len(s.Form) > 0 {
		request = append(request, schema.Member{Name: "body", Value: formBodyOf(s.Form)})
	}
	if len(s.JSON) > 0 {
		fields := object{}
		for _, p := range s.JSON {
			fields = append(fields, schema.Member{Name: p.Name, Value: templated(p.Value)})
		}
		header = append(header, schema.Member{Name: "Content-Type", Value: "application/json"})
		request = append(request, schema.Member{Name: "body", Value: rawBody(fields)})
	}
	text, err := json.Marshal(append(request, schema.Member{Name: "header", Value: header}))
	if err != nil {
		return nil
	}
	lines := append(reading(s),
		"const asking = JSON.parse("+quoted(string(text))+", (_, value) => typeof value === 'string' ? pm.variables.replaceIn(value) : value);")
	if s.User != "" {
		lines = append(lines, "asking.header.Authorization += ' ' + btoa(pm.variables.replaceIn("+quoted(templated(s.User)+":"+templated(s.Password))+"));")
	}
	return append(lines,
		"if (!pm.variables.get('accessToken') || Date.now() > Number(pm.variables.get('accessTokenEnds'))) {",
		"  pm.sendRequest(asking, (error, answer) => {",
		"    if (!error && answer.code === 200) keep(answer.json());",
		"  });",
		"}")
}
