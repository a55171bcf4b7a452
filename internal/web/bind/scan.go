package bind

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
)

// maxDepth is how deep arrays and objects may nest.
const maxDepth = 64

// scanner reads JSON strictly (RFC 8259 with the choices of RFC 7493): one
// value, valid UTF-8, no NUL, no lone surrogate, no key twice in one object in
// any case. encoding/json would turn two secrets into one by mending bad text,
// and take the last of two keys.
type scanner struct {
	data  []byte
	pos   int
	depth int
}

// broken is the error of unreadable text at the present position.
func (s *scanner) broken(what string) error { return s.brokenAt(s.pos, what) }

func (s *scanner) brokenAt(pos int, what string) error {
	return authority.E(authority.Malformed, fmt.Sprintf("the body is not valid JSON at byte %d: %s", pos, what)).
		With("position", strconv.Itoa(pos))
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// peek gives the next byte, or 0 at the end: NUL is nowhere allowed.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// end demands that nothing but white space follows.
func (s *scanner) end() error {
	s.space()
	if s.pos < len(s.data) {
		return s.broken("text after the value")
	}
	return nil
}

// enter and leave guard the nesting.
func (s *scanner) enter() error {
	s.pos++
	if s.depth++; s.depth > maxDepth {
		return s.broken("nested too deep")
	}
	return nil
}

func (s *scanner) leave() { s.depth-- }

// object calls member for each key, with the position at the key's value.
func (s *scanner) object(member func(key string) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	var seen keySet
	return s.list('}', func() error {
		at := s.pos
		key, err := s.text()
		if err != nil {
			return err
		}
		if !seen.add(foldKey(key)) {
			return s.brokenAt(at, "a key that the object already has")
		}
		if s.space(); !s.take(':') {
			return s.broken("a colon is missing")
		}
		s.space()
		return member(key)
	})
}

// array calls element for each element, with the position at it.
func (s *scanner) array(element func() error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	return s.list(']', element)
}

// list reads items split by commas up to the closing byte.
func (s *scanner) list(closing byte, item func() error) error {
	if s.space(); s.take(closing) {
		return nil
	}
	for {
		s.space()
		if err := item(); err != nil {
			return err
		}
		s.space()
		if s.take(closing) {
			return nil
		}
		if !s.take(',') {
			return s.broken("a comma or the closing bracket is missing")
		}
	}
}

// skip reads one value of any kind and forgets it.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func(string) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	case c == '"':
		_, err := s.text()
		return err
	case c == '-' || '0' <= c && c <= '9':
		_, err := s.number()
		return err
	}
	_, err := s.literal()
	return err
}

// literal reads true, false or null.
func (s *scanner) literal() (string, error) {
	for _, word := range [...]string{"true", "false", "null"} {
		end := s.pos + len(word)
		if end <= len(s.data) && string(s.data[s.pos:end]) == word {
			s.pos = end
			return word, nil
		}
	}
	return "", s.broken("a value is missing")
}

// number reads a number by the grammar of RFC 8259 §6.
func (s *scanner) number() (string, error) {
	start := s.pos
	s.take('-')
	if !s.take('0') && !s.digits() {
		return "", s.broken("a digit is missing")
	}
	if s.take('.') && !s.digits() {
		return "", s.broken("a digit is missing")
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return "", s.broken("a digit is missing")
		}
	}
	return string(s.data[start:s.pos]), nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.pos++
	}
	return s.pos > start
}

// text reads a string and gives it decoded, in normal form C (rule 19).
func (s *scanner) text() (string, error) {
	if !s.take('"') {
		return "", s.broken("a string is missing")
	}
	start, plain := s.pos, true
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.finish(s.data[start:s.pos-1], plain), nil
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return "", s.broken("a control character in a string")
		case c < utf8.RuneSelf:
			s.pos++
		default:
			plain = false
			if err := s.rune(); err != nil {
				return "", err
			}
		}
	}
	return "", s.broken("the string does not end")
}

func (s *scanner) finish(raw []byte, ascii bool) string {
	if ascii {
		return string(raw)
	}
	return norm.NFC.String(string(raw))
}

// rune steps over one well-formed character.
func (s *scanner) rune() error {
	r, n := utf8.DecodeRune(s.data[s.pos:])
	if r == utf8.RuneError && n == 1 {
		return s.broken("invalid UTF-8")
	}
	s.pos += n
	return nil
}

// escaped reads on from the first backslash of a string that began at start.
func (s *scanner) escaped(start int) (string, error) {
	out := append(make([]byte, 0, s.pos-start+32), s.data[start:s.pos]...)
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.finish(out, false), nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		case c < ' ':
			return "", s.broken("a control character in a string")
		default:
			at := s.pos
			if err := s.rune(); err != nil {
				return "", err
			}
			out = append(out, s.data[at:s.pos]...)
		}
	}
	return "", s.broken("the string does not end")
}

// escape reads one escape sequence; the position is at its backslash.
func (s *scanner) escape() (rune, error) {
	at := s.pos
	s.pos++
	c := s.peek()
	s.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return s.unicodeEscape(at)
	}
	return 0, s.brokenAt(at, "an unknown escape")
}

func (s *scanner) unicodeEscape(at int) (rune, error) {
	r, err := s.hex4(at)
	if err != nil {
		return 0, err
	}
	if !utf16.IsSurrogate(r) {
		if r == 0 {
			return 0, s.brokenAt(at, "NUL in a string")
		}
		return r, nil
	}
	if !s.take('\\') || !s.take('u') {
		return 0, s.brokenAt(at, "half a surrogate pair")
	}
	low, err := s.hex4(at)
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == unicode.ReplacementChar {
		return 0, s.brokenAt(at, "half a surrogate pair")
	}
	return r, nil
}

func (s *scanner) hex4(at int) (rune, error) {
	if s.pos+4 > len(s.data) {
		return 0, s.brokenAt(at, "the string does not end")
	}
	var r rune
	for _, c := range s.data[s.pos : s.pos+4] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, s.brokenAt(at, "an unknown escape")
		}
		r = r<<4 | rune(d)
	}
	s.pos += 4
	return r, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
