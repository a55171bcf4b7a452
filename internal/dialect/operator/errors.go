package operator

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// statusOf is the table from codes to statuses, which are also the documented
// error codes; false for a code that it lacks. docs/dialects/operator.md §3
func statusOf(code authority.Code) (int, bool) {
	switch code {
	case authority.Malformed, authority.InvalidRequest, authority.InvalidValue, authority.UnsupportedGrantType,
		authority.InvalidScope, authority.Unprocessable:
		return http.StatusBadRequest, true
	case authority.Unauthenticated, authority.InvalidToken, authority.InvalidClient, authority.InvalidGrant:
		return http.StatusUnauthorized, true
	case authority.UnauthorizedClient, authority.Forbidden:
		return http.StatusForbidden, true
	case authority.NotFound, authority.MethodNotAllowed, authority.NotAcceptable, authority.Conflict, authority.TooLarge,
		authority.UnsupportedMedia, authority.RangeUnsatisfiable, authority.LimitExceeded, authority.HeaderTooLarge,
		authority.Unavailable, authority.Internal:
		return web.Status(code), true
	}
	return http.StatusInternalServerError, false
}

// envelope is every refusal.
type envelope struct {
	Error  failure `json:"error"`
	Result *string `json:"result"` // null

	status int
}

type failure struct {
	ErrorMessage string `json:"errorMessage"`
	ErrorCode    int    `json:"errorCode"`
}

// StatusCode implements web.Statuser.
func (e envelope) StatusCode() int { return e.status }

// WriteError implements dialect.Dialect.
func (d *Dialect) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	status, _ := statusOf(authority.CodeOf(err))
	message := ""
	var e *authority.Error
	if errors.As(err, &e) {
		message = e.Message
	}
	if authority.CodeOf(err) == authority.InvalidToken {
		message = wanted(r.URL.Path)
	}
	out := envelope{Error: failure{cmp.Or(message, http.StatusText(status)), status}, status: status}
	_ = web.Encode(w, out) // strings alone: there is nothing that cannot be encoded
}

// wanted names the token that a method takes; whatever is wrong with it.
func wanted(path string) string {
	path = strings.ToLower(strings.TrimSuffix(path, "/"))
	switch {
	case strings.HasSuffix(path, createPath):
		return "the authorization token is not valid"
	case strings.HasSuffix(path, refreshPath):
		return "the refresh token is not valid"
	}
	return "the access token is not valid"
}
