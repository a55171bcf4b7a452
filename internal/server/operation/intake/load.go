package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
)

// Bounds of one call: as many rows as an import takes, in less than a call's
// longest body.
const (
	callRows  = operation.MaxImport
	callBytes = 640 << 10
)

// Total is how far an import has come.
type Total struct {
	Line    int `json:"-"`                 // the last one that was answered for
	Records int `json:"records,omitempty"` // of calls, a call being one or several
	Other   int `json:"other,omitempty"`   // those of them that say nothing by themselves
	Read    int `json:"read"`
	Added   int `json:"added"`
	Changed int `json:"changed,omitempty"` // were there, and were otherwise
	Same    int `json:"same"`              // there already
	Bad     int `json:"bad"`
	Unclear int `json:"unclear,omitempty"` // added calls that may have had a recording
	Left    int `json:"left,omitempty"`    // the catalogue, which the file does not name them for
}

// Import is one import of one file.
type Import struct {
	Run       operation.Runner
	Operation string
	Stand     authority.Stand
	Account   string
	Try       bool
	Bad       func(row Row, why string) // hears of each bad row, in order
	Note      func(row Row, why string) // hears of each that was taken, but not whole; nil = nobody does
	Progress  func(Total)               // hears after each call
	// Prepare changes a row before it travels; nil = none does.
	Prepare func(json.RawMessage) json.RawMessage

	there *present // nil = nothing leaves
}

// Load sends every row. An error says where it stopped; what was added stays,
// and the same file can be loaded again.
func (i Import) Load(ctx context.Context, rows Rows) (t Total, err error) {
	for {
		batch, end, err := i.gather(rows)
		if err != nil {
			return t, fmt.Errorf("after line %d: %w", t.Line, plain(err))
		}
		if err := i.send(ctx, batch, &t); err != nil {
			if t.Line == 0 {
				return t, plain(err)
			}
			return t, fmt.Errorf("stopped after line %d: %w; run it again, what is there is not added twice", t.Line, plain(err))
		}
		i.Progress(t)
		if end {
			return t, nil
		}
	}
}

// plain gives what a person needs of an error.
func plain(err error) error {
	var e *authority.Error
	if errors.As(err, &e) {
		return errors.New(e.Message)
	}
	return err
}

// gather reads the rows of one call.
func (i Import) gather(rows Rows) (batch []Row, end bool, err error) {
	size := 0
	for len(batch) < callRows && size < callBytes {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return batch, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		if row.Err == nil && i.Prepare != nil {
			row.Object = i.Prepare(row.Object)
		}
		size += len(row.Object)
		batch = append(batch, row)
	}
	return batch, false, nil
}

func (i Import) send(ctx context.Context, batch []Row, t *Total) error {
	in := operation.ImportInput{Try: i.Try}
	for _, row := range batch {
		if row.Err == nil && !row.Other {
			in.Rows = append(in.Rows, operation.ImportRow{Line: row.Line, Row: row.Object})
		}
	}
	result, err := i.call(ctx, in)
	if err != nil {
		return err
	}
	for _, row := range batch {
		t.Line, t.Records = row.Line, t.Records+row.Records
		switch {
		case row.Other:
			t.Other++
		case row.Err != nil:
			i.count(row, operation.ImportedRow{State: operation.Bad, Message: row.Err.Error()}, t)
		default:
			i.count(row, result[0], t)
			result = result[1:]
		}
	}
	return nil
}

func (i Import) call(ctx context.Context, in operation.ImportInput) ([]operation.ImportedRow, error) {
	if len(in.Rows) == 0 {
		return nil, ctx.Err()
	}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	raw, err := i.Run.Run(ctx, operation.Call{Operation: i.Operation, Stand: i.Stand, Account: i.Account, Input: text})
	if err != nil {
		return nil, err
	}
	var out operation.ImportResult
	if err := json.Unmarshal(raw, &out); err != nil || len(out.Rows) != len(in.Rows) {
		return nil, errors.New("the server's answer cannot be read")
	}
	return out.Rows, nil
}

func (i Import) count(row Row, out operation.ImportedRow, t *Total) {
	t.Read++
	if i.there != nil && (out.State == operation.Changed || out.State == operation.Same) {
		i.there.note(row.Object)
	}
	switch out.State {
	case operation.Added:
		if row.Unclear {
			t.Unclear++
		}
		if t.Added++; out.Message != "" && i.Note != nil {
			i.Note(row, out.Message)
		}
	case operation.Changed:
		t.Changed++
	case operation.Same:
		t.Same++
	case operation.Bad:
		t.Bad++
		i.Bad(row, out.Message)
	}
}
