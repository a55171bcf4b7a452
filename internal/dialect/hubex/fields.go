package hubex

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

// members are the named values of a body, by lower-case name. The adapter has
// checked the text: it is JSON without repeated names.
type members map[string]json.RawMessage

// readMembers takes a flat object, or a list of {"field","value"}.
func readMembers(body json.RawMessage) (members, error) {
	if bytes.HasPrefix(body, []byte("[")) {
		return readPairs(body)
	}
	return readObject(body)
}

func readObject(body json.RawMessage) (members, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, authority.E(authority.InvalidValue, "the body must be an object")
	}
	m := make(members, len(object))
	for name, value := range object {
		m[strings.ToLower(name)] = value
	}
	return m, nil
}

func readPairs(body json.RawMessage) (members, error) {
	var pairs []struct {
		Field *string         `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(body, &pairs); err != nil {
		return nil, authority.E(authority.InvalidValue, "the body must be a list of objects with field and value")
	}
	m := make(members, len(pairs))
	for _, p := range pairs {
		if p.Field == nil || p.Value == nil {
			return nil, authority.E(authority.InvalidRequest, "an element of the list lacks field or value")
		}
		name := strings.ToLower(*p.Field)
		if _, twice := m[name]; twice {
			return nil, authority.E(authority.InvalidRequest, "a field is named more than once").With("field", *p.Field)
		}
		m[name] = p.Value
	}
	return m, nil
}

// patch reads the members that a caller may set; every other one is ignored, as
// the real API ignores it. null clears.
func (m members) patch() (tasks.Patch, error) {
	var p tasks.Patch
	var bad error
	note := func(err error) {
		if bad == nil {
			bad = err
		}
	}
	note(read(m, "title", textOf, &p.Title))
	note(read(m, "description", textOf, &p.Description))
	note(read(m, "company", textOf, &p.Company))
	note(read(m, "areaID", idOf, &p.Area))
	note(read(m, "assignedTo", idOf, &p.Assignee))
	note(read(m, "deadline", timeOf, &p.Deadline))
	return p, bad
}

// draft reads the same members for a new task.
func (m members) draft() (tasks.Draft, error) {
	p, err := m.patch()
	return tasks.Draft{
		Title: value(p.Title), Description: value(p.Description), Company: value(p.Company),
		Area: value(p.Area), Assignee: value(p.Assignee), Deadline: value(p.Deadline),
	}, err
}

// stamp reads the concurrency stamp that a change rests on; "" for none.
func (m members) stamp() (string, error) {
	var s *string
	err := read(m, "concurrencyStamp", textOf, &s)
	return value(s), err
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// read sets *into from the member name, if it is there; to the zero value when
// it is null.
func read[T any](m members, name string, parse func(json.RawMessage) (T, string), into **T) error {
	raw, ok := m[strings.ToLower(name)]
	if !ok {
		return nil
	}
	var v T
	if string(raw) != "null" {
		var wrong string
		if v, wrong = parse(raw); wrong != "" {
			return authority.E(authority.InvalidValue, name+" must be "+wrong).With("field", name)
		}
	}
	*into = &v
	return nil
}

// textOf reads a string; its second result says what was wanted instead.
func textOf(raw json.RawMessage) (s string, wrong string) {
	if json.Unmarshal(raw, &s) != nil {
		return "", "a string"
	}
	return s, ""
}

// idOf reads an id as a number or as a string of digits: answers hold both.
func idOf(raw json.RawMessage) (authority.ID, string) {
	const wrong = "an id, as a number or a string of digits"
	text := string(raw)
	if strings.HasPrefix(text, `"`) {
		var bad string
		if text, bad = textOf(raw); bad != "" {
			return 0, wrong
		}
	}
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, wrong
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, wrong
	}
	return authority.ID(n), ""
}

// timeOf reads RFC 3339; a time without zone is UTC, a date its midnight.
func timeOf(raw json.RawMessage) (time.Time, string) {
	const wrong = "a date-time such as 2024-05-20T10:00:00Z"
	text, bad := textOf(raw)
	if bad != "" {
		return time.Time{}, wrong
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, ""
		}
	}
	return time.Time{}, wrong
}
