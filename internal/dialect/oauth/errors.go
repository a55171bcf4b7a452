package oauth

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// failure is the wire form of one code at the endpoints.
type failure struct {
	status int
	word   string
}

// failureOf is the table of RFC 6749 §5.2. Its words say what went wrong with
// the request; for a limit, an outage and a defect it has none, so those of
// §4.1.2.1 are taken.
func failureOf(code authority.Code) failure {
	switch code {
	case authority.InvalidClient, authority.Unauthenticated:
		return failure{http.StatusUnauthorized, "invalid_client"}
	case authority.InvalidGrant:
		return failure{http.StatusBadRequest, "invalid_grant"}
	case authority.UnauthorizedClient:
		return failure{http.StatusBadRequest, "unauthorized_client"}
	case authority.UnsupportedGrantType:
		return failure{http.StatusBadRequest, "unsupported_grant_type"}
	case authority.InvalidScope:
		return failure{http.StatusBadRequest, "invalid_scope"}
	case authority.InvalidToken:
		return failure{http.StatusUnauthorized, "invalid_token"}
	case authority.Forbidden:
		return failure{http.StatusForbidden, "access_denied"}
	case authority.UnsupportedMedia, authority.Unprocessable:
		return failure{http.StatusBadRequest, "invalid_request"}
	case authority.LimitExceeded, authority.Unavailable:
		return failure{web.Status(code), "temporarily_unavailable"}
	case authority.Malformed, authority.InvalidRequest, authority.InvalidValue, authority.NotFound,
		authority.MethodNotAllowed, authority.NotAcceptable, authority.Conflict, authority.TooLarge,
		authority.RangeUnsatisfiable, authority.HeaderTooLarge:
		return failure{web.Status(code), "invalid_request"}
	case authority.Internal:
	}
	return failure{http.StatusInternalServerError, "server_error"}
}

// ErrorAnswer is the error object of the endpoints. RFC 6749 §5.2.
type ErrorAnswer struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// WriteError implements dialect.Dialect: RFC 6749 §5.2 at the endpoints,
// problem details (RFC 9457) everywhere else.
func (d *Dialect) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	if !strings.HasPrefix(r.URL.Path, "/oauth") {
		web.WriteProblem(w, r, err)
		return
	}
	code := authority.CodeOf(err)
	f := failureOf(code)
	if f.word == "invalid_client" {
		askForBasic(web.ExchangeOf(r.Context()))
	}
	answer := ErrorAnswer{Error: f.word}
	var e *authority.Error
	if errors.As(err, &e) {
		answer.Description = description(e.Message)
	}
	body, merr := json.Marshal(answer)
	if merr != nil {
		body = []byte(`{"error":"` + f.word + `"}`)
	}
	noStore(w.Header())
	web.WriteBody(w, f.status, "application/json; charset=utf-8", body)
}

// askForBasic names the scheme that the endpoints take, whatever the client has
// tried (rule 4).
func askForBasic(ex *web.Exchange) {
	_, parameters, _ := strings.Cut(ex.Challenge, " ")
	ex.Challenge = strings.TrimSpace("Basic " + parameters)
}

// description keeps to the characters that error_description may have.
func description(message string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == '"' || c == '\\' || c > '~' {
			return '?'
		}
		return c
	}, message)
}
