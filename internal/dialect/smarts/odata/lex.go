package odata

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"propusk/internal/catalog/query"
)

// The bounds of one option.
const (
	maxLength = 4096 // bytes
	maxDepth  = 32   // parentheses and not, within each other
	maxFields = 16   // of $orderby and $select
)

// Error says what cannot be read and where: Position counts characters from 1.
type Error struct {
	Position int
	Message  string
}

// Error implements error.
func (e *Error) Error() string { return e.Message + " at position " + strconv.Itoa(e.Position) }

// token is one word of an option.
type token struct {
	kind  tokenKind
	text  string      // as it was written
	value query.Value // of literals
	at    int         // bytes before it
}

type tokenKind uint8

const (
	end tokenKind = iota
	word
	literal
	open
	shut
	comma
)

// lexer cuts an option into tokens.
type lexer struct {
	text string
	pos  int
}

// fail makes an Error at byte offset at.
func (l *lexer) fail(at int, message string) error {
	return &Error{Position: utf8.RuneCountInString(l.text[:min(at, len(l.text))]) + 1, Message: message}
}

// next reads a token; at the end it gives end again and again.
func (l *lexer) next() (token, error) {
	l.pos += len(l.text[l.pos:]) - len(strings.TrimLeft(l.text[l.pos:], " \t"))
	if l.pos == len(l.text) {
		return token{kind: end, at: l.pos}, nil
	}
	at, c := l.pos, l.text[l.pos]
	switch {
	case c == '(':
		return l.mark(open), nil
	case c == ')':
		return l.mark(shut), nil
	case c == ',':
		return l.mark(comma), nil
	case c == '\'':
		return l.quoted()
	case isDigit(c) || c == '-':
		return l.literal()
	case isLetter(c) || c == '*':
		return l.name(), nil
	}
	return token{}, l.fail(at, "an unexpected character")
}

func (l *lexer) mark(k tokenKind) token {
	l.pos++
	return token{kind: k, text: l.text[l.pos-1 : l.pos], at: l.pos - 1}
}

// quoted reads a text; a quote in it is doubled.
func (l *lexer) quoted() (token, error) {
	at := l.pos
	var b strings.Builder
	for l.pos++; l.pos < len(l.text); l.pos++ {
		c := l.text[l.pos]
		if c != '\'' {
			b.WriteByte(c)
			continue
		}
		if !strings.HasPrefix(l.text[l.pos+1:], "'") {
			l.pos++
			return token{kind: literal, text: l.text[at:l.pos], value: query.Text(b.String()), at: at}, nil
		}
		b.WriteByte('\'')
		l.pos++
	}
	return token{}, l.fail(at, "a text without its closing quote")
}

// literal reads a number or a time.
func (l *lexer) literal() (token, error) {
	at := l.pos
	for l.pos < len(l.text) && (isDigit(l.text[l.pos]) || isLetter(l.text[l.pos]) || strings.IndexByte("-+.:", l.text[l.pos]) >= 0) {
		l.pos++
	}
	t := token{kind: literal, text: l.text[at:l.pos], at: at}
	if when, err := time.Parse(time.RFC3339, t.text); err == nil {
		t.value = query.Value{Kind: query.TimeKind, Time: when}
		return t, nil
	}
	n, err := strconv.ParseFloat(t.text, 64)
	if err != nil || strings.Trim(t.text, "+-.0123456789eE") != "" {
		return token{}, l.fail(at, "neither a number nor a time")
	}
	t.value = query.Value{Kind: query.NumberKind, Number: n}
	return t, nil
}

// name reads a word, which may be a literal of its own.
func (l *lexer) name() token {
	at := l.pos
	if l.text[at] == '*' {
		l.pos++
	}
	for l.pos < len(l.text) && l.text[at] != '*' && (isLetter(l.text[l.pos]) || isDigit(l.text[l.pos])) {
		l.pos++
	}
	t := token{kind: word, text: l.text[at:l.pos], at: at}
	switch t.text {
	case "true", "false":
		t.kind, t.value = literal, query.Flag(t.text == "true")
	case "null":
		t.kind = literal
	}
	return t
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
