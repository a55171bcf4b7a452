package authority

import (
	"errors"
	"time"
)

// Code says what went wrong, in words that every dialect can translate. The
// zero Code is not used. Each dialect keeps one table from Code to its wire
// form; a test proves that the table is complete (see Codes).
type Code string

// The codes. The words are those of RFC 6749 §5.2 and RFC 6750 §3.1 where they
// have one.
const (
	Malformed            Code = "malformed"              // the request cannot be read: broken JSON, form, encoding
	InvalidRequest       Code = "invalid_request"        // a field is missing, repeated or contradicts another
	InvalidValue         Code = "invalid_value"          // a field is of the wrong type or outside its range
	InvalidClient        Code = "invalid_client"         // client authentication failed
	InvalidGrant         Code = "invalid_grant"          // code, refresh token or password refused
	UnauthorizedClient   Code = "unauthorized_client"    // this client may not use this grant type
	UnsupportedGrantType Code = "unsupported_grant_type" // no such grant type
	InvalidScope         Code = "invalid_scope"          // scope unknown or wider than granted
	Unauthenticated      Code = "unauthenticated"        // no credential was presented
	InvalidToken         Code = "invalid_token"          // a bearer was presented and is refused
	Forbidden            Code = "forbidden"              // known caller without the permission
	NotFound             Code = "not_found"              // missing, or behind a wall: indistinguishable
	MethodNotAllowed     Code = "method_not_allowed"     // the path exists with other methods
	NotAcceptable        Code = "not_acceptable"         // no representation the client accepts
	Conflict             Code = "conflict"               // stale stamp, repeated key, unique value taken
	TooLarge             Code = "too_large"              // body over its limit
	UnsupportedMedia     Code = "unsupported_media"      // content type or coding not taken here
	RangeUnsatisfiable   Code = "range_unsatisfiable"    // Range starts past the end
	Unprocessable        Code = "unprocessable"          // well-formed and typed, but not acceptable as content
	LimitExceeded        Code = "limit_exceeded"         // over a limit; RetryAfter says how long to wait
	HeaderTooLarge       Code = "header_too_large"       // head of the request over its limit
	Unavailable          Code = "unavailable"            // storage, lease or capacity is not there now
	Internal             Code = "internal"               // a defect of ours; never for input
)

// Codes lists every Code once, for tables that must be complete.
func Codes() []Code {
	return []Code{
		Malformed, InvalidRequest, InvalidValue, InvalidClient, InvalidGrant,
		UnauthorizedClient, UnsupportedGrantType, InvalidScope, Unauthenticated,
		InvalidToken, Forbidden, NotFound, MethodNotAllowed, NotAcceptable,
		Conflict, TooLarge, UnsupportedMedia, RangeUnsatisfiable, Unprocessable,
		LimitExceeded, HeaderTooLarge, Unavailable, Internal,
	}
}

// Error is the one error type that crosses package borders. Message is public
// and names what to change; Err is the cause and only ever reaches the log.
// Fields are public arguments of the message (never a secret, never a value the
// client did not send itself). RetryAfter is zero unless Code is LimitExceeded
// or Unavailable.
type Error struct {
	Code       Code
	Message    string
	Fields     map[string]string
	RetryAfter time.Duration
	Allow      []string // methods that the path takes; only with MethodNotAllowed
	Err        error
}

// E makes an Error with a public message.
func E(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Invalid is InvalidValue for a named field.
func Invalid(field, message string) *Error { return E(InvalidValue, message).With("field", field) }

// Wrap makes an Error whose cause err is kept for the log.
func Wrap(code Code, message string, err error) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// With returns a copy of e that carries one more public argument.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Fields = make(map[string]string, len(e.Fields)+1)
	for k, v := range e.Fields {
		c.Fields[k] = v
	}
	c.Fields[key] = value
	return &c
}

// Error implements error. It includes the cause, so it is for logs, not for
// clients.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error with the same Code and no message, so
// that errors.Is(err, E(NotFound, "")) asks for a code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Message == "" && t.Code == e.Code
}

// CodeOf gives the Code of err: Internal for an error that is not an *Error,
// and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
