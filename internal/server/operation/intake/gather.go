package intake

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"

	"propusk/internal/calls/cdr"
	"propusk/internal/imports"
)

// Calls reads the calls of all files of an import. Asterisk writes a record for
// each leg of a call: their files are read first for where the legs of a call
// lie, and then for the calls.
type Calls struct {
	records Records
	meter   *Meter
	kept    *kept // nil = the files are read once
	plan    *cdr.Plan

	chain *chain
	part  int
	place int // of the next leg in this reading
	legs  cdr.Joiner
}

// Read begins to read the files that the paths name, and those of folders that
// match. The caller closes what it gets.
func (r Records) Read(ctx context.Context, paths []string, meter *Meter) (*Calls, error) {
	c := &Calls{records: r, meter: meter, legs: cdr.Joiner{Source: cdr.SourceAsterisk}}
	if r.Format == FreeSWITCHJSON {
		c.chain = newChain(Files(paths, r.Matches), r.open, meter)
		return c, nil
	}
	c.kept = &kept{files: map[string]*source{}}
	if err := c.kept.take(ctx, Files(paths, r.Matches)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c.begin(ctx)
}

// ReadSpool reads the one file that a spool holds, which stays its caller's.
func (r Records) ReadSpool(ctx context.Context, s *imports.Spool) (*Calls, error) {
	c := &Calls{records: r, meter: &Meter{}, legs: cdr.Joiner{Source: cdr.SourceAsterisk}}
	c.kept = &kept{names: []string{""}, files: map[string]*source{"": {spool: s, lent: true}}}
	if r.Format == FreeSWITCHJSON {
		c.chain = c.again(c.meter)
		return c, nil
	}
	return c.begin(ctx)
}

func (c *Calls) begin(ctx context.Context) (*Calls, error) {
	c.plan = cdr.NewPlan()
	if err := c.survey(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.meter.Size = c.kept.size() * int64(c.plan.Parts())
	c.chain = c.again(c.meter)
	return c, nil
}

// again reads the files from their beginning.
func (c *Calls) again(meter *Meter) *chain {
	files := newChain(c.kept.list(), c.records.open, meter)
	files.file = c.kept.open
	return files
}

// survey is the first reading.
func (c *Calls) survey(ctx context.Context) error {
	files := c.again(&Meter{})
	defer files.Close()
	for {
		row, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			c.plan.Settle()
			return nil
		case err != nil:
			return err
		case row.leg != nil:
			c.plan.Note(*row.leg)
			c.records.Recordings.note(*row.leg)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Next implements Rows.
func (c *Calls) Next() (Row, error) {
	for {
		row, err := c.chain.Next()
		switch {
		case errors.Is(err, io.EOF):
			if at, call, held := c.legs.Flush(); held {
				return c.row(at, call)
			}
			if !c.nextPart() {
				return row, err
			}
		case err != nil:
			return row, err
		case row.leg != nil:
			if at, call, whole := c.add(row); whole {
				return c.row(at, call)
			}
		case c.part == 0: // the other readings find the same bad rows
			return row, nil
		}
	}
}

func (c *Calls) add(row Row) (cdr.Place, cdr.Call, bool) {
	place := c.place
	c.place++
	if c.plan.Part(*row.leg) != c.part {
		return cdr.Place{}, cdr.Call{}, false
	}
	return c.legs.Add(cdr.Place{File: row.Name, Line: row.Line}, *row.leg, c.plan.Last(place))
}

func (c *Calls) nextPart() bool {
	if c.plan == nil || c.part+1 >= c.plan.Parts() {
		return false
	}
	c.chain.Close()
	c.chain, c.part, c.place = c.again(c.meter), c.part+1, 0
	return true
}

func (c *Calls) row(at cdr.Place, call cdr.Call) (Row, error) {
	row, err := callRow(at.Line, call, c.records.Recordings)
	row.Name = at.File
	return row, err
}

// Close lets go of the files.
func (c *Calls) Close() error {
	if c.chain != nil {
		c.chain.Close()
	}
	if c.kept == nil {
		return nil
	}
	return c.kept.close()
}

// kept is the files of an import as they were at its beginning: what is written
// behind their ends meanwhile is left for the next one.
type kept struct {
	names []string
	files map[string]*source
}

// source is one file. What can be read only once, such as a pipe, is spooled.
type source struct {
	info  os.FileInfo
	spool *imports.Spool
	lent  bool // the spool is somebody else's
	err   error
}

var errOther = errors.New("it is another file than a moment ago; run the import again")

// take notes the files. One that is named twice is read once.
func (k *kept) take(ctx context.Context, files iter.Seq2[string, error]) error {
	for name, err := range files {
		if k.files[name] != nil {
			continue
		}
		s := &source{err: err}
		k.names, k.files[name] = append(k.names, name), s
		if s.err != nil {
			continue
		}
		if s.info, s.err = os.Stat(name); s.err == nil && !s.info.Mode().IsRegular() {
			if s.spool, err = spool(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func spool(ctx context.Context, name string) (*imports.Spool, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return imports.NewSpool(ctx, os.TempDir(), file)
}

func (k *kept) list() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range k.names {
			if !yield(name, k.files[name].err) {
				return
			}
		}
	}
}

// open gives a file from its beginning.
func (k *kept) open(name string) (io.ReadCloser, error) {
	s := k.files[name]
	if s.spool != nil {
		in, err := s.spool.Reader()
		return io.NopCloser(in), err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (!os.SameFile(info, s.info) || info.Size() < s.info.Size()) {
		err = errOther
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, s.info.Size()), file}, nil
}

func (k *kept) size() (bytes int64) {
	for _, s := range k.files {
		switch {
		case s.spool != nil:
			bytes += s.spool.Size()
		case s.info != nil:
			bytes += s.info.Size()
		}
	}
	return bytes
}

func (k *kept) close() (err error) {
	for _, s := range k.files {
		if s.spool != nil && !s.lent {
			err = errors.Join(err, s.spool.Close())
		}
	}
	return err
}
