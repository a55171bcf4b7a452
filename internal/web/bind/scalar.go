package bind

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
)

// scalar turns the text of a parameter, or of a JSON string, into one kind of
// Go value. Name is what error messages call the kind.
type scalar struct {
	name string
	set  func(v reflect.Value, text string) error
}

// errKind says that a text is not of the wanted kind; callers name the kind.
var errKind = errors.New("wrong kind")

// scalarOf gives the scalar of t; false for kinds that hold more than one
// value.
func scalarOf(t reflect.Type) (scalar, bool) {
	switch {
	case t == reflect.TypeFor[authority.Secret]():
		return scalar{"string", setSecret}, true
	case t == reflect.TypeFor[time.Time]():
		return scalar{"date-time", setTime}, true
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return scalar{"string", setText}, true
	}
	switch t.Kind() {
	case reflect.String:
		return scalar{"string", setString}, true
	case reflect.Bool:
		return scalar{"boolean", setBool}, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scalar{"integer", setInt}, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scalar{"integer", setUint}, true
	case reflect.Float32, reflect.Float64:
		return scalar{"number", setFloat}, true
	}
	return scalar{}, false
}

func setSecret(v reflect.Value, s string) error {
	v.Set(reflect.ValueOf(authority.NewSecret(s)))
	return nil
}

func setString(v reflect.Value, s string) error {
	v.SetString(s)
	return nil
}

func setText(v reflect.Value, s string) error {
	u, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	if !ok {
		return errKind
	}
	return u.UnmarshalText([]byte(s))
}

func setBool(v reflect.Value, s string) error {
	switch strings.ToLower(s) {
	case "true", "1":
		v.SetBool(true)
	case "false", "0":
		v.SetBool(false)
	default:
		return errKind
	}
	return nil
}

func setInt(v reflect.Value, s string) error {
	if strings.HasPrefix(s, "+") {
		return errKind
	}
	n, err := strconv.ParseInt(s, 10, v.Type().Bits())
	if err != nil {
		return errKind
	}
	v.SetInt(n)
	return nil
}

func setUint(v reflect.Value, s string) error {
	if strings.HasPrefix(s, "+") {
		return errKind
	}
	n, err := strconv.ParseUint(s, 10, v.Type().Bits())
	if err != nil {
		return errKind
	}
	v.SetUint(n)
	return nil
}

func setFloat(v reflect.Value, s string) error {
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return errKind // hexadecimal, infinity and the like
	}
	f, err := strconv.ParseFloat(s, v.Type().Bits())
	if err != nil {
		return errKind
	}
	v.SetFloat(f)
	return nil
}

func setTime(v reflect.Value, s string) error {
	t, err := ParseTime(s)
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(t))
	return nil
}

// ParseTime takes RFC 3339 and its parts: a date alone is its midnight, a time
// without zone is UTC. A blank before the zone is a plus sign that the query
// decoding took.
func ParseTime(s string) (time.Time, error) {
	if i := len(s) - len("+03:00"); i > 0 && s[i] == ' ' {
		s = s[:i] + "+" + s[i+1:]
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		t, err := time.Parse(layout, s)
		if err == nil && 0 < t.Year() && t.Year() < 10000 {
			return t, nil
		}
	}
	return time.Time{}, errKind
}

// wrongKind is the error of a value that has another kind than the field.
func wrongKind(parameter, kind string) *authority.Error {
	return authority.E(authority.InvalidValue, parameter+" must be "+article(kind)+" "+kind).
		With("parameter", parameter).With("kind", kind)
}

func article(kind string) string {
	if strings.ContainsAny(kind[:1], "aeiou") {
		return "an"
	}
	return "a"
}
