// Package tokens holds the screens of the tokens that are alive: who holds one,
// through what, since when and until when; and their end, each with a page before
// that says what stops.
//
// It decides nothing: package admin finds and revokes grants, package authority
// has them expire on the test stand.
package tokens

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// Grants finds and ends living grants; *admin.Service does.
type Grants interface {
	Grants(ctx context.Context, c authority.Caller, q admin.GrantQuery) ([]admin.LiveGrant, error)
	GrantEffect(ctx context.Context, c authority.Caller, q admin.GrantQuery) (admin.GrantEffect, error)
	RevokeGrant(ctx context.Context, c authority.Caller, id authority.ID) error
	RevokeGrants(ctx context.Context, c authority.Caller, principal authority.ID) error
	RevokeEverything(ctx context.Context, c authority.Caller) error
	Dialects() []admin.Dialect
}

// Expiry has a grant's tokens expire on the test stand; *authority.Authority
// does.
type Expiry interface {
	ExpireGrant(ctx context.Context, c authority.Caller, grant authority.ID) error
}

// Area implements page.Area.
type Area struct {
	Grants Grants
	Expiry Expiry
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

const path = "/tokens"

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	return []page.Screen{
		{
			Path: path, May: admin.AccountRead, Serve: a.list,
			Menu: &page.Item{Section: "access", Label: "live.title", Icon: "ticket", Order: 50},
		},
		{Path: path + "/revoke", May: admin.GrantsManage, Several: []string{"grant"}, Serve: a.preview},
		{Method: http.MethodPost, Path: path + "/revoke", May: admin.GrantsManage, Audit: "grant.revoke", Fields: []string{"next"}, Lists: []string{"grant"}, Serve: a.revoke},
		{Method: http.MethodPost, Path: path + "/revoke-all", May: admin.GrantsManage, Audit: "grant.revoke_account", Fields: []string{"next", "all", "principal"}, Serve: a.revokeAll},
		{Method: http.MethodPost, Path: path + "/expire", May: admin.AccountRead, Audit: authority.VerbExpire, Fields: []string{"grant"}, Serve: a.expire},
	}
}

// listing is what the list shows.
type listing struct {
	Items    []admin.LiveGrant
	Dialects []page.Option
	Pager    page.Pager
	Only     string // whose tokens are shown alone, by name; "" = everybody's
	Filtered bool
}

func (a Area) list(v *page.View) error {
	q, err := a.query(v)
	if err != nil {
		return err
	}
	out := listing{Filtered: q.Dialect != "" || q.Holder != "" || q.Principal != 0 || q.Credential != 0}
	if q.After, err = cursor(v); err != nil {
		return err
	}
	q.Size = page.Rows + 1
	if out.Items, err = a.Grants.Grants(v.Context(), v.Caller, q); err != nil {
		return err
	}
	next := ""
	if len(out.Items) > page.Rows {
		out.Items = out.Items[:page.Rows]
		next = mark(out.Items[page.Rows-1].Cursor())
	}
	if out.Pager, err = v.Marked(next); err != nil {
		return err
	}
	if q.Principal != 0 && len(out.Items) > 0 {
		out.Only = out.Items[0].Holder
	}
	if out.Dialects, err = a.dialects(v); err != nil {
		return err
	}
	v.Form = page.Filled("dialect", q.Dialect, "who", v.Query("who"))
	return v.Render("tokens.html", out)
}

// query reads which grants the address asks for.
func (a Area) query(v *page.View) (q admin.GrantQuery, err error) {
	q.Holder = strings.TrimSpace(v.Query("who"))
	if q.Dialect, err = v.Chosen("dialect", a.names()...); err != nil {
		return q, err
	}
	if q.Principal, err = v.QueryID("principal"); err != nil {
		return q, err
	}
	q.Credential, err = v.QueryID("credential")
	return q, err
}

// mark writes where a page ended; cursor reads it.
func mark(c admin.GrantCursor) string { return page.PlaceOf(int64(c.Principal), int64(c.Grant)) }

func cursor(v *page.View) (c admin.GrantCursor, err error) {
	text, err := v.After()
	if text == "" || err != nil {
		return c, err
	}
	principal, grant, err := page.Place(text)
	return admin.GrantCursor{Principal: authority.ID(principal), Grant: authority.ID(grant)}, err
}

// dialects are the choices of the filter.
func (a Area) dialects(v *page.View) ([]page.Option, error) {
	every, err := v.T("live.every-dialect")
	out := []page.Option{{Value: "", Label: every}}
	for _, name := range a.names() {
		out = append(out, page.Option{Value: name, Label: v.Name("dialect", name)})
	}
	return out, err
}

// names are those of the dialects that grants may be of.
func (a Area) names() (names []string) {
	for _, d := range a.Grants.Dialects() {
		names = append(names, d.Name)
	}
	return append(names, page.Dialect)
}
