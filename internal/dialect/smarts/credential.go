package smarts

import (
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// The doors of audit entries and of the list of weak doors.
const (
	doorBasic    = "basic"          // base64 on every call
	doorRaw      = "basic_raw"      // login:password as they are, on every call
	doorQuery    = "query"          // the password in the address
	doorPassword = "password_grant" // the password in a body
	doorRefresh  = "refresh_token"
)

// maxPair bounds login and password together. Passwords have at most 1024 bytes,
// logins 128 characters.
const maxPair = 4096

// Credential implements dialect.Dialect: a bearer, or Basic.
func (d *Dialect) Credential(r *http.Request) (authority.Presented, error) {
	a, err := web.ReadAuthorization(r)
	if err != nil || a.Scheme == "" || a.Scheme == "bearer" {
		return dialect.Bearer(r)
	}
	if a.Scheme != "basic" { // shown in vain is not shown nothing: no guest
		return authority.Presented{}, authority.E(authority.InvalidToken, "")
	}
	p, ok := readPair(a.Rest)
	if !ok {
		return authority.Presented{}, authority.E(authority.InvalidClient, "wrong login or password")
	}
	return p, nil
}

// readPair reads what stands behind Basic. base64 has no colon, so a value with
// one is the pair as it is; any other is decoded. The first colon ends the
// login. docs/dialects/smarts.md §1
func readPair(value string) (authority.Presented, bool) {
	door := doorRaw
	if len(value) > 2*maxPair {
		return authority.Presented{}, false
	}
	if !strings.Contains(value, ":") {
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			decoded, err = base64.RawStdEncoding.DecodeString(value)
		}
		if err != nil {
			return authority.Presented{}, false
		}
		door, value = doorBasic, string(decoded)
	}
	login, password, ok := strings.Cut(characters(value), ":")
	if !ok || login == "" || len(value) > maxPair || strings.ContainsFunc(value, control) {
		return authority.Presented{}, false
	}
	return authority.Presented{
		Scheme: authority.Basic, Login: login, Secret: authority.NewSecret(password), Door: door,
	}, true
}

// characters reads bytes as UTF-8 where they are that, as Latin-1 where not.
// Both parts are read alike, so that a pair has one reading. RFC 7617 §2.1
func characters(value string) string {
	if utf8.ValidString(value) {
		return norm.NFC.String(value)
	}
	runes := make([]rune, len(value))
	for i := range len(value) {
		runes[i] = rune(value[i])
	}
	return norm.NFC.String(string(runes))
}

// control reports what RFC 7617 §2 keeps out of both parts.
func control(r rune) bool { return r < ' ' || r == 0x7f }
