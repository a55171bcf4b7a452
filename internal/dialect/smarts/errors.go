package smarts

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// wire is how a code looks on the wire: status and the words of both shapes.
// docs/dialects/smarts.md §5
type wire struct {
	status  int
	code    string // at the sets
	session string // at the session paths: RFC 6749 §5.2
}

// wireOf is the table from codes to answers; false for a code that it lacks.
func wireOf(code authority.Code) (wire, bool) {
	switch code {
	case authority.Malformed, authority.InvalidRequest, authority.InvalidValue, authority.InvalidScope:
		return wire{http.StatusBadRequest, "BadRequest", "invalid_request"}, true
	case authority.UnsupportedGrantType:
		return wire{http.StatusBadRequest, "BadRequest", "unsupported_grant_type"}, true
	case authority.InvalidGrant:
		return wire{http.StatusUnauthorized, "Unauthorized", "invalid_grant"}, true
	case authority.InvalidClient:
		return wire{http.StatusUnauthorized, "Unauthorized", "invalid_client"}, true
	case authority.Unauthenticated, authority.InvalidToken:
		return wire{http.StatusUnauthorized, "Unauthorized", "invalid_token"}, true
	case authority.UnauthorizedClient, authority.Forbidden:
		return wire{http.StatusForbidden, "Forbidden", "access_denied"}, true
	case authority.NotFound:
		return wire{http.StatusNotFound, "NotFound", "invalid_request"}, true
	case authority.MethodNotAllowed:
		return wire{http.StatusMethodNotAllowed, "MethodNotAllowed", "invalid_request"}, true
	case authority.NotAcceptable:
		return wire{http.StatusNotAcceptable, "NotAcceptable", "invalid_request"}, true
	case authority.Conflict:
		return wire{http.StatusConflict, "Conflict", "invalid_request"}, true
	default:
		return wireOfLimits(code)
	}
}

func wireOfLimits(code authority.Code) (wire, bool) {
	switch code {
	case authority.TooLarge:
		return wire{http.StatusRequestEntityTooLarge, "RequestTooLarge", "invalid_request"}, true
	case authority.HeaderTooLarge:
		return wire{http.StatusRequestHeaderFieldsTooLarge, "RequestTooLarge", "invalid_request"}, true
	case authority.UnsupportedMedia:
		return wire{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "invalid_request"}, true
	case authority.RangeUnsatisfiable:
		return wire{http.StatusRequestedRangeNotSatisfiable, "RangeNotSatisfiable", "invalid_request"}, true
	case authority.Unprocessable:
		return wire{http.StatusUnprocessableEntity, "UnprocessableContent", "invalid_request"}, true
	case authority.LimitExceeded:
		return wire{http.StatusTooManyRequests, "TooManyRequests", "temporarily_unavailable"}, true
	case authority.Unavailable:
		return wire{http.StatusServiceUnavailable, "ServiceUnavailable", "temporarily_unavailable"}, true
	case authority.Internal:
		return wire{http.StatusInternalServerError, "InternalError", "server_error"}, true
	default:
		return wire{http.StatusInternalServerError, "InternalError", "server_error"}, false
	}
}

// setFailure is a refusal at the sets. OData JSON Format 4.01 §21.1
type setFailure struct {
	status int
	Error  setError `json:"error"`
}

type setError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// StatusCode implements web.Statuser.
func (f setFailure) StatusCode() int { return f.status }

// sessionFailure is a refusal at the session paths. RFC 6749 §5.2
type sessionFailure struct {
	status      int
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// StatusCode implements web.Statuser.
func (f sessionFailure) StatusCode() int { return f.status }

// WriteError implements dialect.Dialect.
func (d *Dialect) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	code := authority.CodeOf(err)
	out, _ := wireOf(code)
	message := http.StatusText(out.status)
	var e *authority.Error
	if errors.As(err, &e) {
		message = cmp.Or(e.Message, message)
	}
	if isSession(r.URL.Path) {
		_ = web.Encode(w, sessionFailure{out.status, out.session, message}) // texts alone: nothing that cannot be encoded
		return
	}
	if out.status == http.StatusUnauthorized {
		message = unknown(code)
		challenge(w, web.ExchangeOf(r.Context()), code)
	}
	_ = web.Encode(w, setFailure{out.status, setError{out.code, message}})
}

// unknown is one text for whatever is wrong with what was shown (rule 4). A pair that
// is wrong is told so here as at the doors.
func unknown(code authority.Code) string {
	if code == authority.InvalidClient {
		return "wrong login or password"
	}
	return "authorization is required: a bearer token, or login and password by Basic"
}

// isSession reports whether path is one of the doors.
func isSession(path string) bool {
	path = strings.ToLower(strings.TrimSuffix(path, "/"))
	return strings.HasSuffix(path, "/session") || strings.HasSuffix(path, "/oauth/token")
}

// challenge names both schemes that the sets take, first the one that was tried
// (rule 4, RFC 9110 §11.6.1).
func challenge(w http.ResponseWriter, ex *web.Exchange, code authority.Code) {
	if ex.Challenge == "" {
		return
	}
	scheme, parameters, _ := strings.Cut(ex.Challenge, " ")
	realm, _, _ := strings.Cut(parameters, ", error=")
	basic := "Basic " + realm + `, charset="UTF-8"`
	list := []string{ex.Challenge, basic}
	if scheme == "Basic" || code == authority.InvalidClient {
		list = []string{basic, "Bearer " + realm}
	}
	w.Header()["Www-Authenticate"] = list
}
