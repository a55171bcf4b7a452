package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
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

// IsForm reports whether r says that its body is a form.
func IsForm(r *http.Request) bool {
	return strings.HasPrefix(spelling.LowerASCII(r.Header.Get("Content-Type")), "application/x-www-form-urlencoded")
}

// Fold gives f with its names in lower case, for doors that take them in any. Two
// spellings of one name would let a filter in front read another value than we do.
func (f Form) Fold() (Form, error) {
	out := make(Form, len(f))
	for name, value := range f {
		key := spelling.LowerASCII(name)
		if _, twice := out[key]; twice {
			return nil, authority.E(authority.InvalidRequest, "a parameter is sent more than once")
		}
		out[key] = value
	}
	return out, nil
}

// ReadJSONForm reads a JSON object as if it were a form, for doors that take
// either: strings, numbers and booleans by their text. Members named in texts, in
// any case, must be strings. What else no form can hold, such as an object, is left
// out, as unknown members are elsewhere. A name sent twice is refused as in a form.
func ReadJSONForm(r *http.Request, texts ...string) (Form, error) {
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
		if raw[0] != '"' && raw[0] != 'n' && slices.Contains(texts, spelling.LowerASCII(name)) {
			return nil, authority.E(authority.InvalidValue, name+" must be a string").With("parameter", name)
		}
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
