// Package entry is how people come into the console and go: sign-in and
// sign-out.
package entry

import (
	"context"
	"embed"
	"io/fs"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/signin"
)

// Core exchanges a password for a session's token and ends sessions;
// *authority.Authority does.
type Core interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Revoke(ctx context.Context, c authority.Caller, targets ...authority.Target) error
}

// Sessions keeps new sessions.
type Sessions interface {
	CreateSession(ctx context.Context, stand authority.Stand, s signin.Session) error
}

// Area implements page.Area.
type Area struct {
	Core     Core
	Sessions Sessions
}

//go:embed templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	return []page.Screen{
		{Path: "/", Serve: func(v *page.View) error { return v.Render("home.html", nil) }, Menu: &page.Item{Label: "home.title", Icon: "layout-dashboard"}},
		{Path: "/sign-in", Open: true, Serve: a.form},
		{Method: http.MethodPost, Path: "/sign-in", Open: true, Audit: "session.begin", Serve: a.begin},
		{Method: http.MethodPost, Path: "/sign-out", Audit: "session.end", Serve: a.end},
	}
}

func (Area) form(v *page.View) error {
	v.Form = page.Filled("next", page.Local(v.Query("next")))
	return v.Render("sign-in.html", nil)
}

func (a Area) begin(v *page.View) error {
	sent, err := v.Sent()
	if err != nil {
		return err
	}
	o := v.Origin()
	o.Door = "password"
	issued, err := a.Core.Issue(v.Context(), authority.IssueRequest{
		Origin: o, Kind: authority.Password, ClientID: sent.Get("login"), Secret: authority.NewSecret(sent.Get("password")),
	})
	if err != nil {
		return v.Again("sign-in.html", nil, err)
	}
	err = a.Sessions.CreateSession(v.Context(), v.Stand(), signin.Session{
		Grant: issued.Grant, Account: issued.Caller.Account().ID, Principal: issued.Caller.Principal().ID, Method: "password",
		Created: issued.Issued, Seen: issued.Issued, Proven: issued.Issued, Ends: issued.AccessExpires,
		Address: o.Address.String(), Agent: v.Request().UserAgent(),
	})
	if err != nil {
		return err
	}
	v.Remember(issued.Access)
	return v.Redirect(page.Local(sent.Get("next")))
}

func (a Area) end(v *page.View) error {
	err := a.Core.Revoke(v.Context(), v.Caller, authority.Target{Scope: authority.ScopeGrant, ID: v.Caller.Grant()})
	if err != nil {
		return err
	}
	v.Forget()
	return v.Redirect("/sign-in")
}
