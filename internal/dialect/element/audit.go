package element

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) auditRoutes() []web.Route {
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: base + "/audit", Permission: admin.AuditRead,
			Request: auditRequest{}, Response: []entry{}, Summary: "Read the audit, newest first.", Serve: web.JSON(d.audit, web.KnownOnly),
		},
		{
			Method: http.MethodGet, Pattern: base + "/audit/export", Permission: admin.AuditRead,
			Request: exportRequest{}, Response: lines{}, Summary: "Read the whole audit as a stream of lines: NDJSON, or CSV for spreadsheets.",
			Serve: web.JSON(d.export, web.KnownOnly),
		},
		{
			Method: http.MethodGet, Pattern: base + "/usage", Permission: admin.AuditRead,
			Request: usageRequest{}, Response: listing[usage]{}, Summary: "Count calls per credential, dialect and hour.",
			Serve: web.JSON(d.usage, web.KnownOnly),
		},
		{
			Method: http.MethodGet, Pattern: base + "/usage/doors", Permission: admin.AuditRead,
			Request: paging{}, Response: listing[doorUse]{}, Summary: "List who still comes in through a weak door.",
			Serve: web.JSON(d.doorUses, web.KnownOnly),
		},
	}
}

// entry is one line of the audit.
type entry struct {
	ID         string            `json:"id"`
	Time       *moment           `json:"time"`
	Verb       string            `json:"verb"`
	Object     string            `json:"object"`
	Outcome    authority.Outcome `json:"outcome"`
	Reason     string            `json:"reason"`
	Actor      *uuid             `json:"actor"`
	Credential *uuid             `json:"credential"`
	Grant      *uuid             `json:"grant"`
	Dialect    string            `json:"dialect"`
	Door       string            `json:"door"`
	Address    string            `json:"address"`
	RequestID  string            `json:"request-id"`
	Count      int               `json:"count"`
	Account    *uuid             `json:"account"` // null = it belongs to none
}

// entryOf shows e. The place of an entry is a serial number of the whole
// deployment, so it goes out sealed (rule 9).
func (d *Dialect) entryOf(c authority.Caller, e authority.Entry) (entry, error) {
	id, err := d.Core.Mark(c, "audit/entry", e.ID)
	if err != nil {
		return entry{}, err
	}
	out := entry{
		ID: id, Time: momentOf(e.Time), Verb: e.Verb, Object: objectOf(e.Object), Outcome: e.Outcome, Reason: e.Reason,
		Actor: optional(e.Actor), Credential: optional(e.Credential), Grant: optional(e.Grant),
		Dialect: e.Dialect, Door: e.Door, RequestID: e.RequestID, Count: e.Count, Account: optional(e.Account),
	}
	if e.Address.IsValid() {
		out.Address = e.Address.String()
	}
	return out, nil
}

// objectOf writes the id of "kind/id" as this dialect does. Grants are named in
// their own way.
func objectOf(object string) string {
	kind, name, ok := strings.Cut(object, "/")
	if id, err := strconv.ParseInt(name, 10, 64); ok && err == nil && kind != "task" {
		return kind + "/" + formatUUID(authority.ID(id))
	}
	if id, err := authority.DecodeGrant(name); ok && err == nil && kind == "grant" {
		return kind + "/" + formatUUID(id)
	}
	return object
}

// objectAsked reads what objectOf wrote, or the beginning of it.
func objectAsked(object string) string {
	kind, name, _ := strings.Cut(object, "/")
	id, ours := parseUUID(name)
	switch {
	case !ours || kind == "task":
		return object
	case kind == "grant":
		return kind + "/" + authority.EncodeGrant(id)
	}
	return kind + "/" + strconv.FormatInt(int64(id), 10)
}

// auditFilter picks entries; empty fields pick all.
type auditFilter struct {
	Verb       string     `query:"verb" example:"token.issue"`
	Actor      *uuid      `query:"actor"`
	Credential *uuid      `query:"credential"`
	Grant      *uuid      `query:"grant"`
	Object     string     `query:"object"`
	Outcome    string     `query:"outcome" enum:"done,refused"`
	Dialect    string     `query:"dialect"`
	Door       string     `query:"door"`
	Address    string     `query:"address"`
	RequestID  string     `query:"request-id"`
	Since      *time.Time `query:"since"`
	Until      *time.Time `query:"until"`
	Account    string     `query:"account" enum:"own,none" about:"none: what belongs to no account, such as a refused stranger; for the deployment's owner"`
}

func (d *Dialect) auditQuery(f auditFilter) (admin.AuditQuery, error) {
	q := admin.AuditQuery{
		Verb: f.Verb, Outcome: authority.Outcome(f.Outcome), Dialect: f.Dialect, Door: f.Door, RequestID: f.RequestID,
		Whose: admin.Whose(f.Account), Since: given(f.Since), Until: given(f.Until),
	}
	err := first(d.named(f.Dialect), asked(wanted{f.Actor, &q.Actor}, wanted{f.Credential, &q.Credential}, wanted{f.Grant, &q.Grant}))
	if err != nil {
		return q, err
	}
	if f.Address != "" {
		if q.Address, err = netip.ParseAddr(f.Address); err != nil {
			return q, authority.E(authority.InvalidValue, "address must be an IP address").With("parameter", "address")
		}
	}
	q.Object = objectAsked(f.Object)
	if q.Outcome != "" && q.Outcome != authority.Done && q.Outcome != authority.Refused {
		return q, authority.E(authority.InvalidValue, "outcome must be done or refused").With("parameter", "outcome")
	}
	if q.Whose != "" && q.Whose != admin.OwnEntries && q.Whose != admin.NobodysEntries {
		return q, authority.E(authority.InvalidValue, "account must be own or none").With("parameter", "account")
	}
	return q, nil
}

// list names what a cursor is good for: one filter (B45).
func list(q admin.AuditQuery) (string, error) {
	q.Before, q.Size = 0, 0
	text, err := json.Marshal(q)
	return "audit/" + string(text), err
}

type auditRequest struct {
	auditFilter

	Size   int    `query:"size" min:"1" max:"1000" default:"1000"`
	Cursor string `query:"cursor" about:"X-Next-Cursor of the former answer"`
}

// entries is a page of the audit; next is empty on the last one.
type entries struct {
	list []entry
	next string
}

// JSONBody implements web.Bodier.
func (e entries) JSONBody() any { return e.list }

// NextPage implements web.Pager.
func (e entries) NextPage() map[string]string {
	if e.next == "" {
		return nil
	}
	return map[string]string{"cursor": e.next}
}

// SetHeaders implements web.Headerer.
func (e entries) SetHeaders(h http.Header) {
	if e.next != "" {
		h.Set("X-Next-Cursor", e.next)
	}
}

func (d *Dialect) audit(ctx context.Context, c authority.Caller, req auditRequest) (entries, error) {
	q, err := d.auditQuery(req.auditFilter)
	if err != nil {
		return entries{}, err
	}
	name, err := list(q)
	if err != nil {
		return entries{}, err
	}
	if req.Cursor != "" {
		if q.Before, err = d.Core.ReadMark(c, name, req.Cursor); err != nil {
			return entries{}, err
		}
	}
	q.Size = req.Size
	found, err := d.Admin.Audit(ctx, c, q)
	if err != nil {
		return entries{}, err
	}
	out := entries{list: make([]entry, len(found))}
	for i, e := range found {
		if out.list[i], err = d.entryOf(c, e); err != nil {
			return entries{}, err
		}
	}
	if len(found) == req.Size {
		out.next, err = d.Core.Mark(c, name, found[len(found)-1].ID)
	}
	return out, err
}
