package operator

import (
	"bytes"
	"encoding/json"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

// StatusOf gives the status of a code; false for one that the table lacks.
func StatusOf(code authority.Code) (int, bool) { return statusOf(code) }

// ReadBearer gives the token of a request.
func ReadBearer(r *http.Request) (authority.Secret, error) { return bearer(r) }

// NewHash makes the hash of a request.
func NewHash() (string, calls.ResultKey) { return newHash() }

// ReadHash gives the key of a hash.
func ReadHash(text string) (calls.ResultKey, error) { return readHash(text) }

// ReadQuery reads members of a history's request, each the text of a JSON value.
func ReadQuery(numbers, date, number, cursor string) error {
	raw := func(text string) json.RawMessage { return json.RawMessage(bytes.TrimSpace([]byte(text))) }
	r := historyRequest{
		Numbers: raw(numbers), PeriodStart: raw(date), PeriodEnd: raw(date), Direction: raw(number), DurationFrom: raw(number),
		DurationTo: raw(number), IsCallRecord: raw(number), IsRead: raw(number), Cursor: raw(cursor),
	}
	q, err := r.query(authority.Caller{})
	if err == nil {
		_, err = readCursor(r.Cursor, cursorBound(authority.Caller{}, q))
	}
	return err
}
