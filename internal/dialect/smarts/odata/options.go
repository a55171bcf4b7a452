package odata

import (
	"slices"
	"strconv"

	"propusk/internal/catalog/query"
)

// Orders reads an $orderby: properties, each with asc or desc behind it or
// without.
func Orders(text string, s query.Schema) (out []query.Order, err error) {
	err = list(text, s, func(p *parser, at int, f query.Field) error {
		if f.Kind == query.ListKind || f.Name == "" {
			return p.lexer.fail(at, "a property that can be sorted by was expected")
		}
		o := query.Order{Field: f.Name, Descending: p.is("desc")}
		if p.is("asc") || p.is("desc") {
			err = p.advance()
		}
		out = append(out, o)
		return err
	})
	return out, err
}

// Select reads a $select; * stands for all, which is nil. A property that is named
// twice is selected once: OData 4.01 Protocol §11.2.5.1 forbids no more than two
// sets of options for one, and there are none here.
func Select(text string, s query.Schema) (out []string, err error) {
	all := false
	err = list(text, s, func(_ *parser, _ int, f query.Field) error {
		all = all || f.Name == ""
		if !slices.Contains(out, f.Name) {
			out = append(out, f.Name)
		}
		return nil
	})
	if all || err != nil {
		return nil, err
	}
	return out, nil
}

// Expand reads an $expand over what s can be expanded by; * stands for all. What
// is to be done within is not taken, nor is a property in more than one place (OData
// 4.01 Protocol §11.2.5.1).
func Expand(text string, s query.Schema) (out []string, err error) {
	err = list(text, s, func(p *parser, at int, f query.Field) error {
		before := len(out)
		if f.Name != "" {
			out = append(out, f.Name)
		} else {
			for _, f := range s {
				out = append(out, f.Name)
			}
		}
		for _, name := range out[:before] {
			if slices.Contains(out[before:], name) {
				return p.lexer.fail(at, name+" is expanded twice")
			}
		}
		return nil
	})
	return out, err
}

// list reads properties with commas between them. The field of a star has no
// name.
func list(text string, s query.Schema, each func(p *parser, at int, f query.Field) error) error {
	p, err := newParser(text, s)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		f, ok := s.Find(p.tok.text)
		star := p.tok.text == "*"
		switch {
		case p.tok.kind != word:
			return p.fail("a property was expected")
		case n > maxFields:
			return p.fail("more than 16 properties")
		case !ok && !star:
			return p.fail("there is no property " + shorten(p.tok.text))
		}
		at := p.tok.at
		if err := p.advance(); err != nil {
			return err
		}
		if err := each(p, at, f); err != nil {
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
