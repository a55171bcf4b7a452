package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web/limit"
)

// Status gives the usual status of a code. Dialects whose API documents another
// one keep a table of their own.
func Status(code authority.Code) int {
	switch code {
	case authority.Malformed, authority.InvalidRequest, authority.InvalidValue, authority.InvalidGrant,
		authority.UnauthorizedClient, authority.UnsupportedGrantType, authority.InvalidScope:
		return http.StatusBadRequest
	case authority.InvalidClient, authority.Unauthenticated, authority.InvalidToken:
		return http.StatusUnauthorized
	case authority.Forbidden:
		return http.StatusForbidden
	case authority.NotFound:
		return http.StatusNotFound
	case authority.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case authority.NotAcceptable:
		return http.StatusNotAcceptable
	case authority.Conflict:
		return http.StatusConflict
	default:
		return statusOfLimits(code)
	}
}

func statusOfLimits(code authority.Code) int {
	switch code {
	case authority.TooLarge:
		return http.StatusRequestEntityTooLarge
	case authority.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case authority.RangeUnsatisfiable:
		return http.StatusRequestedRangeNotSatisfiable
	case authority.Unprocessable:
		return http.StatusUnprocessableEntity
	case authority.LimitExceeded:
		return http.StatusTooManyRequests
	case authority.HeaderTooLarge:
		return http.StatusRequestHeaderFieldsTooLarge
	case authority.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// Problem is an RFC 9457 problem details object.
type Problem struct {
	Type     string            `json:"type"`
	Title    string            `json:"title"`
	Status   int               `json:"status"`
	Detail   string            `json:"detail,omitempty"`
	Code     string            `json:"code"`
	Request  string            `json:"request_id"`
	Argument map[string]string `json:"arguments,omitempty"`
}

// WriteProblem answers err as problem details. It is the error shape of paths
// that no dialect claims.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	code := authority.CodeOf(err)
	status := Status(code)
	p := Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: string(code)}
	p.Request = ExchangeOf(r.Context()).ID
	var e *authority.Error
	if errors.As(err, &e) {
		p.Detail, p.Argument = e.Message, e.Fields
	}
	body, merr := json.Marshal(p)
	if merr != nil {
		body = []byte(`{"title":"` + http.StatusText(status) + `"}`)
	}
	WriteBody(w, status, "application/problem+json", body)
}

// WriteBody writes a whole answer with its length. Errors of the connection
// are the client's: there is nobody left to tell.
func WriteBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// ErrorHeaders sets the fields that err asks for whatever the shape of the
// body: Allow, and Retry-After in whole seconds, rounded up (RFC 9110 §10.2.3).
func ErrorHeaders(h http.Header, err error) {
	var e *authority.Error
	if !errors.As(err, &e) {
		return
	}
	if e.Code == authority.MethodNotAllowed {
		h.Set("Allow", strings.Join(e.Allow, ", "))
	}
	if e.Code == authority.LimitExceeded || e.Code == authority.Unavailable {
		h.Set("Retry-After", strconv.FormatInt(max(1, limit.Seconds(e.RetryAfter)), 10))
	}
}
