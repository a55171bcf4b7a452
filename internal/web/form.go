package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/web/bind"
)

// Form is an application/x-www-form-urlencoded body. Every name is there once.
type Form map[string]string

// ReadForm reads the form of r strictly: another content type is
// UnsupportedMedia, a name sent twice InvalidRequest (RFC 6749 §3.2). Parameters
// of the query are no part of it.
func ReadForm(r *http.Request) (Form, error) {
	if err := formType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	data, err := ReadBody(r)
	if err != nil {
		return nil, err
	}
	return parseForm(string(data))
}

func parseForm(text string) (Form, error) {
	f := Form{}
	err := bind.Pairs(text, func(name, value string) error {
		if _, twice := f[name]; twice {
			return authority.E(authority.InvalidRequest, "a parameter is sent more than once")
		}
		f[name] = value
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// TakeQuery reads the query of r as strictly as a form, and blanks it in r, so
// that nothing behind it can log or forward what it holds: for doors that are
// documented with a secret in the address.
func TakeQuery(r *http.Request) (Form, error) {
	text := r.URL.RawQuery
	r.URL.RawQuery, r.URL.ForceQuery = "", false
	r.RequestURI = r.URL.EscapedPath()
	return parseForm(text)
}

// Secret gives a value that must not be printed.
func (f Form) Secret(name string) authority.Secret { return authority.NewSecret(f[name]) }

// IsJSON reports whether r says that its body is JSON.
func IsJSON(r *http.Request) bool {
	return strings.HasPrefix(spelling.LowerASCII(r.Header.Get("Content-Type")), "application/json")
}

// ReadJSONForm reads a JSON object as if it were a form, for doors that take
// either: strings, numbers and booleans by their text. What no form can hold,
// such as an object, is left out, as unknown members are elsewhere. A name sent
// twice is refused as in a form.
func ReadJSONForm(r *http.Request) (Form, error) {
	if err := jsonType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	data, err := ReadBody(r)
	if err != nil {
		return nil, err
	}
	members := map[string]json.RawMessage{}
	value := reflect.ValueOf(&members).Elem()
	if err := bind.ShapeOf(value.Type(), bind.Options{}).Decode(data, value); err != nil {
		return nil, err
	}
	f := Form{}
	for name, raw := range members {
		if value, ok := bind.Plain(raw); ok {
			f[name] = value
		}
	}
	return f, nil
}

// ReadValues reads the form of r as ReadForm does, but lets a name be sent more
// than once, as a page's ticked boxes are.
func ReadValues(r *http.Request) (url.Values, error) {
	if err := formType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	data, err := ReadBody(r)
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	err = bind.Pairs(string(data), func(name, value string) error {
		values.Add(name, value)
		return nil
	})
	return values, err
}
