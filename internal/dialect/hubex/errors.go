package hubex

import (
	"cmp"
	"errors"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// wire is how a code looks on the wire. docs/dialects/hubex.md §4
type wire struct {
	status int
	word   string
}

// wireOf is the table from codes to the documented answers; false for a code
// that it lacks.
func wireOf(code authority.Code) (wire, bool) {
	switch code {
	case authority.Malformed:
		return wire{http.StatusBadRequest, "MalformedRequest"}, true
	case authority.InvalidRequest:
		return wire{http.StatusBadRequest, "InvalidRequest"}, true
	case authority.UnsupportedGrantType, authority.InvalidScope:
		return wire{http.StatusBadRequest, "InvalidRequest"}, true
	case authority.InvalidClient, authority.InvalidGrant:
		return wire{http.StatusUnauthorized, "InvalidCredentials"}, true
	case authority.Unauthenticated, authority.InvalidToken:
		return wire{http.StatusUnauthorized, "Unauthorized"}, true
	case authority.UnauthorizedClient, authority.Forbidden:
		return wire{http.StatusForbidden, "AccessDenied"}, true
	case authority.NotFound:
		return wire{http.StatusNotFound, "NotFound"}, true
	case authority.MethodNotAllowed:
		return wire{http.StatusMethodNotAllowed, "MethodNotAllowed"}, true
	case authority.NotAcceptable:
		return wire{http.StatusNotAcceptable, "NotAcceptable"}, true
	case authority.InvalidValue: // not 400: its clients look for this pair
		return wire{http.StatusConflict, "InvalidData"}, true
	case authority.Conflict:
		return wire{http.StatusConflict, "Conflict"}, true
	default:
		return wireOfLimits(code)
	}
}

func wireOfLimits(code authority.Code) (wire, bool) {
	switch code {
	case authority.TooLarge:
		return wire{http.StatusRequestEntityTooLarge, "RequestTooLarge"}, true
	case authority.HeaderTooLarge:
		return wire{http.StatusRequestHeaderFieldsTooLarge, "RequestTooLarge"}, true
	case authority.UnsupportedMedia:
		return wire{http.StatusUnsupportedMediaType, "UnsupportedMediaType"}, true
	case authority.RangeUnsatisfiable:
		return wire{http.StatusRequestedRangeNotSatisfiable, "RangeNotSatisfiable"}, true
	case authority.Unprocessable:
		return wire{http.StatusUnprocessableEntity, "UnprocessableData"}, true
	case authority.LimitExceeded:
		return wire{http.StatusTooManyRequests, "TooManyRequests"}, true
	case authority.Unavailable:
		return wire{http.StatusServiceUnavailable, "Unavailable"}, true
	case authority.Internal:
		return wire{http.StatusInternalServerError, "InternalError"}, true
	default:
		return wire{http.StatusInternalServerError, "InternalError"}, false
	}
}

// errorModel is one element of the array that every refusal is.
type errorModel struct {
	TraceIdentifier string            `json:"traceIdentifier"`
	Code            string            `json:"code"`
	Message         string            `json:"message"`
	Arguments       map[string]string `json:"arguments"`
}

// refusal is the whole answer.
type refusal struct {
	status int
	model  errorModel
}

// StatusCode implements web.Statuser.
func (f refusal) StatusCode() int { return f.status }

// JSONBody implements web.Bodier.
func (f refusal) JSONBody() any { return []errorModel{f.model} }

// SetHeaders implements web.Headerer. RFC 9110 §15.5.17: a range that cannot be
// had tells how many items there are.
func (f refusal) SetHeaders(h http.Header) {
	if total := f.model.Arguments["total"]; f.status == http.StatusRequestedRangeNotSatisfiable && total != "" {
		h.Set("Content-Range", "items */"+total)
	}
}

// WriteError implements dialect.Dialect.
func (d *Dialect) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	out, _ := wireOf(authority.CodeOf(err))
	f := refusal{status: out.status, model: errorModel{
		TraceIdentifier: web.ExchangeOf(r.Context()).ID, Code: out.word, Arguments: map[string]string{},
	}}
	var e *authority.Error
	if errors.As(err, &e) {
		f.model.Message = e.Message
		if e.Fields != nil {
			f.model.Arguments = e.Fields
		}
	}
	f.model.Message = cmp.Or(f.model.Message, http.StatusText(out.status))
	_ = web.Encode(w, f) // strings alone: there is nothing that cannot be encoded
}

// kindsAreRequests answers a value of the wrong kind with 400 instead of 409, as
// the token methods do. docs/dialects/hubex.md §1
func kindsAreRequests(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		err := serve(w, r, c)
		var e *authority.Error
		if !errors.As(err, &e) || e.Code != authority.InvalidValue {
			return err
		}
		again := *e
		again.Code = authority.InvalidRequest
		return &again
	}
}
