package smarts

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"propusk/internal/authority"
)

// misfit is a value of another kind than it should be. Kinds have the words that
// every other body is refused with.
type misfit struct {
	at   string // where it lies, such as products[0].id; "" = the whole
	kind string // with its article
}

// Error implements error.
func (m misfit) Error() string {
	if m.at == "" {
		return "the body must be " + m.kind
	}
	return m.at + " must be " + m.kind
}

// within is err as whoever holds its value at place sees it: a member by its name,
// an element by its number. A long name is cut: no answer grows with what was sent.
func within(place string, err error) error {
	m := misfitOf(err)
	place = strings.ToValidUTF8(place[:min(len(place), 64)], "")
	if m.at != "" && m.at[0] != '[' {
		place += "."
	}
	m.at = place + m.at
	return m
}

// numbered is the place of an element.
func numbered(n int) string { return "[" + strconv.Itoa(n) + "]" }

// misfitOf gives what err says of kinds.
func misfitOf(err error) misfit {
	var m misfit
	if errors.As(err, &m) {
		return m
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return misfit{kind: kindOf(wrong.Type)}
	}
	return misfit{kind: "another value"}
}

// kindOf names the JSON that a type is read from.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Int:
		return "an integer"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}

// refusal is a misfit as the caller is told it; any other error as it is.
func refusal(err error) error {
	var m misfit
	if !errors.As(err, &m) {
		return err
	}
	return authority.E(authority.InvalidValue, m.Error()).With("field", m.at)
}
