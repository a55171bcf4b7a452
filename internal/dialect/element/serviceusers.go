package element

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) serviceUserRoutes() []web.Route {
	const list, one, token = base + "/service-users", base + "/service-users/{service}", base + "/service-users/{service}/service-token"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountRead,
			Request: paging{}, Response: listing[serviceUser]{}, Summary: "List service users.", Serve: web.JSON(d.serviceUsers),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: admin.ServiceUsersManage, Audit: "service_user.create",
			Request: newServiceUser{}, Response: createdServiceUser{}, Summary: "Create a service user.",
			Serve: web.JSON(d.createServiceUser),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: admin.AccountRead,
			Request: byServiceUser{}, Response: serviceUser{}, Summary: "Read a service user.", Serve: web.JSON(d.serviceUser),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: admin.ServiceUsersManage, Audit: "service_user.change",
			Request: serviceUserPatch{}, Response: serviceUser{}, Summary: "Change a service user.",
			Serve: web.JSON(d.changeServiceUser, web.NoNull),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: admin.ServiceUsersManage, Audit: "service_user.delete",
			Request: byServiceUser{}, Response: web.NoContent{}, Summary: "Delete a service user with its token.",
			Serve: web.JSON(d.deleteServiceUser),
		},
		{
			Method: http.MethodPost, Pattern: token, Permission: admin.ServiceUsersManage, Audit: "service_token.generate", Secret: true,
			Request: newServiceToken{}, Response: createdServiceToken{}, Summary: "Make a new service token; it is shown this once.",
			Serve: emptyBody(web.JSON(d.createServiceToken, web.KnownOnly)),
		},
		{
			Method: http.MethodDelete, Pattern: token, Permission: admin.ServiceUsersManage, Audit: "credential.revoke",
			Request: byServiceUser{}, Response: web.NoContent{}, Summary: "End the service token and everything made from it.",
			Serve: web.JSON(d.deleteServiceToken),
		},
	}
}

type byServiceUser struct {
	ID uuid `path:"service" about:"Its id, as the list gives it"`
}

type serviceUser struct {
	ID       uuid    `json:"id"`
	Name     string  `json:"name"`
	Roles    []uuid  `json:"roles"`
	Areas    areas   `json:"areas"`
	Disabled bool    `json:"disabled"`
	Created  *moment `json:"date-created"`
}

func serviceUserOf(p authority.Principal) serviceUser {
	return serviceUser{
		ID: shown(p.ID), Name: p.Name, Roles: uuids(p.Roles), Areas: areasOf(p.Areas),
		Disabled: p.Disabled, Created: momentOf(p.Created),
	}
}

func (d *Dialect) serviceUsers(ctx context.Context, c authority.Caller, req paging) (listing[serviceUser], error) {
	return page(req, serviceUserOf, func(p admin.Page) (admin.List[authority.Principal], error) {
		return d.Admin.ServiceUsers(ctx, c, p)
	})
}

func (d *Dialect) serviceUser(ctx context.Context, c authority.Caller, req byServiceUser) (serviceUser, error) {
	id, err := req.ID.need()
	if err != nil {
		return serviceUser{}, err
	}
	p, err := d.Admin.ServiceUser(ctx, c, id)
	return serviceUserOf(p), err
}

type newServiceUser struct {
	rights

	Name     string `json:"name" required:"true" example:"Exchange"`
	Disabled bool   `json:"disabled"`
}

type createdServiceUser struct {
	created
	serviceUser
}

func (d *Dialect) createServiceUser(ctx context.Context, c authority.Caller, req newServiceUser) (createdServiceUser, error) {
	roles, see, err := req.need()
	if err != nil {
		return createdServiceUser{}, err
	}
	p, err := d.Admin.CreateServiceUser(ctx, c, admin.NewServiceUser{
		Name: req.Name, Roles: given(roles), Areas: given(see), Disabled: req.Disabled,
	})
	return createdServiceUser{serviceUser: serviceUserOf(p)}, err
}

type serviceUserPatch struct {
	byServiceUser
	rights

	Name     *string `json:"name"`
	Disabled *bool   `json:"disabled"`
}

func (d *Dialect) changeServiceUser(ctx context.Context, c authority.Caller, req serviceUserPatch) (serviceUser, error) {
	id, err := req.ID.need()
	if err != nil {
		return serviceUser{}, err
	}
	roles, see, err := req.need()
	if err != nil {
		return serviceUser{}, err
	}
	p, err := d.Admin.ChangeServiceUser(ctx, c, admin.PrincipalEdit{
		ID: id, Name: req.Name, Disabled: req.Disabled, Roles: roles, Areas: see,
	})
	return serviceUserOf(p), err
}

func (d *Dialect) deleteServiceUser(ctx context.Context, c authority.Caller, req byServiceUser) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.DeleteServiceUser(ctx, c, id)
}

// newSecret asks for a secret in the place of the former one.
type newSecret struct {
	Description string     `json:"description"`
	Expires     *time.Time `json:"expires"`
	Overlap     int64      `json:"overlap" about:"Seconds that the former one works on"`
}

// generate is what it asks of package admin.
func (n newSecret) generate(of uuid) (admin.Generate, error) {
	id, err := of.need()
	if err != nil {
		return admin.Generate{}, err
	}
	overlap, err := span("overlap", n.Overlap)
	return admin.Generate{Principal: id, Description: n.Description, Expires: given(n.Expires), Overlap: overlap}, err
}

type newServiceToken struct {
	byServiceUser
	newSecret
}

type createdServiceToken struct {
	created

	ServiceToken string  `json:"service-token"`
	Expires      *moment `json:"expires"`
}

func (d *Dialect) createServiceToken(ctx context.Context, c authority.Caller, req newServiceToken) (createdServiceToken, error) {
	g, err := req.generate(req.ID)
	if err != nil {
		return createdServiceToken{}, err
	}
	made, err := d.Admin.GenerateServiceToken(ctx, c, g)
	if err != nil {
		return createdServiceToken{}, err
	}
	return createdServiceToken{ServiceToken: made.Secret.Reveal(), Expires: momentOf(made.Credential.Expires)}, nil
}

func (d *Dialect) deleteServiceToken(ctx context.Context, c authority.Caller, req byServiceUser) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	if _, err := d.Admin.ServiceUser(ctx, c, id); err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.endSecrets(ctx, c, id, authority.ServiceToken)
}

// endSecrets ends every living secret of a kind, overlapping ones too. To end
// none is no error: what was asked is so.
func (d *Dialect) endSecrets(ctx context.Context, c authority.Caller, of authority.ID, kind authority.CredentialKind) error {
	list, err := d.Admin.Credentials(ctx, c, of)
	if err != nil {
		return err
	}
	for _, k := range living(list, kind) {
		if err := d.Admin.RevokeCredential(ctx, c, k.ID); err != nil {
			return err
		}
	}
	return nil
}
