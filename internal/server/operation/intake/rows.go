package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"propusk/internal/calls/cdr"
	"propusk/internal/web/bind"
)

// Type is what a cell of CSV holds.
type Type uint8

// The types. An empty cell says nothing, whatever its type.
const (
	Text   Type = iota
	List        // texts with | between them
	Flag        // yes or no, true or false, 1 or 0
	Number      // an integer
)

// Column is a column of CSV: a member of the row's JSON object.
type Column struct {
	Name string
	Type Type
}

// FileError says what is wrong with a file as a whole: its sender can mend it.
// Every other error of reading one is this machine's.
type FileError string

// Error implements error.
func (e FileError) Error() string { return string(e) }

// Row is one row of a file as a JSON object. With Err or Other it has none.
type Row struct {
	Name    string // of the file, where there are several
	Line    int
	Object  json.RawMessage
	Err     error
	Records int  // of calls, that it is made of; 0 = it is one row of a file
	Unclear bool // which recording is the call's; it has none
	Other   bool // the record of a leg that says nothing by itself: it is counted only

	leg *cdr.Leg // of a call; then it is no row yet
}

// Rows reads a file row by row.
type Rows interface {
	// Next gives the next row. io.EOF ends; any other error is one of reading.
	Next() (Row, error)
}

// Open finds out whether r holds JSON lines or CSV with a header of columns. A
// FileError says that it holds neither.
func Open(r io.Reader, columns []Column) (Rows, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\uFEFF")) {
		_, _ = in.Discard(len(mark))
	}
	head, err := in.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return nil, FileError("the file is empty")
	case err != nil:
		return nil, err
	case head[0] == '{':
		return jsonLines{newLines(in)}, nil
	}
	return openTable(newLines(in), columns)
}

type jsonLines struct{ lines *lines }

// Next implements Rows.
func (j jsonLines) Next() (Row, error) {
	for {
		line, err := j.lines.next()
		row := Row{Line: j.lines.at}
		switch {
		case errors.Is(err, errLong):
			row.Err = err
			return row, nil
		case err != nil:
			return row, err
		}
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
			continue
		case !utf8.Valid(line):
			row.Err = errText
		case line[0] != '{' || !json.Valid(line):
			row.Err = errors.New("the line is no JSON object")
		case bind.CheckJSON(line) != nil: // such as a member that is there twice
			row.Err = plain(bind.CheckJSON(line))
		default:
			row.Object = bytes.Clone(line)
		}
		return row, nil
	}
}

// table is CSV under a header.
type table struct {
	csv     *CSV
	columns []Column
}

const errHeader = FileError("the header cannot be read")

func openTable(l *lines, known []Column) (*table, error) {
	t := &table{csv: &CSV{lines: l, separator: ','}}
	first, err := l.next()
	if errors.Is(err, errLong) || errors.Is(err, io.EOF) {
		return nil, errHeader
	}
	if err != nil {
		return nil, err
	}
	if !bytes.ContainsRune(first, ',') && bytes.ContainsRune(first, ';') { // as Excel writes it in Russia
		t.csv.separator = ';'
	}
	names, closed, err := split(first, t.csv.separator, false)
	if err != nil || !closed {
		return nil, errHeader
	}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		at := slices.IndexFunc(known, func(c Column) bool { return c.Name == name })
		if at < 0 || slices.Contains(t.columns, known[at]) { // its text may be a secret, of a file without a header
			return nil, FileError(fmt.Sprintf("the first line must name the columns; its column %d is none, or there twice; they are %s", i+1, columnNames(known)))
		}
		t.columns = append(t.columns, known[at])
	}
	return t, nil
}

func columnNames(columns []Column) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// Next implements Rows.
func (t *table) Next() (Row, error) {
	rec, err := t.csv.Next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: rec.Line, Err: rec.Err}
	if row.Err == nil {
		row.Object, row.Err = t.object(rec.Fields)
	}
	return row, nil
}

func (t *table) object(fields []string) (json.RawMessage, error) {
	if len(fields) != len(t.columns) {
		return nil, fmt.Errorf("there are %d fields under %d columns", len(fields), len(t.columns))
	}
	members := make(map[string]any, len(fields))
	for i, c := range t.columns {
		if strings.TrimSpace(fields[i]) == "" {
			continue
		}
		value, err := c.Type.read(fields[i])
		if err != nil {
			return nil, fmt.Errorf("%s %w", c.Name, err)
		}
		members[c.Name] = value
	}
	return json.Marshal(members)
}

func (t Type) read(cell string) (any, error) {
	switch t {
	case List:
		var list []string
		for word := range strings.SplitSeq(cell, "|") {
			list = append(list, strings.TrimSpace(word))
		}
		return list, nil
	case Flag:
		switch strings.ToLower(strings.TrimSpace(cell)) {
		case "yes", "true", "1":
			return true, nil
		case "no", "false", "0":
			return false, nil
		}
		return nil, errors.New("must be yes or no")
	case Number:
		n, err := strconv.ParseInt(strings.TrimSpace(cell), 10, 64)
		if err != nil {
			return nil, errors.New("must be a whole number")
		}
		return n, nil
	case Text:
	}
	return cell, nil
}
