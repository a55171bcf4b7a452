package ringme

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// statusField carries the word of a refusal that has one of its own.
const statusField = "status"

// wire is how a code looks on the wire. docs/dialects/ringme.md §7
type wire struct {
	status int
	word   string // "" = none
}

// callWire is the table of the calls; false for a code that it lacks.
func callWire(code authority.Code) (wire, bool) {
	words := map[authority.Code]string{
		authority.Forbidden: "access_denied", authority.UnauthorizedClient: "access_denied", authority.NotFound: "",
		authority.MethodNotAllowed: "method_not_allowed", authority.NotAcceptable: "not_acceptable", authority.Conflict: "conflict",
		authority.TooLarge: "request_too_large", authority.HeaderTooLarge: "request_too_large",
		authority.UnsupportedMedia: "unsupported_media_type", authority.RangeUnsatisfiable: "range_not_satisfiable",
		authority.Unprocessable: "unprocessable", authority.LimitExceeded: "rate_limit_exceeded",
		authority.Unavailable: "unavailable", authority.Internal: "internal_error",
		authority.Malformed: "bad_request", authority.InvalidRequest: "bad_request", authority.InvalidValue: "bad_request",
		authority.UnsupportedGrantType: "bad_request", authority.InvalidScope: "bad_request",
		authority.InvalidClient: "", authority.InvalidGrant: "", authority.Unauthenticated: "", authority.InvalidToken: "",
	}
	word, ok := words[code]
	switch code {
	case authority.InvalidGrant:
		return wire{http.StatusUnauthorized, word}, ok
	case authority.UnauthorizedClient:
		return wire{http.StatusForbidden, word}, ok
	default:
		return wire{web.Status(code), word}, ok
	}
}

// tokenWire is the table of the token endpoint. Unlike RFC 6749 §5.2 a dead code
// or refresh token is 401 here.
func tokenWire(code authority.Code) (wire, bool) {
	switch code {
	case authority.InvalidClient, authority.Unauthenticated, authority.InvalidToken:
		return wire{http.StatusUnauthorized, "invalid_client"}, true
	case authority.InvalidGrant:
		return wire{http.StatusUnauthorized, "invalid_grant"}, true
	case authority.UnauthorizedClient, authority.UnsupportedGrantType, authority.InvalidScope:
		return wire{http.StatusBadRequest, string(code)}, true
	case authority.Forbidden:
		return wire{http.StatusForbidden, "access_denied"}, true
	case authority.LimitExceeded, authority.Unavailable:
		return wire{web.Status(code), "temporarily_unavailable"}, true
	case authority.Internal:
		return wire{http.StatusInternalServerError, "server_error"}, true
	case authority.UnsupportedMedia, authority.Unprocessable:
		return wire{http.StatusBadRequest, "invalid_request"}, true
	case authority.Malformed, authority.InvalidRequest, authority.InvalidValue, authority.NotFound, authority.MethodNotAllowed,
		authority.NotAcceptable, authority.Conflict, authority.TooLarge, authority.RangeUnsatisfiable, authority.HeaderTooLarge:
		return wire{web.Status(code), "invalid_request"}, true
	}
	return wire{http.StatusInternalServerError, "server_error"}, false
}

// refusal is the whole answer.
type refusal struct {
	status int
	body   any
}

// StatusCode implements web.Statuser.
func (f refusal) StatusCode() int { return f.status }

// JSONBody implements web.Bodier.
func (f refusal) JSONBody() any { return f.body }

type failure struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

type message struct {
	Message string `json:"message"`
	Status  any    `json:"status,omitempty"` // a word; with 401 the number
}

// WriteError implements dialect.Dialect.
func (d *Dialect) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	code, text, own := authority.CodeOf(err), "", ""
	var e *authority.Error
	if errors.As(err, &e) {
		text, own = e.Message, e.Fields[statusField]
		if e.Fields[authority.BlockedField] != "" {
			own = "user_blocked"
		}
	}
	f := refusal{}
	if strings.HasPrefix(strings.ToLower(r.URL.Path), "/oauth") {
		out, _ := tokenWire(code)
		if out.word == "invalid_client" {
			askForBasic(web.ExchangeOf(r.Context()))
		}
		f.status, f.body = out.status, failure{out.word, text}
	} else {
		out, _ := callWire(code)
		f.status, f.body = out.status, said(out, text, own)
	}
	_ = web.Encode(w, f) // strings alone: there is nothing that cannot be encoded
}

// askForBasic names the scheme that the endpoint takes (rule 4).
func askForBasic(ex *web.Exchange) {
	_, parameters, _ := strings.Cut(ex.Challenge, " ")
	ex.Challenge = strings.TrimSpace("Basic " + parameters)
}

// said is the body of a call's refusal.
func said(out wire, text, own string) message {
	switch {
	case out.status == http.StatusUnauthorized:
		return message{"Unauthorized", http.StatusUnauthorized}
	case out.status == http.StatusNotFound:
		return message{Message: "Not found"}
	}
	return message{cmp.Or(text, http.StatusText(out.status)), cmp.Or(own, out.word)}
}
