package element

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// wire is how a code looks on the wire: the status of HTTP and, in the body, a
// number with its name from gRPC. docs/dialects/element.md §4
type wire struct {
	status int
	code   int
	word   string
}

// The numbers and names that the dialect knows.
const (
	codeInvalidArgument   = 3
	codeNotFound          = 5
	codeAlreadyExists     = 6
	codePermissionDenied  = 7
	codeResourceExhausted = 8
	codeFailed            = 9
	codeOutOfRange        = 11
	codeInternal          = 13
	codeUnavailable       = 14
	codeUnauthenticated   = 16
)

func invalidArgument(status int) wire { return wire{status, codeInvalidArgument, "INVALID_ARGUMENT"} }

// wireOf is the table from codes to the documented answers; false for a code
// that it lacks.
func wireOf(code authority.Code) (wire, bool) {
	switch code {
	case authority.Malformed, authority.InvalidRequest, authority.InvalidValue,
		authority.UnsupportedGrantType, authority.InvalidScope:
		return invalidArgument(http.StatusBadRequest), true
	case authority.InvalidClient, authority.InvalidGrant, authority.Unauthenticated, authority.InvalidToken:
		return wire{http.StatusUnauthorized, codeUnauthenticated, "UNAUTHENTICATED"}, true
	case authority.UnauthorizedClient, authority.Forbidden:
		return wire{http.StatusForbidden, codePermissionDenied, "PERMISSION_DENIED"}, true
	case authority.NotFound:
		return wire{http.StatusNotFound, codeNotFound, "NOT_FOUND"}, true
	case authority.Conflict:
		return wire{http.StatusConflict, codeAlreadyExists, "ALREADY_EXISTS"}, true
	case authority.Unprocessable:
		return wire{http.StatusBadRequest, codeFailed, "FAILED_PRECONDITION"}, true
	case authority.RangeUnsatisfiable:
		return wire{http.StatusBadRequest, codeOutOfRange, "OUT_OF_RANGE"}, true
	case authority.MethodNotAllowed, authority.NotAcceptable, authority.TooLarge, authority.UnsupportedMedia,
		authority.HeaderTooLarge:
		return invalidArgument(web.Status(code)), true
	case authority.LimitExceeded:
		return wire{http.StatusTooManyRequests, codeResourceExhausted, "RESOURCE_EXHAUSTED"}, true
	case authority.Unavailable:
		return wire{http.StatusServiceUnavailable, codeUnavailable, "UNAVAILABLE"}, true
	case authority.Internal:
		return defect(), true
	default:
		return defect(), false
	}
}

func defect() wire { return wire{http.StatusInternalServerError, codeInternal, "INTERNAL"} }

// refusal is the body of every error.
type refusal struct {
	Code    int    `json:"code"`
	Status  string `json:"status"`
	Message string `json:"message"`
	Details string `json:"details"`

	http int
}

// StatusCode implements web.Statuser.
func (f refusal) StatusCode() int { return f.http }

// refusalOf writes err in the dialect's words. What lies outside its range has
// a number of its own.
func refusalOf(err error) refusal {
	w, _ := wireOf(authority.CodeOf(err))
	var e *authority.Error
	if !errors.As(err, &e) {
		e = &authority.Error{}
	}
	if e.Code == authority.InvalidValue && e.Fields["limit"] != "" {
		w.code, w.word = codeOutOfRange, "OUT_OF_RANGE"
	}
	return refusal{
		Code: w.code, Status: w.word, http: w.status,
		Message: cmp.Or(e.Message, http.StatusText(w.status)), Details: details(e.Fields),
	}
}

// details joins the arguments of an error, in order: `limit: 1000; parameter: size`.
func details(fields map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, key+": "+fields[key])
	}
	return strings.Join(parts, "; ")
}

// WriteError implements dialect.Dialect.
func (d *Dialect) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	ex := web.ExchangeOf(r.Context())
	switch {
	case ex.Route == nil:
	case ex.Route.Door != "":
		askForBasic(ex)
	case ex.Route.Pattern == cdrPath:
		err = askForEither(w, ex, err)
	}
	_ = web.Encode(w, refusalOf(err)) // strings and numbers: there is nothing that cannot be encoded
}

// askForBasic names the scheme that the ways in take, whatever the client has
// tried (rule 4).
func askForBasic(ex *web.Exchange) {
	_, parameters, _ := strings.Cut(ex.Challenge, " ")
	ex.Challenge = strings.TrimSpace("Basic " + parameters)
}

// askForEither names both schemes that records are taken with, first the one
// that was tried, and has one text whatever was shown (rule 4).
func askForEither(w http.ResponseWriter, ex *web.Exchange, err error) error {
	if w, _ := wireOf(authority.CodeOf(err)); w.status != http.StatusUnauthorized || ex.Challenge == "" {
		return err
	}
	scheme, parameters, _ := strings.Cut(ex.Challenge, " ")
	realm, _, _ := strings.Cut(parameters, ", error=")
	list := []string{ex.Challenge, "Basic " + realm}
	if scheme == "Basic" {
		list = []string{ex.Challenge, "Bearer " + realm}
	}
	w.Header()["Www-Authenticate"] = list
	return authority.E(authority.Unauthenticated, "an access key by Basic is required, or a bearer token")
}
