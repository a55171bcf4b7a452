package keys

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a JSON text that is looked at before its
// signature is.
const maxDepth = 32

// DecodeObject reads data into the struct that into points to, more strictly
// than encoding/json: data is one JSON object in valid UTF-8 with nothing behind
// it, no object in it has a name twice (names that differ only by case are the
// same name), and a name that encoding/json would take for a field of into
// although its case differs is an error. Unknown members are ignored (RFC 7519
// §4). A missing member and null leave the zero value. All errors are
// ErrInvalid.
func DecodeObject(data []byte, into any) error {
	if err := checkObject(data, shapeOf(reflect.TypeOf(into), nil)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return refusal(err.Error())
	}
	return nil
}

// checkObject proves what DecodeObject promises, but for the decoding itself.
func checkObject(data []byte, s *shape) error {
	if !utf8.Valid(data) || !json.Valid(data) {
		return errNoObject
	}
	data = bytes.TrimLeft(data, " \t\r\n")
	if data[0] != '{' {
		return errNoObject
	}
	w := walk{data: data, next: s}
	for {
		if err := w.step(); err != nil {
			return err
		}
		if len(w.open) == 0 {
			return nil // json.Valid saw that only blanks follow
		}
	}
}

// walk goes once over a text that is known to be a JSON object and looks only
// at where objects begin and end and at the names in them.
type walk struct {
	data []byte
	pos  int
	open []scope
	next *shape // of the value behind the name just passed
}

// scope is an open object or array.
type scope struct {
	shape *shape              // of the object, or of the elements of the array
	names map[string]struct{} // folded; nil for arrays
}

func (w *walk) step() error {
	c := w.data[w.pos]
	w.pos++
	switch c {
	case '{', '[':
		return w.enter(c == '{')
	case '}', ']':
		w.open = w.open[:len(w.open)-1]
	case '"':
		return w.text()
	}
	return nil
}

func (w *walk) enter(object bool) error {
	if len(w.open) == maxDepth {
		return errDepth
	}
	s := scope{shape: w.next}
	if n := len(w.open); n > 0 && w.open[n-1].names == nil {
		s.shape = w.open[n-1].shape
	}
	if object {
		s.names = make(map[string]struct{})
	}
	w.open = append(w.open, s)
	return nil
}

// text passes a string and, when a colon follows, treats it as a name.
func (w *walk) text() error {
	start := w.pos - 1
	for w.data[w.pos] != '"' {
		if w.data[w.pos] == '\\' {
			w.pos++
		}
		w.pos++
	}
	w.pos++
	end := w.pos
	for w.data[w.pos] <= ' ' {
		w.pos++
	}
	if w.data[w.pos] != ':' {
		return nil
	}
	return w.name(w.data[start:end])
}

func (w *walk) name(quoted []byte) error {
	name := string(quoted[1 : len(quoted)-1])
	if strings.IndexByte(name, '\\') >= 0 {
		if err := json.Unmarshal(quoted, &name); err != nil {
			return errNoObject
		}
	}
	top := w.open[len(w.open)-1]
	folded := fold(name)
	if _, twice := top.names[folded]; twice {
		return errDuplicate
	}
	top.names[folded] = struct{}{}
	var err error
	w.next, err = top.shape.member(name, folded)
	return err
}

// fold maps names that encoding/json takes for the same field to one text.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if r < utf8.RuneSelf {
			return r
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		if 'A' <= least && least <= 'Z' { // the Kelvin sign and the long s
			return least + 'a' - 'A'
		}
		return least
	}, name)
}
