package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"propusk/internal/calls"
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

// Open reads one file.
func (r Records) Open(file io.Reader) Rows {
	if r.Format == FreeSWITCHJSON {
		return &switchRows{lines: jsonLines{newLines(file)}, recordings: r.Recordings}
	}
	return &asteriskRows{
		csv: &CSV{lines: newLines(file), separator: ','}, legs: cdr.Asterisk{Zone: r.Zone},
		calls: cdr.Joiner{Source: cdr.SourceAsterisk}, recordings: r.Recordings,
	}
}

// callRow writes a call as a row.
func callRow(line int, c cdr.Call, recordings *Recordings) (Row, error) {
	row := operation.NewCallRow(c.Call)
	row.Recordings = recordings.of(c.Names)
	object, err := json.Marshal(row)
	return Row{Line: line, Object: object, Records: c.Records}, err
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

type asteriskRows struct {
	csv        *CSV
	legs       cdr.Asterisk
	calls      cdr.Joiner
	recordings *Recordings
	over       bool
}

// Next implements Rows.
func (a *asteriskRows) Next() (Row, error) {
	for !a.over {
		rec, err := a.csv.Next()
		if errors.Is(err, io.EOF) {
			a.over = true
			break
		}
		if err != nil {
			return Row{}, err
		}
		leg, bad := a.leg(rec)
		if bad != nil {
			return badRow(rec.Line, bad), nil
		}
		if line, call, whole := a.calls.Add(rec.Line, leg); whole {
			return callRow(line, call, a.recordings)
		}
	}
	line, call, more := a.calls.Flush()
	if !more {
		return Row{}, io.EOF
	}
	return callRow(line, call, a.recordings)
}

// GuessFormat tells the format of the first file that the paths name.
func GuessFormat(paths []string) string {
	either := func(name string) bool {
		return Records{Format: FreeSWITCHJSON}.Matches(name) || Records{Format: AsteriskCSV}.Matches(name)
	}
	for name, err := range Files(paths, either) {
		if err == nil && (Records{Format: FreeSWITCHJSON}.Matches(name) || beginsWithBrace(name)) {
			return FreeSWITCHJSON
		}
		break
	}
	return AsteriskCSV
}

func beginsWithBrace(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	var head [1]byte
	_, err = io.ReadFull(file, head[:])
	return err == nil && head[0] == '{'
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

// Matches reports whether a file of a folder holds records of the format.
func (r Records) Matches(name string) bool {
	if r.Format == FreeSWITCHJSON {
		return strings.HasSuffix(name, ".json")
	}
	return strings.Contains(name, ".csv") && !strings.HasSuffix(name, ".gz")
}

// chunk is how many names of a folder are read at once: a folder of FreeSWITCH
// has a file for each call.
const chunk = 1000

// Files lists the files that the paths name, and those of folders that match.
func Files(paths []string, matches func(name string) bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, p := range paths {
			info, err := os.Stat(p)
			switch {
			case err == nil && info.IsDir():
				if !inFolder(p, matches, yield) {
					return
				}
			case !yield(p, err):
				return
			}
		}
	}
}

func inFolder(path string, matches func(string) bool, yield func(string, error) bool) bool {
	folder, err := os.Open(path)
	if err != nil {
		return yield(path, err)
	}
	defer folder.Close()
	for {
		entries, err := folder.ReadDir(chunk)
		for _, e := range entries {
			inside := filepath.Join(path, e.Name())
			switch {
			case e.IsDir() && !inFolder(inside, matches, yield):
				return false
			case e.Type().IsRegular() && matches(e.Name()) && !yield(inside, nil):
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return yield(path, err)
		}
	}
}

// Chain reads files one after the other as if they were one. A file that cannot
// be opened is a bad row; the caller closes the chain.
type Chain struct {
	next  func() (string, error, bool)
	stop  func()
	open  func(io.Reader) Rows
	name  string
	file  *os.File
	rows  Rows
	meter *Meter
	any   bool // there is a file
}

// NewChain makes a Chain of files; meter counts what is read.
func NewChain(files iter.Seq2[string, error], open func(io.Reader) Rows, meter *Meter) *Chain {
	c := &Chain{open: open, meter: meter}
	c.next, c.stop = iter.Pull2(files)
	return c
}

// Next implements Rows.
func (c *Chain) Next() (Row, error) {
	for {
		if c.rows == nil {
			name, err, ok := c.next()
			switch {
			case !ok && !c.any:
				return Row{}, errors.New("there is no file of call records")
			case !ok:
				return Row{}, io.EOF
			}
			c.any = true
			if c.name = name; err == nil {
				err = c.begin()
			}
			if err != nil {
				row := badRow(0, fmt.Errorf("cannot be read: %w", err))
				row.Name = name
				return row, nil
			}
		}
		row, err := c.rows.Next()
		row.Name = c.name
		if !errors.Is(err, io.EOF) {
			return row, err
		}
		c.rows = nil
		_ = c.file.Close()
	}
}

// begin opens the file whose turn it is.
func (c *Chain) begin() (err error) {
	if c.file, err = os.Open(c.name); err == nil {
		c.rows = c.open(c.meter.Reader(c.file))
	}
	return err
}

// Close lets go of the files.
func (c *Chain) Close() {
	c.stop()
	if c.rows != nil {
		_ = c.file.Close()
	}
}

// Recordings finds sound files by what they are named after.
type Recordings struct {
	byName map[string][]operation.RecordedFile
}

// FindRecordings walks a folder for mp3 and wav files.
func FindRecordings(folder string) (*Recordings, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	r := &Recordings{byName: make(map[string][]operation.RecordedFile)}
	return r, filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			r.add(path)
		}
		return err
	})
}

func (r *Recordings) add(path string) {
	base := filepath.Base(path)
	ext := filepath.Ext(base)
	f := operation.RecordedFile{Path: path}
	switch strings.ToLower(ext) {
	case ".mp3":
		f.Media = calls.MP3
	case ".wav":
		f.Media = calls.WAV
	default:
		return
	}
	if base = strings.TrimSuffix(base, ext); base == "" {
		return
	}
	r.byName[base] = append(r.byName[base], f)
	if id := cdr.IDIn(base); id != "" && id != base {
		r.byName[id] = append(r.byName[id], f)
	}
}

// of gives the recordings of a call by its names: one of each name, mp3 rather
// than wav of the same.
func (r *Recordings) of(names []string) []operation.RecordedFile {
	if r == nil {
		return nil
	}
	var out []operation.RecordedFile
	seen := map[string]int{} // path without extension → place in out
	for _, name := range names {
		for _, key := range []string{name, cdr.IDIn(name)} {
			for _, f := range r.byName[key] {
				stem := strings.TrimSuffix(f.Path, filepath.Ext(f.Path))
				at, there := seen[stem]
				switch {
				case !there:
					seen[stem] = len(out)
					out = append(out, f)
				case f.Media == calls.MP3:
					out[at] = f
				}
			}
		}
	}
	return out
}
