package store

import (
	"database/sql"
	"reflect"

	"propusk/internal/authority"
)

// scanner copies columns into variables. database/sql turns a number into text
// and back for every variable of a named type; here it is copied as it came. It
// belongs to a session and so has one user at a time.
type scanner struct {
	values []any
	refs   []any // points at values
}

// row copies the current row of rows into dest. A column that does not fit as
// it came is left to database/sql, with the whole row.
func (s *scanner) row(rows *sql.Rows, dest []any) error {
	n := len(dest)
	s.grow(n)
	defer clear(s.values[:n])
	if err := rows.Scan(s.refs[:n]...); err != nil {
		return err
	}
	for i, v := range s.values[:n] {
		if !assign(dest[i], v) {
			return rows.Scan(dest...)
		}
	}
	return nil
}

func (s *scanner) grow(n int) {
	if n <= len(s.values) {
		return
	}
	s.values, s.refs = make([]any, n), make([]any, n)
	for i := range s.values {
		s.refs[i] = &s.values[i]
	}
}

// assign reports whether v went into dest without a conversion that could lose
// anything.
func assign(dest, v any) bool {
	switch v := v.(type) {
	case int64:
		return assignInt(dest, v)
	case string:
		return assignText(dest, v)
	case []byte:
		if d, ok := dest.(*[]byte); ok {
			*d = v // a copy already
			return true
		}
	}
	return false
}

func assignInt(dest any, v int64) bool {
	switch d := dest.(type) {
	case *int64:
		*d = v
	case *authority.ID:
		*d = authority.ID(v)
	default:
		return assignKind(dest, v)
	}
	return true
}

func assignKind(dest any, v int64) bool {
	d, ok := variable(dest)
	switch {
	case !ok:
		return false
	case d.CanInt() && !d.OverflowInt(v):
		d.SetInt(v)
	case d.CanUint() && v >= 0 && !d.OverflowUint(uint64(v)):
		d.SetUint(uint64(v))
	default:
		return false
	}
	return true
}

func assignText(dest any, v string) bool {
	if d, ok := dest.(*string); ok {
		*d = v
		return true
	}
	d, ok := variable(dest)
	if !ok || d.Kind() != reflect.String {
		return false
	}
	d.SetString(v)
	return true
}

// variable gives what dest points at, unless dest wants to read for itself.
func variable(dest any) (reflect.Value, bool) {
	p := reflect.ValueOf(dest)
	if _, reads := dest.(sql.Scanner); reads || p.Kind() != reflect.Pointer || p.IsNil() {
		return reflect.Value{}, false
	}
	return p.Elem(), true
}
