package query

import (
	"cmp"
	"strings"
	"time"
)

// Kind is the type of a field or literal.
type Kind uint8

// The kinds. NullKind is of literals alone.
const (
	NullKind Kind = iota
	StringKind
	NumberKind
	BoolKind
	TimeKind
	ListKind // of fields alone: values within, which are shown and not compared
)

// String names k for people.
func (k Kind) String() string {
	switch k {
	case StringKind:
		return "text"
	case NumberKind:
		return "number"
	case BoolKind:
		return "true or false"
	case TimeKind:
		return "time"
	case NullKind:
		return "null"
	case ListKind:
		return "list"
	}
	return "unknown"
}

// Value is what a field holds or a literal says. The zero Value is null.
type Value struct {
	Kind   Kind
	Text   string
	Number float64
	Bool   bool
	Time   time.Time
}

// Text makes a text.
func Text(s string) Value { return Value{Kind: StringKind, Text: s} }

// Flag makes a truth value.
func Flag(b bool) Value { return Value{Kind: BoolKind, Bool: b} }

// Count makes a number.
func Count(n int) Value { return Number(float64(n)) }

// Number makes a number.
func Number(n float64) Value { return Value{Kind: NumberKind, Number: n} }

// Moment makes a time.
func Moment(at time.Time) Value { return Value{Kind: TimeKind, Time: at} }

// compare orders two values of one kind; null comes before everything.
func compare(a, b Value) int {
	if a.Kind != b.Kind {
		return cmp.Compare(a.Kind, b.Kind)
	}
	switch a.Kind {
	case StringKind:
		return strings.Compare(a.Text, b.Text)
	case NumberKind:
		return cmp.Compare(a.Number, b.Number)
	case TimeKind:
		return a.Time.Compare(b.Time)
	case BoolKind:
		return cmp.Compare(rank(a.Bool), rank(b.Bool))
	case NullKind, ListKind:
	}
	return 0
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Field is a property that options may name.
type Field struct {
	Name string
	Kind Kind
}

// Schema lists the properties of a set, in the order they are written.
type Schema []Field

// Find gives the field called name, which is matched as it is spelled.
func (s Schema) Find(name string) (Field, bool) {
	for _, f := range s {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Row is one element of a set.
type Row interface {
	// Field gives the value of a field of the schema.
	Field(name string) Value
}
