package server

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"propusk/internal/authority"
	"propusk/internal/console/intake"
	"propusk/internal/server/operation"
	files "propusk/internal/server/operation/intake"
)

// importer imports the files that users upload, as the operator's commands
// import those of their disk.
type importer struct{ table *operation.Table }

var _ intake.Importer = importer{}

// Columns implements intake.Importer.
func (importer) Columns(k intake.Kind) []string {
	var names []string
	for _, c := range columns(k) {
		if k != intake.Credentials || c.Name != "account" {
			names = append(names, c.Name)
		}
	}
	return names
}

func columns(k intake.Kind) []files.Column {
	switch k {
	case intake.Tasks:
		return files.Tasks()
	case intake.Products:
		return files.Products()
	case intake.Credentials:
		return files.Credentials()
	case intake.Calls:
	}
	return nil
}

// operationOf names what takes the rows of a kind.
func operationOf(k intake.Kind) string {
	if k == intake.Calls {
		return "import.cdr"
	}
	return "import." + string(k)
}

// Import implements intake.Importer.
func (i importer) Import(ctx context.Context, c authority.Caller, u intake.Upload) (out intake.Report, err error) {
	run := &witness{Runner: i.table.As(c), file: u.File}
	u.File = run
	rows, err := open(c, u)
	if err != nil {
		return out, asked(cmp.Or(run.err, err))
	}
	job := files.Import{
		Run: run, Operation: operationOf(u.Kind), Stand: c.Stand(), Account: c.Account().Contract, Try: u.Try,
		Progress: func(files.Total) {},
		Bad: func(row files.Row, why string) {
			if len(out.Refused) < intake.MaxRefused {
				out.Refused = append(out.Refused, intake.Refused{Line: row.Line, Why: authority.E(authority.InvalidValue, why)})
			}
		},
	}
	if u.Try && u.Kind == intake.Credentials {
		job.Prepare = files.Promises()
	}
	var total files.Total
	if u.Kind == intake.Products {
		total, err = job.LoadCatalogue(ctx, rows, u.Replace)
	} else {
		total, err = job.Load(ctx, rows)
	}
	out.Read, out.Added, out.Same, out.Changed, out.Bad = total.Read, total.Added, total.Same, total.Changed, total.Bad
	out.Other, out.Line = total.Other, total.Line
	var bad files.BadCatalogueError
	if errors.As(err, &bad) && run.err == nil {
		out.Kept, err = true, nil
	}
	return out, asked(cmp.Or(run.err, err))
}

// open begins to read the rows of an upload.
func open(c authority.Caller, u intake.Upload) (files.Rows, error) {
	if u.Kind != intake.Calls {
		return files.Open(u.File, columns(u.Kind))
	}
	zone, err := time.LoadLocation(cmp.Or(c.Account().Settings.TimeZone, authority.DefaultTimeZone))
	if err != nil {
		return nil, fmt.Errorf("the account's time zone: %w", err)
	}
	in := bufio.NewReader(u.File)
	r := files.Records{Format: files.AsteriskCSV, Zone: zone}
	if head, err := in.Peek(1); err == nil && head[0] == '{' {
		r.Format = files.FreeSWITCHJSON
	}
	return r.Open(in), nil
}

// asked gives what the user is told: a file's own fault is his to mend.
func asked(err error) error {
	var e *authority.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return authority.E(authority.InvalidValue, err.Error()).With("field", "file")
}

// witness remembers why the work stopped, in the file or in the operation: who
// reads the rows tells its words only.
type witness struct {
	operation.Runner

	file io.Reader
	err  error
}

// Read implements io.Reader.
func (w *witness) Read(p []byte) (int, error) {
	n, err := w.file.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && w.err == nil {
		w.err = err
	}
	return n, err
}

// Run implements operation.Runner.
func (w *witness) Run(ctx context.Context, c operation.Call) (json.RawMessage, error) {
	out, err := w.Runner.Run(ctx, c)
	if err != nil && w.err == nil {
		w.err = err
	}
	return out, err
}
