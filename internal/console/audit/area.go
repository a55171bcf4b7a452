// Package audit is the screen of the console where an administrator sees what was
// done and what was refused: filters that stay in the address, pages
// however long it is, new entries as they come, and files for spreadsheets and programs.
//
// It shows; package admin decides and reads.
package audit

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"strconv"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// Log reads the audit and names who stands in it; *admin.Service does.
type Log interface {
	Audit(ctx context.Context, c authority.Caller, q admin.AuditQuery) ([]authority.Entry, error)
	Named(ctx context.Context, c authority.Caller, principals, credentials []authority.ID) (admin.Named, error)
	Dialects() []admin.Dialect
}

// Core seals the places of entries, which are counted over the whole deployment,
// and asks again whether a reader is still let in; *authority.Authority does.
type Core interface {
	page.Core
	Mark(c authority.Caller, list string, at authority.ID) (string, error)
	ReadMark(c authority.Caller, list, text string) (authority.ID, error)
}

// Area implements page.Area.
type Area struct {
	Log  Log
	Core Core
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	const may = admin.AuditRead
	return []page.Screen{
		{Path: "/audit", May: may, Serve: a.list, Polled: polled, Menu: &page.Item{Section: "control", Label: "audit.title", Icon: "scroll-text", Order: 10}},
		{Path: "/audit/entries/{entry}", May: may, Serve: a.one},
		{Path: "/audit/export", May: may, Serve: a.export},
	}
}

// marks names the list that places are sealed for.
const marks = "console/audit"

// line is an entry as it is shown.
type line struct {
	authority.Entry

	Mark       string
	Why        string // its reason in words
	Actor      page.Who
	Credential credential
}

// credential is a secret that something was done with.
type credential struct {
	ID   authority.ID
	Kind authority.CredentialKind // "" = it is gone
	Name string
}

// listed is what the screen shows.
type listed struct {
	Lines    []line
	Pager    page.Pager
	Newest   string // mark of the newest entry; "" = there is none
	Live     bool
	Filtered bool
	Dialects []page.Option
	Outcomes []page.Option
	Verbs    []page.Option
	Whose    []page.Option // nil = the reader sees his account alone
}

func (a Area) list(v *page.View) error {
	q, err := a.asked(v)
	if err != nil {
		return v.Again("audit.html", a.choices(v, listed{Filtered: true}), err)
	}
	live := v.Query("live") != "" && q.Before == 0
	if again, err := a.nothingNew(v, q); again || err != nil {
		return err
	}
	q.Size = page.Rows + 1
	found, err := a.Log.Audit(v.Context(), v.Caller, q)
	if err != nil {
		return err
	}
	more := len(found) > page.Rows
	found = found[:min(len(found), page.Rows)]
	data := a.choices(v, listed{Live: live, Filtered: filtered(v)})
	if data.Lines, err = a.lines(v, found); err != nil {
		return err
	}
	if len(found) > 0 {
		data.Newest = data.Lines[0].Mark
	}
	if more {
		next, err := a.Core.Mark(v.Caller, place(v), found[len(found)-1].ID)
		if err != nil {
			return err
		}
		data.Pager.After = v.Here("after", next, "live", "", "newer", "")
	}
	if v.Query("after") != "" {
		data.Pager.Before = v.Here("after", "")
	}
	if v.Request().Header.Get("HX-Request") != "" {
		return v.Part("audit.html", "log", data)
	}
	return v.Render("audit.html", data)
}

// polled reports the question of a page that follows.
func polled(r *http.Request) bool {
	return r.URL.Query().Get("newer") != "" && r.Header.Get("HX-Request") != ""
}

// nothingNew answers the question of a page that follows: is there anything newer
// than what it shows?
func (a Area) nothingNew(v *page.View, q admin.AuditQuery) (bool, error) {
	if !polled(v.Request()) {
		return false, nil
	}
	var err error
	if q.After, err = a.Core.ReadMark(v.Caller, marks, v.Query("newer")); err != nil {
		return false, err
	}
	q.Size = 1
	found, err := a.Log.Audit(v.Context(), v.Caller, q)
	if err != nil || len(found) > 0 {
		return false, err
	}
	v.Writer().WriteHeader(204) // what is shown stays
	return true, nil
}

// lines finds names for entries.
func (a Area) lines(v *page.View, found []authority.Entry) ([]line, error) {
	var people, secrets []authority.ID
	for _, e := range found {
		people, secrets = append(people, e.Actor), append(secrets, e.Credential)
	}
	named, err := a.Log.Named(v.Context(), v.Caller, people, secrets)
	if err != nil {
		return nil, err
	}
	out := make([]line, len(found))
	for i, e := range found {
		out[i] = line{Entry: e, Why: why(v, e.Reason), Actor: v.Who(named.Principals[e.Actor]), Credential: credential{ID: e.Credential}}
		if k, ok := named.Credentials[e.Credential]; ok {
			out[i].Credential.Kind, out[i].Credential.Name = k.Kind, k.Description
		}
		if out[i].Actor.ID == 0 {
			out[i].Actor = page.Who{ID: e.Actor}
		}
		if out[i].Mark, err = a.Core.Mark(v.Caller, marks, e.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// one shows everything that is known of an entry.
func (a Area) one(v *page.View) error {
	at, err := a.Core.ReadMark(v.Caller, marks, v.Value("entry"))
	if err != nil {
		return authority.E(authority.NotFound, "no such entry")
	}
	found, err := a.Log.Audit(v.Context(), v.Caller, admin.AuditQuery{Before: at + 1, Size: 1})
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].ID != at {
		return authority.E(authority.NotFound, "no such entry")
	}
	lines, err := a.lines(v, found)
	if err != nil {
		return err
	}
	return v.Render("audit-entry.html", lines[0])
}

func idText(id authority.ID) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}
