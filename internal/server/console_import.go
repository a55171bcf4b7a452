package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"propusk/internal/authority"
	"propusk/internal/console/intake"
	"propusk/internal/imports"
	"propusk/internal/server/operation"
	files "propusk/internal/server/operation/intake"
	storeimports "propusk/internal/store/imports"
)

// importer imports the files that users upload, as the operator's commands
// import those of their disk.
type importer struct {
	table  *operation.Table
	jobs   *imports.Service
	folder string // of files on their way
}

var _ intake.Importer = importer{}

// openImports makes what imports files that users upload.
func (s *Server) openImports(ctx context.Context) (out importer, err error) {
	out = importer{table: s.data.Operations(), folder: filepath.Join(s.data.Config.Data, "incoming")}
	if err := imports.ClearSpools(out.folder); err != nil {
		return out, err
	}
	s.imports, err = imports.Open(ctx, imports.Config{Store: storeimports.New(s.data.DB), Now: s.data.Now, Logger: s.data.Log})
	out.jobs = s.imports
	return out, err
}

// stopImports cuts off what is being imported, and waits until that is noted.
func (s *Server) stopImports() {
	if s.imports != nil {
		s.imports.Close()
	}
}

// Job implements intake.Importer.
func (i importer) Job(ctx context.Context, c authority.Caller, id authority.ID) (imports.Job, error) {
	return i.jobs.Job(ctx, c.Account().ID, id)
}

// Jobs implements intake.Importer.
func (i importer) Jobs(ctx context.Context, c authority.Caller, k imports.Kind, size int) ([]imports.Job, error) {
	return i.jobs.Jobs(ctx, c.Account().ID, k, size)
}

// Columns implements intake.Importer.
func (importer) Columns(k imports.Kind) []string {
	var names []string
	for _, c := range columns(k) {
		if k != imports.Credentials || c.Name != "account" {
			names = append(names, c.Name)
		}
	}
	return names
}

func columns(k imports.Kind) []files.Column {
	switch k {
	case imports.Tasks:
		return files.Tasks()
	case imports.Products:
		return files.Products()
	case imports.Credentials:
		return files.Credentials()
	case imports.Calls:
	}
	return nil
}

// operationOf names what takes the rows of a kind.
func operationOf(k imports.Kind) string {
	if k == imports.Calls {
		return "import.cdr"
	}
	return "import." + string(k)
}

// Import implements intake.Importer.
func (i importer) Import(ctx context.Context, c authority.Caller, u intake.Upload) (imports.Job, <-chan struct{}, error) {
	release, err := i.jobs.Reserve(c.Account().ID)
	if err != nil {
		return imports.Job{}, nil, err
	}
	file, err := imports.NewSpool(ctx, i.folder, u.File)
	if err != nil {
		release()
		return imports.Job{}, nil, err
	}
	let := func() { _ = file.Close(); release() } // its name has left; there is nothing to save
	rows, err := open(u.Kind, file)
	if err != nil {
		let()
		return imports.Job{}, nil, asked(err)
	}
	j := imports.Job{
		Account: c.Account().ID, Principal: c.Principal().ID, Kind: u.Kind, File: u.Name, Size: file.Size(), Try: u.Try, Replace: u.Replace,
	}
	started, done, err := i.jobs.Start(ctx, j, func(ctx context.Context, note func(imports.Report)) (imports.Report, error) {
		defer let()
		run := &witness{runner: func() operation.Runner { return i.table.As(c) }, renew: func() (err error) { c, err = u.Renew(ctx); return err }}
		l := loading{upload: u, contract: c.Account().Contract, run: run, file: file, rows: rows, note: note}
		if u.Kind != imports.Calls {
			return load(ctx, l)
		}
		read, err := readCalls(ctx, c, file)
		if err != nil {
			return imports.Report{}, asked(err)
		}
		defer func() { _ = read.Close() }() // the file is not its own
		l.rows = read
		return load(ctx, l)
	})
	if err != nil {
		let()
	}
	return started, done, err
}

// loading is the import of one file.
type loading struct {
	upload   intake.Upload
	contract string
	run      *witness
	file     *imports.Spool
	rows     files.Rows
	note     func(imports.Report)
}

func load(ctx context.Context, l loading) (out imports.Report, err error) {
	report := func(t files.Total) {
		out.Read, out.Added, out.Same, out.Changed, out.Bad = t.Read, t.Added, t.Same, t.Changed, t.Bad
		out.Other, out.Line, out.Passed = t.Other, t.Line, l.file.Passed()
	}
	u := l.upload
	job := files.Import{
		Run: l.run, Operation: operationOf(u.Kind), Account: l.contract, Try: u.Try,
		Progress: func(t files.Total) { report(t); l.note(out) },
		Bad: func(row files.Row, why string) {
			if len(out.Refused) < imports.MaxRefused {
				out.Refused = append(out.Refused, imports.Refused{Line: row.Line, Why: why})
			}
		},
	}
	if u.Try && u.Kind == imports.Credentials {
		job.Prepare = files.Promises()
	}
	var total files.Total
	if u.Kind == imports.Products {
		total, err = job.LoadCatalogue(ctx, l.rows, u.Replace)
	} else {
		total, err = job.Load(ctx, l.rows)
	}
	report(total)
	var bad files.BadCatalogueError
	if errors.As(err, &bad) && l.run.err == nil {
		out.Held, err = true, nil
	}
	return out, asked(cmp.Or(l.run.err, err))
}

// open begins to read the rows of an upload; those of calls are read as the job
// goes on, for their file is read twice.
func open(k imports.Kind, file *imports.Spool) (files.Rows, error) {
	if k == imports.Calls {
		return nil, nil //nolint:nilnil // readCalls gives them
	}
	in, err := file.Reader()
	if err != nil {
		return nil, err
	}
	return files.Open(in, columns(k))
}

func readCalls(ctx context.Context, c authority.Caller, file *imports.Spool) (*files.Calls, error) {
	zone, err := time.LoadLocation(cmp.Or(c.Account().Settings.TimeZone, authority.DefaultTimeZone))
	if err != nil {
		return nil, fmt.Errorf("the account's time zone: %w", err)
	}
	in, err := file.Reader()
	if err != nil {
		return nil, err
	}
	r := files.Records{Format: files.AsteriskCSV, Zone: zone}
	var head [1]byte
	if _, err := io.ReadFull(in, head[:]); err == nil && head[0] == '{' {
		r.Format = files.FreeSWITCHJSON
	}
	return r.ReadSpool(ctx, file)
}

// asked gives what the user is told: a file's own fault is his to mend; every
// other error of reading is this machine's.
func asked(err error) error {
	var fault files.FileError
	if errors.As(err, &fault) {
		return authority.E(authority.InvalidValue, fault.Error()).With("field", "file")
	}
	return err
}

// witness runs the operations of a file in somebody's name, and remembers why one
// was refused: who reads the rows tells its words only.
type witness struct {
	runner func() operation.Runner // with his rights as they are
	renew  func() error            // lets him in anew: what is revoked meanwhile stops his import
	err    error
}

// Run implements operation.Runner.
func (w *witness) Run(ctx context.Context, c operation.Call) (json.RawMessage, error) {
	err := w.renew()
	if err == nil {
		var out json.RawMessage
		if out, err = w.runner().Run(ctx, c); err == nil {
			return out, nil
		}
	}
	w.err = cmp.Or(w.err, err)
	return nil, err
}
