package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"propusk/internal/authority"
	"propusk/internal/imports"
	"propusk/internal/server/operation"
)

// Upload imports the file of somebody who was let in, with his own rights.
type Upload struct {
	Kind    imports.Kind
	Try     bool // change nothing, only say what would be done
	Replace bool // products: what the file does not name leaves
	Caller  authority.Caller
	// Renew lets him in anew: what is revoked meanwhile stops his import.
	Renew func(ctx context.Context) (authority.Caller, error)
	// As gives what runs the imports for somebody.
	As func(authority.Caller) operation.Runner

	file *imports.Spool
	rows Rows
}

// Columns lists the columns of a kind; nil where the file has none.
func Columns(k imports.Kind) []Column {
	switch k {
	case imports.Tasks:
		return Tasks()
	case imports.Products:
		return Products()
	case imports.Credentials:
		return Credentials()
	case imports.Calls:
	}
	return nil
}

// Open begins to read the rows of file, which stays its caller's; those of calls are
// read by Load, for their file is read twice. InvalidValue for a file that holds
// none of this kind.
func (u *Upload) Open(file *imports.Spool) error {
	u.file = file
	if u.Kind == imports.Calls {
		return nil
	}
	in, err := file.Reader()
	if err != nil {
		return err
	}
	u.rows, err = Open(in, Columns(u.Kind))
	return toSender(err)
}

// Load imports the rows; note hears how far it is.
func (u *Upload) Load(ctx context.Context, note func(imports.Report)) (out imports.Report, err error) {
	run := &userRunner{renew: u.Renew, as: u.As}
	report := func(t Total) {
		out.Read, out.Added, out.Same, out.Changed, out.Bad = t.Read, t.Added, t.Same, t.Changed, t.Bad
		out.Other, out.Line, out.Passed = t.Other, t.Line, u.file.Passed()
	}
	job := Import{
		Run: run, Operation: operationOf(u.Kind), Account: u.Caller.Account().Contract, Try: u.Try,
		Progress: func(t Total) { report(t); note(out) },
		Bad: func(row Row, why string) {
			if len(out.Refused) < imports.MaxRefused {
				out.Refused = append(out.Refused, imports.Refused{Line: row.Line, Why: why})
			}
		},
	}
	total, err := u.load(ctx, job)
	report(total)
	var bad BadCatalogueError
	if errors.As(err, &bad) && run.err == nil {
		out.Held, err = true, nil
	}
	return out, toSender(cmp.Or(run.err, err))
}

func (u *Upload) load(ctx context.Context, job Import) (Total, error) {
	if u.Try && u.Kind == imports.Credentials {
		job.Prepare = Promises()
	}
	switch u.Kind {
	case imports.Products:
		return job.LoadCatalogue(ctx, u.rows, u.Replace)
	case imports.Calls:
		rows, err := u.calls(ctx)
		if err != nil {
			return Total{}, err
		}
		defer func() { _ = rows.Close() }() // the file is not its own
		return job.Load(ctx, rows)
	case imports.Tasks, imports.Credentials:
	}
	return job.Load(ctx, u.rows)
}

// calls gathers the calls of the file, in the account's own time zone.
func (u *Upload) calls(ctx context.Context) (*Calls, error) {
	zone, err := time.LoadLocation(cmp.Or(u.Caller.Account().Settings.TimeZone, authority.DefaultTimeZone))
	if err != nil {
		return nil, fmt.Errorf("the account's time zone: %w", err)
	}
	in, err := u.file.Reader()
	if err != nil {
		return nil, err
	}
	r := Records{Format: AsteriskCSV, Zone: zone}
	var head [1]byte
	if _, err := io.ReadFull(in, head[:]); err == nil && head[0] == '{' {
		r.Format = FreeSWITCHJSON
	}
	return r.ReadSpool(ctx, u.file)
}

// operationOf names what takes the rows of a kind.
func operationOf(k imports.Kind) string {
	if k == imports.Calls {
		return "import.cdr"
	}
	return "import." + string(k)
}

// toSender makes a file's own fault one that its sender is told.
func toSender(err error) error {
	var fault FileError
	if errors.As(err, &fault) {
		return authority.E(authority.InvalidValue, fault.Error()).With("field", "file")
	}
	return err
}

// userRunner runs the operations of a file in somebody's name, and remembers why
// one was refused: who reads the rows tells its words only.
type userRunner struct {
	renew func(ctx context.Context) (authority.Caller, error)
	as    func(authority.Caller) operation.Runner
	err   error
}

// Run implements operation.Runner.
func (r *userRunner) Run(ctx context.Context, c operation.Call) (json.RawMessage, error) {
	caller, err := r.renew(ctx)
	if err == nil {
		var out json.RawMessage
		if out, err = r.as(caller).Run(ctx, c); err == nil {
			return out, nil
		}
	}
	r.err = cmp.Or(r.err, err)
	return nil, err
}
