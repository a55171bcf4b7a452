package operation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"propusk/internal/authority"
)

// decode reads an input strictly: a field that is not known is a mistake of the
// one who typed it.
func decode[I any](raw json.RawMessage, into *I) error {
	if len(raw) == 0 || strict(raw, into) == nil {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return authority.E(authority.Malformed, "the input must be one JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		one, err := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		if err == nil {
			err = strict(one, new(I))
		}
		if err != nil {
			return authority.E(authority.InvalidValue, name+": "+fault(err))
		}
	}
	return authority.E(authority.Malformed, "the input must be one JSON object")
}

// errMore says that something stands behind the value.
var errMore = errors.New("more than one value")

// strict reads one JSON value that has no member but those of into.
func strict(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errMore
	}
	return nil
}

// fault says what is wrong with one input, in words of those who type it.
func fault(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, errSpan), errors.Is(err, errMoment):
		return err.Error()
	case errors.Is(err, errYes):
		return "must be true or false"
	case strings.Contains(err.Error(), "unknown field"):
		return "there is no such input"
	case !errors.As(err, &wrong):
		return "must be a whole number"
	}
	switch wrong.Type.Kind() {
	case reflect.String:
		return "must be text"
	case reflect.Bool:
		return "must be true or false"
	case reflect.Slice, reflect.Array:
		return "must be a list"
	case reflect.Map, reflect.Struct:
		return "must be an object"
	default:
		return "must be a whole number"
	}
}
