package store

import (
	"slices"
	"strconv"
	"strings"
)

// Statement gathers the text of a statement and its arguments. Values only ever
// become arguments, never text. The zero Statement is empty.
type Statement struct {
	text strings.Builder
	args []any
}

// Grow makes room for n more arguments.
func (s *Statement) Grow(n int) { s.args = slices.Grow(s.args, n) }

// Add appends text, with each ? replaced by a placeholder of the next value.
func (s *Statement) Add(text string, values ...any) *Statement {
	for _, value := range values {
		before, behind, _ := strings.Cut(text, "?")
		s.text.WriteString(before)
		s.text.WriteString(s.arg(value))
		text = behind
	}
	s.text.WriteString(text)
	return s
}

// In appends "column IN (…)" to s. The list is filled up with its last value to
// a power of two, so that lists of any length share few statements. One without
// values holds for no row.
func In[T any](s *Statement, column string, values []T) *Statement {
	if len(values) == 0 {
		return s.Add("1 = 0")
	}
	size := 1
	for size < len(values) {
		size *= 2
	}
	marks := make([]string, size)
	for i := range marks {
		marks[i] = s.arg(values[min(i, len(values)-1)])
	}
	return s.Add(column + " IN (" + strings.Join(marks, ", ") + ")")
}

// Like gives the pattern that finds text anywhere, for LIKE … ESCAPE '!'.
func Like(text string) string { return "%" + LikeText(text) + "%" }

// LikeText keeps what LIKE reads as a pattern from being one: for LIKE … ESCAPE
// '!'.
func LikeText(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// arg adds a value and gives its placeholder.
func (s *Statement) arg(value any) string {
	s.args = append(s.args, value)
	return "$" + strconv.Itoa(len(s.args))
}

// String gives the text.
func (s *Statement) String() string { return s.text.String() }

// Args gives the arguments in the order of their placeholders.
func (s *Statement) Args() []any { return s.args }
