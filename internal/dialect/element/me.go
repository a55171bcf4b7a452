package element

import (
	"context"
	"net/http"
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

// base is where the control panel's methods are.
const base = "/console/api/v2"

// panelRoutes are the methods of the control panel (docs/dialects/element.md §2,
// §3).
func (d *Dialect) panelRoutes() []web.Route {
	return slices.Concat(
		[]web.Route{{
			Method: http.MethodGet, Pattern: base + "/me", Request: none{}, Response: profile{},
			Summary: "Read one's own profile.", Serve: web.JSON(d.me),
		}},
		d.userRoutes(), d.keyRoutes(), d.serviceUserRoutes(), d.applicationRoutes(), d.authorizationRoutes(), d.credentialRoutes(),
		d.grantRoutes(), d.roleRoutes(), d.areaRoutes(), d.settingsRoutes(), d.auditRoutes(), d.signingRoutes(),
		d.accountRoutes(), d.testRoutes(),
	)
}

// none is a request without parameters.
type none struct{}

// profile is what a caller may know of himself.
type profile struct {
	ID           uuid                   `json:"id"`
	Login        string                 `json:"login"`
	Name         string                 `json:"name"`
	Group        string                 `json:"group"`
	UserListID   uuid                   `json:"user-list-id"`
	Roles        []uuid                 `json:"roles"`
	Areas        areas                  `json:"areas"`
	Permissions  []authority.Permission `json:"permissions"`
	Account      accountRef             `json:"account"`
	Stand        authority.Stand        `json:"stand"`
	AccessTokens []accessKey            `json:"access-tokens"`
}

type accountRef struct {
	ID       uuid   `json:"id"`
	Name     string `json:"name"`
	Contract string `json:"contract"`
	ClientID int64  `json:"client-id"`
}

func (d *Dialect) me(ctx context.Context, c authority.Caller, _ none) (profile, error) {
	p, a := c.Principal(), c.Account()
	own, err := d.Admin.Credentials(ctx, c, p.ID)
	if err != nil {
		return profile{}, err
	}
	return profile{
		ID: shown(p.ID), Login: p.Login, Name: p.Name, Group: p.Group, UserListID: shown(listOf(p)),
		Roles: uuids(p.Roles), Areas: areasOf(p.Areas), Permissions: c.Permissions(), Stand: c.Stand(),
		Account:      accountRef{ID: shown(a.ID), Name: a.Name, Contract: a.Contract, ClientID: a.Number},
		AccessTokens: accessKeys(own),
	}, nil
}

// living gives the secrets of a kind that are not revoked.
func living(list []admin.Credential, kind authority.CredentialKind) []admin.Credential {
	return slices.DeleteFunc(list, func(c admin.Credential) bool { return c.Kind != kind || c.Revoked })
}
