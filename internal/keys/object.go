package keys

import (
	"bytes"
	"encoding/json"
	"reflect"
	"unicode"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a JSON text that is looked at before its
// signature is.
const maxDepth = 32

// maxMembers bounds an object, since looking for repeated names takes the
// square of it.
const maxMembers = 256

// Decoder reads JSON objects into a T, with the look at the type done once. Make
// it with NewDecoder; the zero Decoder looks every time. Safe for concurrent use.
type Decoder[T any] struct{ shape *shape }

// NewDecoder makes the Decoder of T.
func NewDecoder[T any]() Decoder[T] {
	return Decoder[T]{shapeOf(reflect.TypeFor[T](), nil)}
}

// Decode reads data more strictly than encoding/json: data is one JSON object in
// valid UTF-8 with nothing behind it, no object in it has a name twice (names
// that differ only by case are the same name), and a name that encoding/json
// would take for a field of T although its case differs is an error. Unknown
// members are ignored (RFC 7519 §4). A missing member and null leave the zero
// value. All errors are ErrInvalid.
func (d Decoder[T]) Decode(data []byte) (T, error) {
	if d.shape == nil {
		d = NewDecoder[T]()
	}
	var into T
	if err := checkObject(data, d.shape); err != nil {
		return into, err
	}
	if err := json.Unmarshal(data, &into); err != nil {
		return into, refusal(err.Error())
	}
	return into, nil
}

// checkObject proves what Decode promises, but for the decoding itself.
func checkObject(data []byte, s *shape) error {
	if !utf8.Valid(data) || !json.Valid(data) {
		return errNoObject
	}
	data = bytes.TrimLeft(data, " \t\r\n")
	if data[0] != '{' {
		return errNoObject
	}
	var (
		open  [4]scope
		names [24][]byte
	)
	w := walk{data: data, next: s, open: open[:0], names: names[:0]}
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
	data  []byte
	pos   int
	open  []scope
	names [][]byte // folded, of all open objects, the innermost last
	next  *shape   // of the value behind the name just passed
}

// scope is an open object or array.
type scope struct {
	shape  *shape // of the object, or of the elements of the array
	object bool
	first  int // where its names begin
}

func (w *walk) step() error {
	c := w.data[w.pos]
	w.pos++
	switch c {
	case '{', '[':
		return w.enter(c == '{')
	case '}', ']':
		last := len(w.open) - 1
		w.names = w.names[:w.open[last].first]
		w.open = w.open[:last]
	case '"':
		return w.text()
	}
	return nil
}

func (w *walk) enter(object bool) error {
	if len(w.open) == maxDepth {
		return errDepth
	}
	s := scope{shape: w.next, object: object, first: len(w.names)}
	if n := len(w.open); n > 0 && !w.open[n-1].object {
		s.shape = w.open[n-1].shape
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
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		var text string
		if json.Unmarshal(quoted, &text) != nil {
			return errNoObject
		}
		name = []byte(text)
	}
	folded := fold(name)
	top := w.open[len(w.open)-1]
	for _, other := range w.names[top.first:] {
		if bytes.Equal(other, folded) {
			return errDuplicate
		}
	}
	if len(w.names)-top.first == maxMembers {
		return errMembers
	}
	w.names = append(w.names, folded)
	var err error
	w.next, err = top.shape.member(name, folded)
	return err
}

// fold maps names that encoding/json takes for the same field to one text. It
// copies only what it changes.
func fold(name []byte) []byte {
	for _, c := range name {
		if 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf {
			return bytes.Map(foldRune, name)
		}
	}
	return name
}

func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' { // the Kelvin sign and the long s among them
		return least + 'a' - 'A'
	}
	return least
}
