package calls

import (
	"strconv"
	"strings"
)

// query gathers the text of a statement and its arguments. Values only ever
// become arguments, never text.
type query struct {
	text strings.Builder
	args []any
}

// arg adds a value and gives its placeholder.
func (q *query) arg(value any) string {
	q.args = append(q.args, value)
	return "$" + strconv.Itoa(len(q.args))
}

// add appends text, with each ? replaced by a placeholder of the next value.
func (q *query) add(text string, values ...any) *query {
	head, rest, _ := strings.Cut(text, "?")
	q.text.WriteString(head)
	for _, value := range values {
		q.text.WriteString(q.arg(value))
		head, rest, _ = strings.Cut(rest, "?")
		q.text.WriteString(head)
	}
	return q
}

// in appends "column IN (…)". The list is filled up with its last value to a
// power of two, so that lists of any length share few statements.
func (q *query) in(column string, values []int64) *query {
	among(q, column, values)
	return q
}

// among is in for values of any kind.
func among[T any](q *query, column string, values []T) {
	size := 1
	for size < len(values) {
		size *= 2
	}
	marks := make([]string, size)
	for i := range marks {
		marks[i] = q.arg(values[min(i, len(values)-1)])
	}
	q.text.WriteString(column + " IN (" + strings.Join(marks, ", ") + ")")
}

func (q *query) String() string { return q.text.String() }
