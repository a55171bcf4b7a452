package element

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Responses with another status than 200.
type created struct{}

// StatusCode implements web.Statuser.
func (created) StatusCode() int { return http.StatusCreated }

// everywhere is the one element of a list of areas that means all of them.
const everywhere = "*"

// areas is what part of the account's work somebody sees: UUIDs of areas, or
// ["*"] for all.
type areas struct {
	all   bool
	ids   []uuid
	mixed bool // all of them, and some
}

func areasOf(a authority.Areas) areas { return areas{all: a.All, ids: uuids(a.IDs)} }

// MarshalJSON implements json.Marshaler.
func (a areas) MarshalJSON() ([]byte, error) {
	if a.all {
		return json.Marshal([]string{everywhere})
	}
	if a.ids == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(a.ids)
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *areas) UnmarshalJSON(text []byte) error {
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	if len(list) == 1 && list[0] == everywhere {
		*a = areas{all: true}
		return nil
	}
	*a = areas{ids: make([]uuid, len(list)), mixed: slices.Contains(list, everywhere)}
	for i, text := range list {
		_ = a.ids[i].UnmarshalText([]byte(text)) // never fails: need tells
	}
	return nil
}

func (a areas) need() (authority.Areas, error) {
	if a.mixed {
		return authority.Areas{}, authority.E(authority.InvalidRequest, `areas must be ["*"] alone, for all of them, or the UUIDs of some`).
			With("parameter", "areas")
	}
	list, err := ids(a.ids)
	return authority.Areas{All: a.all, IDs: list}, err
}

// rights are the roles and areas that a body names; a nil field stays as it is.
type rights struct {
	Roles *[]uuid `json:"roles"`
	Areas *areas  `json:"areas"`
}

// need reads both.
func (r rights) need() (roles *[]authority.ID, see *authority.Areas, err error) {
	if r.Roles != nil {
		list, err := ids(*r.Roles)
		if err != nil {
			return nil, nil, err
		}
		roles = &list
	}
	if r.Areas != nil {
		a, err := r.Areas.need()
		if err != nil {
			return nil, nil, err
		}
		see = &a
	}
	return roles, see, nil
}

// given gives what a pointer holds, or the zero value.
func given[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// moment is a time in answers; nil = none. Milliseconds and Z, as the real API
// writes them.
type moment struct{ time.Time }

func momentOf(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	return &moment{t}
}

// MarshalJSON implements json.Marshaler: that of time.Time would be taken
// otherwise.
func (m moment) MarshalJSON() ([]byte, error) {
	return json.Marshal(m.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// maxSpan is the longest span that a body may name in seconds; package admin
// judges what is sensible.
const maxSpan = int64(1) << 32

// span reads seconds.
func span(name string, seconds int64) (time.Duration, error) {
	if seconds < 0 || seconds > maxSpan {
		return 0, authority.E(authority.InvalidValue, name+" must be a number of seconds").
			With("parameter", name).With("limit", "0")
	}
	return time.Duration(seconds) * time.Second, nil
}

// emptyBody takes a request without a body for one with an empty object: what
// such a method can be told is all optional.
func emptyBody(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if r.ContentLength == 0 {
			r = r.WithContext(r.Context())
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
		}
		return serve(w, r, c)
	}
}
