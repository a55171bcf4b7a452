// Package people is where the console shows who signs in with a login: users and
// their groups, whether calls without a login pass, who still shows passwords in
// addresses; and each user's own access keys.
//
// It shows and asks; package admin decides and does.
package people

import (
	"context"
	"embed"
	"io/fs"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// Users keeps users; *admin.Service does.
type Users interface {
	CreateUser(ctx context.Context, c authority.Caller, n admin.NewUser) (authority.Principal, error)
	User(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error)
	FindUsers(ctx context.Context, c authority.Caller, q admin.PrincipalQuery) ([]authority.Principal, error)
	CountGroups(ctx context.Context, c authority.Caller) ([]admin.GroupCount, error)
	ChangeUser(ctx context.Context, c authority.Caller, e admin.PrincipalEdit) (authority.Principal, error)
	SetPassword(ctx context.Context, c authority.Caller, user authority.ID, p authority.Secret) error
	DeleteUser(ctx context.Context, c authority.Caller, id authority.ID) error
}

// Factors tells of users' second factors and takes them away; *admin.Service
// does.
type Factors interface {
	Factors(ctx context.Context, c authority.Caller, user authority.ID) (admin.Factors, error)
	ResetFactors(ctx context.Context, c authority.Caller, user authority.ID) error
}

// Keys keeps access keys; *admin.Service does.
type Keys interface {
	holder.Holdings
	GenerateAccessKey(ctx context.Context, c authority.Caller, g admin.Generate) (admin.NewSecret, error)
	RevokeCredential(ctx context.Context, c authority.Caller, id authority.ID) error
}

// Doors tells how people come in, and shuts ways in; *admin.Service does.
type Doors interface {
	Dialects() []admin.Dialect
	DoorUses(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[admin.DoorUse], error)
	ChangeSettings(ctx context.Context, c authority.Caller, p admin.SettingsPatch) (authority.Account, error)
}

// Area implements page.Area.
type Area struct {
	Users   Users
	Factors Factors
	Keys    Keys
	Doors   Doors
	Rights  holder.Rights
}

// New makes the area of everything that service does.
func New(service *admin.Service) Area {
	return Area{Users: service, Factors: service, Keys: service, Doors: service, Rights: service}
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	return append(append(append(a.userScreens(), a.secretScreens()...), a.doorScreens()...), a.keyScreens()...)
}
