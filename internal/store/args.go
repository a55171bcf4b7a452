package store

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"propusk/internal/authority"
)

// bind brings args to the five kinds of value that both engines read alike:
// nil, int64, float64, string and []byte. The slice is changed in place.
func bind(args []any) error {
	for i, arg := range args {
		v, err := value(arg)
		if err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
		args[i] = v
	}
	return nil
}

func value(arg any) (any, error) {
	switch v := arg.(type) {
	case nil, int64, float64, []byte:
		return v, nil
	case string:
		return v, checkText(v)
	case int:
		return int64(v), nil
	case bool:
		return truth(v), nil
	case authority.ID:
		return int64(v), nil
	case driver.Valuer:
		inner, err := v.Value()
		if err != nil {
			return nil, err
		}
		return value(inner)
	}
	return valueOf(reflect.ValueOf(arg))
}

// valueOf handles named types by their kind.
func valueOf(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.String:
		return v.String(), checkText(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() <= math.MaxInt64 {
			return int64(v.Uint()), nil
		}
	case reflect.Bool:
		return truth(v.Bool()), nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), nil
		}
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return value(v.Elem().Interface())
	}
	return nil, fmt.Errorf("%w: no column takes a %s", errDefect, v.Type())
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// checkText refuses what PostgreSQL cannot keep and SQLite would (rule 19). The
// edge refuses it first; this makes the two engines agree if it does not.
func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return authority.E(authority.InvalidValue, "text must be valid UTF-8 without NUL")
	}
	return nil
}
