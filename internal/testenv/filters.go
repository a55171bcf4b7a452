package testenv

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// free are parameters that take any text and find what has it: nothing, mostly.
func free() []string { return []string{"searchText", "verb", "object", "door", "request-id"} }

// filters puts what means nothing into every parameter of a read: it is refused in
// the dialect's shape rather than left out, and where any text will do, what looks
// like a language is text (B45).
func (x *exam) filters(t *testing.T) {
	for _, name := range parameters(reflect.TypeOf(x.rt.Request)) {
		nothing := x.quick(t, x.asked(name, "nonsense"))
		text := slices.Contains(free(), name)
		if refused := nothing.Status >= 400; refused == text {
			t.Errorf("B45: %s=nonsense: %d %.200s", name, nothing.Status, nothing.Body)
		}
		for _, value := range injections() {
			a := x.quick(t, x.asked(name, value))
			if text && (a.Status != nothing.Status || a.Body != nothing.Body) {
				t.Errorf("B45: %s=%s is not what any other text is: %d %.200s", name, value, a.Status, a.Body)
			}
			if !text && a.Status < 400 {
				t.Errorf("B45: %s=%s: %d %.200s", name, value, a.Status, a.Body)
			}
		}
	}
}

// asked is the good call with another value of one parameter.
func (x *exam) asked(name, value string) Call {
	c := x.good
	path, query, _ := strings.Cut(c.Path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set(name, value)
	c.Path = path + "?" + values.Encode()
	return c
}

// parameters gives the names that a request takes from its query.
func parameters(t reflect.Type) []string {
	var out []string
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("query"); name != "" {
			out = append(out, name)
		}
		if f.Anonymous {
			out = append(out, parameters(f.Type)...)
		}
	}
	return out
}

// injections mean something to a database, a template or a shell.
func injections() []string {
	return []string{
		"'", "' OR '1'='1", "\" OR \"\"=\"", "1 OR 1=1", "'; DROP TABLE task; --", "1) UNION SELECT NULL,NULL--", "%' OR 1=1 --", "\\'", "$1",
		"'||(SELECT 1)||'", "1 AND (SELECT 1)=1", "id; --", "{{7*7}}${7*7}`id`", "\u2019 OR 1=1", "ʼ--",
	}
}
