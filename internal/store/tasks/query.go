package tasks

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
	for _, value := range values {
		part, rest, _ := strings.Cut(text, "?")
		q.text.WriteString(part + q.arg(value))
		text = rest
	}
	q.text.WriteString(text)
	return q
}

// in appends "column IN (…)". The list is filled up with its last value to a
// power of two, so that lists of any length share few statements.
func (q *query) in(column string, values []int64) {
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

// between appends the condition that a task stands in [lo, hi). The plain bounds
// say nothing new: PostgreSQL judges by them how little that is, and SQLite
// takes for its index what comes first.
func (q *query) between(lo, hi key) *query {
	return q.add(" AND (created_ms, id) >= (?, ?) AND (created_ms, id) < (?, ?) AND created_ms >= ? AND created_ms <= ?",
		lo.ms, lo.id, hi.ms, hi.id, lo.ms, hi.ms)
}

func (q *query) String() string { return q.text.String() }
