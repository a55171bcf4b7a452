package catalog

import (
	"strings"
	"time"
	"unicode/utf8"

	"propusk/internal/catalog/query"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

// column is where a field of a schema is kept. Text is looked for in fold.
type column struct {
	name string
	fold string
}

// columns maps fields to columns. Only names that stand here reach a statement.
type columns map[string]column

func text(name string) column { return column{name, name + "_fold"} }

func productColumns() columns {
	return columns{
		"id": text("id"), "name": text("name"), "barcode": text("barcode"), "marking": text("marking"),
		"basePackingId": text("base_packing"), "price": {name: "price"}, "quantity": {name: "quantity"},
		"withSeries": {name: "with_series"}, "withSerialNumber": {name: "with_serial_number"}, "withAttributes": {name: "with_attributes"},
	}
}

func docColumns() columns {
	return columns{
		"id": text("id"), "name": text("name"), "documentTypeName": text("type"), "appointment": text("appointment"),
		"userId": text("user_id"), "warehouseId": text("warehouse"), "barcode": text("barcode"), "description": text("description"),
		"priority": {name: "priority"}, "finished": {name: "finished"}, "inProcess": {name: "in_process"}, "modified": {name: "modified"},
		"autoAppointed": {name: "auto_appoint"}, "serverHosted": {name: "server_hosted"},
		"createDate": {name: "created_ms"}, "lastChangeDate": {name: "changed_ms"},
	}
}

// statement is one with conditions on columns.
type statement struct {
	store.Statement

	columns columns
}

// add is Add with the whole statement as its result.
func (s *statement) add(text string, values ...any) *statement {
	s.Add(text, values...)
	return s
}

// where appends the condition e. No column is NULL, so that every condition is
// true or false, as it is in memory.
func (s *statement) where(e query.Expr) {
	switch e := e.(type) {
	case query.And:
		s.pair(e.Left, " AND ", e.Right)
	case query.Or:
		s.pair(e.Left, " OR ", e.Right)
	case query.Not:
		s.add("NOT (")
		s.where(e.Of)
		s.add(")")
	case query.Compare:
		s.compare(e)
	case query.Match:
		s.match(e)
	default: // of no kind that we know
		s.truth(false)
	}
}

func (s *statement) pair(left query.Expr, word string, right query.Expr) {
	s.add("(")
	s.where(left)
	s.add(word)
	s.where(right)
	s.add(")")
}

// truth appends what is known beforehand.
func (s *statement) truth(holds bool) {
	if holds {
		s.add("1 = 1")
	} else {
		s.add("1 = 0")
	}
}

// nothing is a row for conditions that look at none.
type nothing struct{}

func (nothing) Field(string) query.Value { return query.Value{} }

// operators are how comparisons are written.
func operator(op string) string {
	return map[string]string{"eq": " = ", "ne": " <> ", "gt": " > ", "ge": " >= ", "lt": " < ", "le": " <= "}[op]
}

func (s *statement) compare(e query.Compare) {
	if e.Left.Field == "" && e.Right.Field != "" {
		e.Left, e.Right = e.Right, e.Left
		e.Op = map[string]string{"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}[e.Op]
	}
	switch {
	case e.Left.Field == "":
		s.truth(e.Test(nothing{}))
	case e.Right.Field != "":
		s.add(s.columns[e.Left.Field].name + operator(e.Op) + s.columns[e.Right.Field].name)
	case e.Right.Kind == query.NullKind: // nothing is null
		s.truth(e.Op == "ne")
	default:
		s.compareValue(s.columns[e.Left.Field], e.Op, e.Right.Value)
	}
}

// compareValue compares a column with a value. Times are kept in milliseconds: a
// finer one lies between two. Texts that are equal are equal folded too, which is
// what there is an index of.
func (s *statement) compareValue(c column, op string, v query.Value) {
	if op == "eq" && c.fold != "" {
		s.add("("+c.fold+" = ? AND "+c.name+" = ?)", spelling.Fold(v.Text), v.Text)
		return
	}
	if v.Kind == query.TimeKind && v.Time.Truncate(time.Millisecond) != v.Time {
		switch op {
		case "eq", "ne":
			s.truth(op == "ne")
			return
		case "lt", "le":
			op = "le"
		default:
			op = "gt"
		}
	}
	s.add(c.name+operator(op)+"?", argument(v))
}

// argument gives a value as its column keeps it.
func argument(v query.Value) any {
	switch v.Kind {
	case query.StringKind:
		return v.Text
	case query.NumberKind:
		return v.Number
	case query.TimeKind:
		return floor(v.Time)
	case query.BoolKind:
		return v.Bool
	case query.NullKind, query.ListKind:
	}
	return nil
}

// floor gives the millisecond that t lies in, before 1970 too.
func floor(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).After(t) {
		ms--
	}
	return ms
}

func (s *statement) match(e query.Match) {
	switch {
	case e.In.Field == "" && e.What.Field == "":
		s.truth(e.Test(nothing{}))
	case e.In.Field != "" && e.What.Field == "":
		s.find(s.columns[e.In.Field].fold, e.Func, spelling.Fold(e.What.Value.Text))
	default:
		s.within(e)
	}
}

// find looks for a folded text in a column.
func (s *statement) find(column, how, what string) {
	switch {
	case what == "":
		s.truth(true)
	case how == "contains":
		s.add(column+" LIKE ? ESCAPE '!'", store.Like(what))
	case how == "endswith":
		s.add(column+" LIKE ? ESCAPE '!'", "%"+store.LikeText(what))
	default:
		s.add("("+column+" >= ?", what)
		if end, ok := after(what); ok {
			s.add(" AND "+column+" < ?", end)
		}
		s.add(")")
	}
}

// after gives the least text that is greater than every text with the prefix p.
func after(p string) (string, bool) {
	for p != "" {
		r, size := utf8.DecodeLastRuneInString(p)
		p = p[:len(p)-size]
		switch {
		case r == 0xD7FF: // what follows is no text
			return p + string(rune(0xE000)), true
		case r < utf8.MaxRune:
			return p + string(r+1), true
		}
	}
	return "", false
}

// within looks for what one field holds in another, or in a text. Both engines
// know no common function but these.
func (s *statement) within(e query.Match) {
	in, what := s.folded(e.In), s.folded(e.What)
	s.add("(").operand(what).add(" = '' OR ")
	switch e.Func {
	case "contains":
		s.add("REPLACE(").operand(in).add(", ").operand(what).add(", '') <> ").operand(in)
	case "startswith":
		s.add("SUBSTR(").operand(in).add(", 1, LENGTH(").operand(what).add(")) = ").operand(what)
	default:
		s.add("LENGTH(").operand(in).add(") >= LENGTH(").operand(what).add(") AND SUBSTR(").operand(in).
			add(", LENGTH(").operand(in).add(") - LENGTH(").operand(what).add(") + 1) = ").operand(what)
	}
	s.add(")")
}

// folded is a column's name or a text that is looked in.
type folded struct{ column, text string }

func (s *statement) folded(o query.Operand) folded {
	if o.Field != "" {
		return folded{column: s.columns[o.Field].fold}
	}
	return folded{text: spelling.Fold(o.Value.Text)}
}

func (s *statement) operand(f folded) *statement {
	if f.column != "" {
		return s.add(f.column)
	}
	return s.add("CAST(? AS TEXT)", f.text)
}

// orderBy appends the order.
func (s *statement) orderBy(order []query.Order) {
	for i, o := range order {
		s.add([]string{" ORDER BY ", ", "}[min(i, 1)] + s.columns[o.Field].name)
		if o.Descending {
			s.add(" DESC")
		}
	}
}

// goOn appends that rows stand behind the place with these values. Where all
// directions are one, the engines find the place by an index.
func (s *statement) goOn(order []query.Order, values []query.Value) {
	names := make([]string, len(order))
	marks := make([]string, len(order))
	args := make([]any, len(order))
	mixed := false
	for i, o := range order {
		names[i], marks[i], args[i] = s.columns[o.Field].name, "?", argument(values[i])
		mixed = mixed || o.Descending != order[0].Descending
	}
	if !mixed {
		s.add(" AND ("+strings.Join(names, ", ")+")"+sign(order[0])+"("+strings.Join(marks, ", ")+")", args...)
		return
	}
	s.add(" AND (")
	for i := range order {
		s.add([]string{"(", " OR ("}[min(i, 1)])
		for j := range i {
			s.add(names[j]+" = ? AND ", args[j])
		}
		s.add(names[i]+sign(order[i])+"?)", args[i])
	}
	s.add(")")
}

func sign(o query.Order) string {
	if o.Descending {
		return " < "
	}
	return " > "
}
