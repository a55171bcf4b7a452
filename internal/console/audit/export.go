package audit

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/web"
)

const (
	exportStep = 500 // entries between two looks at the reader
	// writePatience is how long a reader may take for one step of a stream.
	writePatience = 30 * time.Second
)

// exported is an entry in a file. Ids are written with what they name, so that
// no spreadsheet rounds them.
type exported struct {
	Time       time.Time         `json:"time"`
	Verb       string            `json:"verb"`
	Object     string            `json:"object"`
	Outcome    authority.Outcome `json:"outcome"`
	Reason     string            `json:"reason"`
	Actor      string            `json:"actor"`
	ActorName  string            `json:"actor_name"`
	Credential string            `json:"credential"`
	Grant      string            `json:"grant"`
	Dialect    string            `json:"dialect"`
	Door       string            `json:"door"`
	Address    string            `json:"address"`
	RequestID  string            `json:"request_id"`
	Count      int               `json:"count"`
	Account    string            `json:"account"` // "" = it belongs to none
}

func columns() []string {
	return []string{
		"time", "verb", "object", "outcome", "reason", "actor", "actor_name", "credential", "grant", "dialect", "door", "address", "request_id", "count",
		"account",
	}
}

func (e exported) cells() []string {
	return []string{
		e.Time.UTC().Format(time.RFC3339Nano), e.Verb, e.Object, string(e.Outcome), e.Reason, e.Actor, e.ActorName, e.Credential, e.Grant,
		e.Dialect, e.Door, e.Address, e.RequestID, strconv.Itoa(e.Count), e.Account,
	}
}

func exportOf(l line) exported {
	kind := func(kind string, id authority.ID) string {
		if id == 0 {
			return ""
		}
		return kind + "/" + idText(id)
	}
	out := exported{
		Time: l.Time, Verb: l.Verb, Object: l.Object, Outcome: l.Outcome, Reason: l.Reason, ActorName: l.Actor.Name,
		Actor: kind(l.Actor.Word(), l.Actor.ID), Credential: kind("credential", l.Credential.ID), Grant: kind("grant", l.Grant),
		Dialect: l.Dialect, Door: l.Door, RequestID: l.RequestID, Count: l.Count,
		Account: kind("account", l.Account),
	}
	if l.Address.IsValid() {
		out.Address = l.Address.String()
	}
	return out
}

// export sends everything that the filters find, step by step: it holds one step
// in memory, however long the audit is.
func (a Area) export(v *page.View) error {
	q, err := a.asked(v)
	if err != nil {
		return err
	}
	format := v.Query("format")
	media, known := map[string]string{"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson; charset=utf-8"}[format]
	if !known {
		return authority.E(authority.InvalidValue, "the format is csv or ndjson")
	}
	q.Size = exportStep
	first, err := a.Log.Audit(v.Context(), v.Caller, q)
	if err != nil {
		return err
	}
	h := v.Writer().Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="audit-`+v.Now().In(v.Zone()).Format("2006-01-02-1504")+"."+format+`"`)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	v.Writer().WriteHeader(http.StatusOK)
	if v.Request().Method == http.MethodHead {
		return nil
	}
	if err := a.stream(v, sheet{format: format, query: q}, first); err != nil {
		web.Abort()
	}
	return nil
}

// sheet is a file that is being sent.
type sheet struct {
	format string
	query  admin.AuditQuery
}

func (a Area) stream(v *page.View, s sheet, step []authority.Entry) error {
	control, still := http.NewResponseController(v.Writer()), v.Renewal(a.Core)
	for begin := true; ; begin = false {
		lines, err := a.lines(v, step)
		if err != nil {
			return err
		}
		if err := s.write(v.Writer(), lines, begin); err != nil {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(writePatience)) // what cannot be set stays as it was
		if err := control.Flush(); err != nil || len(step) < exportStep {
			return err
		}
		if _, err := still(v.Context()); err != nil { // what was revoked ends a stream too (B32)
			return err
		}
		s.query.Before = step[len(step)-1].ID
		if step, err = a.Log.Audit(v.Context(), v.Caller, s.query); err != nil {
			return err
		}
	}
}

func (s sheet) write(w http.ResponseWriter, lines []line, begin bool) error {
	var out bytes.Buffer
	table, objects := web.NewCSV(&out), json.NewEncoder(&out)
	put := func(e exported) error { return objects.Encode(e) }
	if s.format == "csv" {
		put = func(e exported) error { return table.Write(e.cells()...) }
		if begin {
			_ = table.Write(columns()...) // a Buffer takes everything
		}
	}
	for _, l := range lines {
		if err := put(exportOf(l)); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}
