package operator

import (
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// bearer reads the presented token. The documentation prints the header's value
// in quotes, and clients copy them: round the whole value, or round the token
// (rule 3).
func bearer(r *http.Request) (authority.Secret, error) {
	lines := r.Header["Authorization"]
	if len(lines) == 1 {
		r = &http.Request{Header: http.Header{"Authorization": {unquoted(lines[0])}}}
	}
	token, err := web.Bearer(r)
	if err == nil && token.Empty() {
		err = dialect.ErrNoCredential
	}
	return token, err
}

// unquoted takes the quotes off a header's value and off what stands behind its
// scheme.
func unquoted(value string) string {
	scheme, rest, found := strings.Cut(unquote(value), " ")
	if !found {
		return scheme
	}
	return scheme + " " + unquote(rest)
}

// unquote takes one pair of quotes off, and blanks around and inside them.
func unquote(text string) string {
	text = strings.Trim(text, " \t")
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		return strings.Trim(text[1:n-1], " \t")
	}
	return text
}
