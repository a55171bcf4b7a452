package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"propusk/internal/calls/cdr"
	"propusk/internal/server/operation"
)

// The formats of call records.
const (
	AsteriskCSV    = "asterisk-csv"
	FreeSWITCHJSON = "freeswitch-json"
)

// Records reads call records of files.
type Records struct {
	Format     string
	Zone       *time.Location // of Asterisk's local times
	Recordings *Recordings    // nil = none
}

// open reads one file.
func (r Records) open(file io.Reader) Rows {
	if r.Format == FreeSWITCHJSON {
		return &switchRows{lines: jsonLines{newLines(file)}, recordings: r.Recordings}
	}
	return &asteriskRows{csv: &CSV{lines: newLines(file), separator: ','}, legs: cdr.Asterisk{Zone: r.Zone}}
}

// callRow writes a call as a row.
func callRow(line int, c cdr.Call, recordings *Recordings) (Row, error) {
	row := operation.NewCallRow(c.Call)
	files, unclear := recordings.of(c)
	row.Recordings = files
	object, err := json.Marshal(row)
	return Row{Line: line, Object: object, Records: c.Records, Unclear: unclear}, err
}

func badRow(line int, why error) Row { return Row{Line: line, Err: why, Records: 1} }

type switchRows struct {
	lines      jsonLines
	recordings *Recordings
	any        bool // something stands in the file
}

// Next implements Rows. A file without anything is a record that was cut off:
// FreeSWITCH opens it before it writes.
func (s *switchRows) Next() (Row, error) {
	row, err := s.lines.Next()
	if errors.Is(err, io.EOF) && !s.any {
		s.any = true
		return badRow(row.Line, errors.New("the file is empty: its record was cut off")), nil
	}
	s.any = true
	if err != nil {
		return row, err
	}
	if row.Err != nil {
		row.Records = 1
		return row, nil //nolint:nilerr // a bad row is an answer
	}
	call, err := cdr.FreeSWITCH(row.Object)
	switch {
	case errors.Is(err, cdr.ErrOtherLeg):
		return Row{Line: row.Line, Other: true, Records: 1}, nil
	case err != nil:
		return badRow(row.Line, fmt.Errorf("the record %w", err)), nil
	}
	call.Records = 1
	return callRow(row.Line, call, s.recordings)
}

// asteriskRows reads legs, which Calls makes calls of.
type asteriskRows struct {
	csv  *CSV
	legs cdr.Asterisk
}

// Next implements Rows.
func (a *asteriskRows) Next() (Row, error) {
	rec, err := a.csv.Next()
	if err != nil {
		return Row{}, err
	}
	leg, bad := a.leg(rec)
	if bad != nil {
		return badRow(rec.Line, bad), nil
	}
	return Row{Line: rec.Line, leg: &leg}, nil
}

func (a *asteriskRows) leg(rec Record) (cdr.Leg, error) {
	if rec.Err != nil {
		return cdr.Leg{}, rec.Err
	}
	leg, err := a.legs.Leg(rec.Fields)
	if err != nil {
		return leg, fmt.Errorf("the record %w", err)
	}
	return leg, nil
}
