// Package integration is the section of the console where programs are let in:
// service users with their tokens, applications with their secrets, and the
// authorization token of the telephone exchange.
//
// It shows and asks; package admin decides and does.
package integration

import (
	"context"
	"embed"
	"io/fs"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// ServiceUsers keeps service users and their tokens; *admin.Service does.
type ServiceUsers interface {
	CreateServiceUser(ctx context.Context, c authority.Caller, n admin.NewServiceUser) (authority.Principal, error)
	ServiceUser(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error)
	FindServiceUsers(ctx context.Context, c authority.Caller, q admin.PrincipalQuery) ([]authority.Principal, error)
	ChangeServiceUser(ctx context.Context, c authority.Caller, e admin.PrincipalEdit) (authority.Principal, error)
	DeleteServiceUser(ctx context.Context, c authority.Caller, id authority.ID) error
	GenerateServiceToken(ctx context.Context, c authority.Caller, g admin.Generate) (admin.NewSecret, error)
}

// Applications keeps applications and their secrets; *admin.Service does.
type Applications interface {
	CreateApplication(ctx context.Context, c authority.Caller, n admin.NewApplication) (admin.NewClient, error)
	Application(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error)
	ChangeApplication(ctx context.Context, c authority.Caller, e admin.PrincipalEdit) (authority.Principal, error)
	DeleteApplication(ctx context.Context, c authority.Caller, id authority.ID) error
	RotateApplicationSecret(ctx context.Context, c authority.Caller, g admin.Generate) (admin.NewSecret, error)
	Dialects() []admin.Dialect
}

// Finder lists applications; *admin.Service does.
type Finder interface {
	FindApplications(ctx context.Context, c authority.Caller, q admin.PrincipalQuery) ([]authority.Principal, error)
}

// Own is what a user does with the applications that he has registered himself;
// admin.Own does.
type Own interface {
	Applications
	Secrets
	Applications(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Principal], error)
	Changes(c authority.Caller) error
}

// AuthorizationTokens keeps the account's authorization token; *admin.Service
// does.
type AuthorizationTokens interface {
	AuthorizationToken(ctx context.Context, c authority.Caller) (admin.Credential, error)
	GenerateAuthorizationToken(ctx context.Context, c authority.Caller, g admin.Generate) (admin.NewSecret, error)
	RevokeAuthorizationToken(ctx context.Context, c authority.Caller) error
}

// Users names the users that applications act as; *admin.Service does.
type Users interface {
	User(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error)
}

// Secrets tells of secrets and ends them; *admin.Service does.
type Secrets interface {
	holder.Holdings
	RevokeCredential(ctx context.Context, c authority.Caller, id authority.ID) error
}

// Area implements page.Area.
type Area struct {
	ServiceUsers  ServiceUsers
	Applications  Applications
	Authorization AuthorizationTokens
	Users         Users
	Secrets       Secrets
	Rights        holder.Rights
	Find          Finder
	Own           Own

	own bool // it shows the user's own applications
}

// New makes the area of everything that service does.
func New(service *admin.Service) Area {
	return Area{ServiceUsers: service, Applications: service, Authorization: service, Users: service, Secrets: service, Rights: service, Find: service, Own: service.Own()}
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	return append(append(a.serviceScreens(), a.applicationScreens()...), a.authorizationScreens()...)
}
