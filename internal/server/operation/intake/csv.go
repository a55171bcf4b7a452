package intake

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// A record of CSV may span lines inside quotes; past these bounds a quote that
// is not closed is taken for a broken one.
const (
	maxSpan   = 20
	maxFields = 200
)

var (
	errQuote  = errors.New("a quote is opened and never closed")
	errFields = errors.New("there are more than 200 fields")
	errText   = errors.New("the text is not valid UTF-8")
)

// Record is one record of a CSV file and the line that it begins in. With Err
// it has no fields, and reading goes on behind it.
type Record struct {
	Line   int
	Fields []string
	Err    error
}

// CSV reads the records of RFC 4180, and forgives what exports get wrong: a bare
// quote inside a field is a quote, and one that is never closed costs its line
// alone. Empty lines are passed over.
type CSV struct {
	lines     *lines
	separator byte
}

// Next gives the next record. io.EOF ends; any other error is the file's.
func (c *CSV) Next() (Record, error) {
	for {
		first, err := c.lines.next()
		rec := Record{Line: c.lines.at}
		if errors.Is(err, errLong) {
			rec.Err = err
			return rec, nil
		}
		if err != nil {
			return rec, err
		}
		if len(bytes.TrimSpace(first)) == 0 {
			continue
		}
		rec.Fields, rec.Err = c.record(first)
		return rec, nil
	}
}

// record splits what begins with first, with as many lines as its quotes span.
func (c *CSV) record(first []byte) ([]string, error) {
	text := bytes.Clone(first)
	var taken [][]byte
	for {
		fields, closed, err := split(text, c.separator, len(taken) > 0)
		if err != nil {
			c.lines.unread(taken)
		}
		if closed || err != nil {
			return fields, err
		}
		line, err := c.lines.next()
		if err != nil || len(taken) == maxSpan || len(text)+len(line) > maxLine {
			if err == nil || errors.Is(err, errLong) {
				taken = append(taken, line)
			}
			c.lines.unread(taken)
			return nil, errQuote
		}
		taken = append(taken, line)
		text = append(append(text, '\n'), line...)
	}
}

// split gives the fields of a record; closed is false when a quote is open at
// its end. In a strict one a bare quote is an error: it says that the quote
// which spans lines is the broken one.
func split(text []byte, separator byte, strict bool) (fields []string, closed bool, err error) {
	if !utf8.Valid(text) {
		return nil, true, errText
	}
	for {
		field, rest, state := cut(text, separator)
		switch {
		case state == open:
			return nil, false, nil
		case strict && state&bare != 0:
			return nil, true, errQuote
		}
		fields = append(fields, field)
		switch {
		case state&last != 0:
			return fields, true, nil
		case len(fields) == maxFields:
			return nil, true, errFields
		}
		text = rest
	}
}

type cutState uint8

const (
	more cutState = 0         // a separator follows
	last cutState = 1 << iota // the record ends
	open                      // the record ends inside quotes
	bare                      // a quote stands alone inside quotes
)

// cut gives the first field of text and what follows its separator.
func cut(text []byte, separator byte) (field string, rest []byte, state cutState) {
	if len(text) == 0 || text[0] != '"' {
		if i := bytes.IndexByte(text, separator); i >= 0 {
			return string(text[:i]), text[i+1:], more
		}
		return string(text), nil, last
	}
	var out []byte
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != '"':
			out = append(out, text[i])
		case i+1 == len(text):
			return string(out), nil, state | last
		case text[i+1] == separator:
			return string(out), text[i+2:], state | more
		case text[i+1] == '"':
			out = append(out, '"')
			i++
		default:
			out = append(out, '"')
			state |= bare
		}
	}
	return "", nil, open
}
