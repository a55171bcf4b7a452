package element

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

const (
	exportStep = 500 // entries between two looks at the caller
	// writePatience is how long a client may take for one step of a stream.
	writePatience = 30 * time.Second
)

// lines documents export.
type lines struct{ entry }

// MediaTypes implements web.Typed.
func (lines) MediaTypes() []string { return []string{"application/x-ndjson", "text/csv"} }

type exportRequest struct {
	auditFilter

	Format string `query:"format" enum:"ndjson,csv" default:"ndjson"`
}

// csvFormat is the format for spreadsheets.
const csvFormat = "csv"

// export is the audit as lines, written as they are found.
type export struct {
	d      *Dialect
	ctx    context.Context // of the one request that it answers
	caller authority.Caller
	query  admin.AuditQuery
	first  []authority.Entry
	format string
}

func (d *Dialect) export(ctx context.Context, c authority.Caller, f exportRequest) (export, error) {
	q, err := d.auditQuery(f.auditFilter)
	if err != nil {
		return export{}, err
	}
	if f.Format != csvFormat && f.Format != "ndjson" {
		return export{}, authority.E(authority.InvalidValue, "format must be ndjson or csv").With("parameter", "format")
	}
	q.Size = exportStep
	first, err := d.Admin.Audit(ctx, c, q)
	return export{d: d, ctx: ctx, caller: c, query: q, first: first, format: f.Format}, err
}

// Stream implements web.Streamer. What goes wrong on the way is told by a last
// line that is an error of this dialect: the status has been sent.
func (e export) Stream(w http.ResponseWriter) {
	media := "application/x-ndjson; charset=utf-8"
	if e.format == csvFormat {
		media = "text/csv; charset=utf-8; header=present" // RFC 4180 §3
	}
	w.Header()["Content-Type"] = []string{media}
	w.WriteHeader(http.StatusOK)
	if r := requestOf(e.ctx); r == nil || r.Method == http.MethodHead {
		return
	}
	if err := e.lines(w); err != nil {
		_ = json.NewEncoder(w).Encode(refusalOf(err)) // a row too short, among rows of CSV
	}
}

// lines writes step after step, and between two looks whether the caller may
// still read: what was revoked ends a stream too (B32).
func (e export) lines(w http.ResponseWriter) error {
	control := http.NewResponseController(w)
	for step := e.first; ; {
		if err := e.write(w, step); err != nil {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(writePatience)) // what cannot be set stays as it was
		if err := control.Flush(); err != nil || len(step) < exportStep {
			return err
		}
		if err := e.still(); err != nil {
			return err
		}
		e.query.Before = step[len(step)-1].ID
		var err error
		if step, err = e.d.Admin.Audit(e.ctx, e.caller, e.query); err != nil {
			return err
		}
	}
}

func (e export) write(w http.ResponseWriter, step []authority.Entry) error {
	var out bytes.Buffer
	put := e.lineWriter(&out)
	for _, found := range step {
		shown, err := e.d.entryOf(e.caller, found)
		if err != nil {
			return err
		}
		if err := put(shown); err != nil {
			return err
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// lineWriter writes entries in the format that was asked. A table begins with the
// names of its columns, also when it is empty.
func (e export) lineWriter(out *bytes.Buffer) func(entry) error {
	if e.format != csvFormat {
		lines := json.NewEncoder(out)
		return func(shown entry) error { return lines.Encode(shown) }
	}
	table := web.NewCSV(out)
	if e.query.Before == 0 {
		_ = errors.Join(table.Write(columns()...), table.Flush()) // a Buffer takes everything
	}
	return func(shown entry) error { return errors.Join(table.Write(shown.cells()...), table.Flush()) }
}

func columns() []string {
	return []string{
		"id", "time", "verb", "object", "outcome", "reason", "actor", "credential", "grant", "dialect", "door", "address", "request-id", "count", "account",
	}
}

func (e entry) cells() []string {
	who := func(id *uuid) string {
		if id == nil {
			return ""
		}
		return formatUUID(id.id)
	}
	return []string{
		e.ID, e.Time.UTC().Format(time.RFC3339Nano), e.Verb, e.Object, string(e.Outcome), e.Reason, who(e.Actor), who(e.Credential),
		who(e.Grant), e.Dialect, e.Door, e.Address, e.RequestID, strconv.Itoa(e.Count), who(e.Account),
	}
}

// still asks once more whether the bearer of the request is let in.
func (e export) still() error {
	shown, err := dialect.Bearer(requestOf(e.ctx))
	if err != nil {
		return err
	}
	c, err := e.d.Core.Authenticate(e.ctx, e.caller.Origin(), shown)
	if err != nil {
		return err
	}
	if !ofPanel(c) || !c.Can(admin.AuditRead) {
		return authority.E(authority.Forbidden, "the permission is missing").With("permission", string(admin.AuditRead))
	}
	return nil
}
