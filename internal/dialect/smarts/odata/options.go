package odata

import (
	"slices"
	"strconv"
)

// Order is one criterion of $orderby.
type Order struct {
	Field      string
	Descending bool
}

// Orders reads an $orderby: properties, each with asc or desc behind it or
// without.
func Orders(text string, s Schema) (out []Order, err error) {
	err = list(text, s, func(p *parser, f Field) error {
		o := Order{Field: f.Name, Descending: p.is("desc")}
		if p.is("asc") || p.is("desc") {
			err = p.advance()
		}
		out = append(out, o)
		return err
	})
	return out, err
}

// Select reads a $select; * stands for all, which is nil.
func Select(text string, s Schema) (out []string, err error) {
	all := false
	err = list(text, s, func(_ *parser, f Field) error {
		all = all || f.Name == ""
		out = append(out, f.Name)
		return nil
	})
	if all || err != nil {
		return nil, err
	}
	return out, nil
}

// list reads properties with commas between them. The field of a star has no
// name.
func list(text string, s Schema, each func(p *parser, f Field) error) error {
	p, err := newParser(text, s)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		f, ok := s.find(p.tok.text)
		star := p.tok.text == "*"
		switch {
		case p.tok.kind != word:
			return p.fail("a property was expected")
		case n > maxFields:
			return p.fail("more than 16 properties")
		case !ok && !star:
			return p.fail("there is no property " + shorten(p.tok.text))
		}
		if err := p.advance(); err != nil {
			return err
		}
		if err := each(p, f); err != nil {
			return err
		}
		if p.tok.kind == end {
			return nil
		}
		if err := p.take(comma, "a comma or the end"); err != nil {
			return err
		}
	}
}

// Number reads a $top or $skip: digits alone, up to what 31 bits hold.
func Number(text string) (int, error) {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return 0, &Error{Position: i + 1, Message: "a whole number from 0 was expected"}
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, &Error{Position: 1, Message: "a whole number up to 2147483647 was expected"}
	}
	return int(n), nil
}

// Truth reads a $count.
func Truth(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, &Error{Position: 1, Message: "true or false was expected"}
	}
	return text == "true", nil
}

// Query is what a set is asked with. The zero Query asks for all of it.
type Query struct {
	Filter Expr // nil = all
	Order  []Order
	Select []string // nil = every property
	Top    *int     // nil = all
	Skip   int
	Count  bool
}

// Apply gives the rows that q asks for, and how many meet its filter. rows are
// not changed; what $orderby leaves open stays in their order.
func Apply[R Row](q Query, rows []R) (page []R, total int) {
	for _, r := range rows {
		if q.Filter == nil || q.Filter.Test(r) {
			page = append(page, r)
		}
	}
	slices.SortStableFunc(page, func(a, b R) int { return q.compare(a, b) })
	total = len(page)
	page = page[min(q.Skip, total):]
	if q.Top != nil {
		page = page[:min(*q.Top, len(page))]
	}
	return page, total
}

func (q Query) compare(a, b Row) int {
	for _, o := range q.Order {
		c := compare(a.Field(o.Field), b.Field(o.Field))
		if o.Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
