package web

import (
	"net/http"

	"propusk/internal/authority"
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
	err := eachPair(text, func(name, value string) error {
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

// Secret gives a value that must not be printed.
func (f Form) Secret(name string) authority.Secret { return authority.NewSecret(f[name]) }
