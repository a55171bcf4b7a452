package web

import (
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/web/guard"
)

// Authorization is the one credential a request shows in its head.
type Authorization struct {
	Scheme string // lower case, such as "bearer"; "" when nothing was sent
	Rest   string // everything behind the scheme and its spaces, without trailing blanks
}

// ReadAuthorization reads the Authorization field. A request that sends it
// twice is InvalidRequest (rule 3). Tokens in the query are never looked at.
func ReadAuthorization(r *http.Request) (Authorization, error) {
	lines := r.Header["Authorization"]
	switch {
	case len(lines) == 0:
		return Authorization{}, nil
	case len(lines) > 1:
		return Authorization{}, authority.E(authority.InvalidRequest, "the Authorization header is sent more than once")
	}
	return ParseAuthorization(lines[0])
}

// ParseAuthorization splits the field's value: scheme, one or more spaces, rest
// (RFC 9110 §11.4, rule 3).
func ParseAuthorization(value string) (Authorization, error) {
	value = strings.Trim(value, " \t")
	if value == "" {
		return Authorization{}, nil
	}
	scheme, rest, _ := strings.Cut(value, " ")
	if !guard.IsToken(scheme) {
		return Authorization{}, authority.E(authority.InvalidToken, "")
	}
	return Authorization{Scheme: spelling.LowerASCII(scheme), Rest: strings.TrimLeft(rest, " ")}, nil
}

// Bearer gives the presented bearer token; empty when no Bearer was sent. A
// text that is no token (RFC 6750 §2.1) is InvalidToken, like any other wrong
// one.
func Bearer(r *http.Request) (authority.Secret, error) {
	a, err := ReadAuthorization(r)
	if err != nil || a.Scheme != "bearer" {
		return authority.Secret{}, err
	}
	if !isToken68(a.Rest) {
		return authority.Secret{}, authority.E(authority.InvalidToken, "")
	}
	return authority.NewSecret(a.Rest), nil
}

// maxToken is the longest token that is looked at (rule 15).
const maxToken = 8 << 10

// isToken68 is b64token of RFC 6750 §2.1, bounded.
func isToken68(s string) bool {
	body := strings.TrimRight(s, "=")
	if body == "" || len(s) > maxToken {
		return false
	}
	for i := 0; i < len(body); i++ {
		c := body[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && strings.IndexByte("-._~+/", c) < 0 {
			return false
		}
	}
	return true
}
