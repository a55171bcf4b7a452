// Package control holds the screens of what an account and a deployment are ruled
// by: roles and areas, the settings of each dialect, the signing keys of the
// stand and its accounts.
//
// It shows and asks; package admin decides and does.
package control

import (
	"context"
	"embed"
	"io/fs"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// Roles keeps roles; *admin.Service does.
type Roles interface {
	KnownPermissions(c authority.Caller) ([]authority.Permission, error)
	CreateRole(ctx context.Context, c authority.Caller, text string, permissions []authority.Permission) (authority.Role, error)
	Roles(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Role], error)
	Role(ctx context.Context, c authority.Caller, id authority.ID) (authority.Role, error)
	Holders(ctx context.Context, c authority.Caller, role authority.ID, p admin.Page) (admin.List[authority.Principal], error)
	ChangeRole(ctx context.Context, c authority.Caller, e admin.RoleEdit) (authority.Role, error)
	DeleteRole(ctx context.Context, c authority.Caller, id authority.ID) error
}

// Areas keeps areas; *admin.Service does.
type Areas interface {
	CreateArea(ctx context.Context, c authority.Caller, text string) (authority.Area, error)
	Areas(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Area], error)
	Area(ctx context.Context, c authority.Caller, id authority.ID) (authority.Area, error)
	RenameArea(ctx context.Context, c authority.Caller, id authority.ID, to string) (authority.Area, error)
	DeleteArea(ctx context.Context, c authority.Caller, id authority.ID) error
}

// Accounts keeps the accounts of the stand; *admin.Service does.
type Accounts interface {
	CreateAccount(ctx context.Context, c authority.Caller, n admin.NewAccount) (admin.CreatedAccount, error)
	Accounts(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Account], error)
	Account(ctx context.Context, c authority.Caller, id authority.ID) (authority.Account, error)
	RenameAccount(ctx context.Context, c authority.Caller, id authority.ID, to string) (authority.Account, error)
	DisableAccount(ctx context.Context, c authority.Caller, id authority.ID) (authority.Account, error)
	EnableAccount(ctx context.Context, c authority.Caller, id authority.ID) (authority.Account, error)
	DeleteAccount(ctx context.Context, c authority.Caller, id authority.ID) error
}

// Hosts says which requests without a credential are about an account;
// *admin.Service does.
type Hosts interface {
	Hosts(ctx context.Context, c authority.Caller, account authority.ID) ([]string, error)
	BindHost(ctx context.Context, c authority.Caller, account authority.ID, host string) error
	UnbindHost(ctx context.Context, c authority.Caller, account authority.ID, host string) error
	IsDefault(ctx context.Context, c authority.Caller, account authority.ID) (bool, error)
	SetDefaultAccount(ctx context.Context, c authority.Caller, account authority.ID) error
}

// Inside counts what lies in an account; *admin.Service does.
type Inside interface {
	Into(ctx context.Context, c authority.Caller, account authority.ID) (authority.Caller, error)
	Users(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Principal], error)
	ServiceUsers(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Principal], error)
	Applications(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Principal], error)
	GrantEffect(ctx context.Context, c authority.Caller, q admin.GrantQuery) (admin.GrantEffect, error)
}

// Settings changes an account's settings; *admin.Service does.
type Settings interface {
	Dialects() []admin.Dialect
	ChangeSettings(ctx context.Context, c authority.Caller, p admin.SettingsPatch) (authority.Account, error)
}

// Keys knows the signing keys of the stand; *admin.Service does.
type Keys interface {
	SigningKeys(ctx context.Context, c authority.Caller) ([]admin.SigningKey, error)
	RotateSigningKey(ctx context.Context, c authority.Caller, dialect string) (admin.SigningKey, error)
	EndSigningKey(ctx context.Context, c authority.Caller, dialect, id string) (admin.SigningKey, error)
}

// Area implements page.Area.
type Area struct {
	Roles    Roles
	Areas    Areas
	Accounts Accounts
	Hosts    Hosts
	Inside   Inside
	Settings Settings
	Keys     Keys
}

// New makes the area of everything that service does.
func New(service *admin.Service) Area {
	return Area{Roles: service, Areas: service, Accounts: service, Hosts: service, Inside: service, Settings: service, Keys: service}
}

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

const post = http.MethodPost

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	out := append(a.roleScreens(), a.areaScreens()...)
	out = append(out, a.settingScreens()...)
	return append(append(out, a.keyScreens()...), a.accountScreens()...)
}
