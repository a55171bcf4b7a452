package odata

import (
	"slices"

	"propusk/internal/catalog/query"
)

// Filter reads a $filter over the fields of s. Errors are *Error.
func Filter(text string, s query.Schema) (query.Expr, error) {
	p, err := newParser(text, s)
	if err != nil {
		return nil, err
	}
	e, err := p.or()
	if err == nil && p.tok.kind != end {
		err = p.fail("and, or or the end was expected")
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// parser reads with one token ahead.
type parser struct {
	lexer

	schema query.Schema
	tok    token
	depth  int
}

func newParser(text string, s query.Schema) (*parser, error) {
	p := &parser{lexer: lexer{text: text}, schema: s}
	if len(text) > maxLength {
		return nil, p.lexer.fail(maxLength, "an option longer than 4096 bytes")
	}
	return p, p.advance()
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

// fail makes an Error at the token ahead.
func (p *parser) fail(message string) error { return p.lexer.fail(p.tok.at, message) }

// is reports whether the word text is ahead.
func (p *parser) is(text string) bool { return p.tok.kind == word && p.tok.text == text }

// take steps over a token of kind k.
func (p *parser) take(k tokenKind, expected string) error {
	if p.tok.kind != k {
		return p.fail(expected + " was expected")
	}
	return p.advance()
}

func (p *parser) or() (query.Expr, error) {
	left, err := p.and()
	for err == nil && p.is("or") {
		var right query.Expr
		if err = p.advance(); err == nil {
			right, err = p.and()
		}
		left = query.Or{Left: left, Right: right}
	}
	return left, err
}

func (p *parser) and() (query.Expr, error) {
	left, err := p.not()
	for err == nil && p.is("and") {
		var right query.Expr
		if err = p.advance(); err == nil {
			right, err = p.not()
		}
		left = query.And{Left: left, Right: right}
	}
	return left, err
}

// deeper bounds what lies within each other; the stack is not the client's.
func (p *parser) deeper(read func() (query.Expr, error)) (query.Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("conditions lie too deep within each other")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := read()
	p.depth--
	return e, err
}

func (p *parser) not() (query.Expr, error) {
	if !p.is("not") {
		return p.primary()
	}
	e, err := p.deeper(p.not)
	return query.Not{Of: e}, err
}

func (p *parser) primary() (query.Expr, error) {
	if p.tok.kind == open {
		e, err := p.deeper(p.or)
		if err != nil {
			return nil, err
		}
		return e, p.take(shut, "a closing parenthesis")
	}
	if p.tok.kind == word && slices.Contains([]string{"contains", "startswith", "endswith"}, p.tok.text) {
		return p.match()
	}
	return p.comparison()
}

func (p *parser) match() (query.Expr, error) {
	m := query.Match{Func: p.tok.text}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.take(open, "an opening parenthesis"); err != nil {
		return nil, err
	}
	var err error
	if m.In, err = p.text(); err != nil {
		return nil, err
	}
	if err := p.take(comma, "a comma"); err != nil {
		return nil, err
	}
	if m.What, err = p.text(); err != nil {
		return nil, err
	}
	return m, p.take(shut, "a closing parenthesis")
}

// text reads an operand that is a text.
func (p *parser) text() (query.Operand, error) {
	at := p.tok.at
	o, err := p.operand()
	if err == nil && o.Kind != query.StringKind {
		err = p.lexer.fail(at, "a text was expected")
	}
	return o, err
}

func (p *parser) comparison() (query.Expr, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op := p.tok
	if op.kind != word || !slices.Contains([]string{"eq", "ne", "gt", "ge", "lt", "le"}, op.text) {
		if left.Kind == query.BoolKind { // a field of truth stands for itself
			return query.Compare{Op: "eq", Left: left, Right: query.Operand{Kind: query.BoolKind, Value: query.Flag(true)}}, nil
		}
		return nil, p.fail("eq, ne, gt, ge, lt or le was expected")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	at := p.tok.at
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.Kind != right.Kind && left.Kind != query.NullKind && right.Kind != query.NullKind {
		return nil, p.lexer.fail(at, left.Kind.String()+" cannot be compared with "+right.Kind.String())
	}
	return query.Compare{Op: op.text, Left: left, Right: right}, nil
}

func (p *parser) operand() (query.Operand, error) {
	t := p.tok
	switch t.kind {
	case literal:
		return query.Operand{Value: t.value, Kind: t.value.Kind}, p.advance()
	case word:
		f, ok := p.schema.Find(t.text)
		if !ok {
			return query.Operand{}, p.fail("there is no property " + shorten(t.text))
		}
		if f.Kind == query.ListKind {
			return query.Operand{}, p.fail("a list cannot be compared")
		}
		return query.Operand{Field: f.Name, Kind: f.Kind}, p.advance()
	case end, open, shut, comma:
	}
	return query.Operand{}, p.fail("a property or a value was expected")
}

// shorten keeps an answer from growing with what was sent.
func shorten(name string) string { return name[:min(len(name), 64)] }
