// Package consent is where users let applications act as them, and take that
// back: the page that /oauth/authorize sends browsers to, what a user has
// consented to, and for whoever manages an application its users.
//
// It shows and carries: what a request may ask for, whether a consent is needed
// and what a code is bound to is decided by package authority, each time anew
// from the parameters that the browser brings.
package consent

import (
	"context"
	"embed"
	"io/fs"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/dialect"
)

// Core decides what an application gets; *authority.Authority does.
type Core interface {
	// Offer tells what the caller is to be asked, and whether he was before.
	Offer(ctx context.Context, c authority.Caller, q authority.CodeRequest) (authority.CodeOffer, error)
	// Approve makes the code; asked = the caller has just said yes.
	Approve(ctx context.Context, c authority.Caller, q authority.CodeRequest, asked bool) (authority.Secret, authority.CodeOffer, error)
	// Deny notes that the caller said no.
	Deny(ctx context.Context, c authority.Caller, q authority.CodeRequest) (authority.CodeOffer, error)
}

// Consents lists consents and takes them back; *admin.Service does.
type Consents interface {
	MyConsents(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[admin.Consent], error)
	WithdrawMine(ctx context.Context, c authority.Caller, application authority.ID) error
	Application(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error)
	Consents(ctx context.Context, c authority.Caller, q admin.ConsentQuery, p admin.Page) (admin.List[admin.Consent], error)
	WithdrawConsent(ctx context.Context, c authority.Caller, user, application authority.ID) error
}

// Area implements page.Area.
type Area struct {
	Core     Core
	Consents Consents
	Issuer   func(authority.Stand) string // outside address of the stand, as its metadata has it
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	const mine, of = "/consents/{application}/withdraw", "/applications/{application}/consents"
	return []page.Screen{
		{Path: "/authorize", Serve: a.ask},
		{Method: http.MethodPost, Path: "/authorize", Audit: authority.VerbConsent, Fields: append(dialect.AuthorizeFields(), "answer"), Serve: a.answer},
		{Path: "/consents", Serve: a.mine, Menu: &page.Item{Section: "profile", Label: "consents.title", Icon: "check", Order: 40}},
		{Path: mine, Serve: a.sure},
		{Method: http.MethodPost, Path: mine, Audit: "consent.withdraw", Serve: a.withdrawMine},
		{Path: of, May: admin.ApplicationsManage, Serve: a.users},
		{Path: of + "/{user}/withdraw", May: admin.ApplicationsManage, Serve: a.sureOf},
		{Method: http.MethodPost, Path: of + "/{user}/withdraw", May: admin.ApplicationsManage, Audit: "consent.withdraw", Serve: a.withdraw},
	}
}
