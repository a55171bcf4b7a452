package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) roleRoutes() []web.Route {
	const list, one = base + "/roles", base + "/roles/{role}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountRead,
			Request: paging{}, Response: listing[role]{}, Summary: "List roles.", Serve: web.JSON(d.roles, web.KnownOnly),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: admin.RolesManage, Audit: "role.create",
			Request: newRole{}, Response: createdRole{}, Summary: "Create a role.", Serve: web.JSON(d.createRole),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: admin.AccountRead,
			Request: byRole{}, Response: role{}, Summary: "Read a role.", Serve: web.JSON(d.role),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: admin.RolesManage, Audit: "role.change",
			Request: rolePatch{}, Response: role{}, Summary: "Change a role.", Serve: web.JSON(d.changeRole, web.NoNull),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: admin.RolesManage, Audit: "role.delete",
			Request: byRole{}, Response: web.NoContent{}, Summary: "Delete a role that nobody holds.", Serve: web.JSON(d.deleteRole),
		},
		{
			Method: http.MethodGet, Pattern: base + "/permissions", Permission: admin.AccountRead,
			Request: none{}, Response: []authority.Permission{}, Summary: "List the permissions that a role may hold.",
			Serve: web.JSON(d.permissions),
		},
	}
}

type byRole struct {
	ID uuid `path:"role" about:"Its id, as the list gives it"`
}

type role struct {
	ID          uuid                   `json:"id"`
	Name        string                 `json:"name"`
	Permissions []authority.Permission `json:"permissions"`
}

func roleOf(r authority.Role) role {
	if r.Permissions == nil {
		r.Permissions = []authority.Permission{}
	}
	return role{ID: shown(r.ID), Name: r.Name, Permissions: r.Permissions}
}

func (d *Dialect) roles(ctx context.Context, c authority.Caller, req paging) (listing[role], error) {
	return page(req, roleOf, func(p admin.Page) (admin.List[authority.Role], error) { return d.Admin.Roles(ctx, c, p) })
}

func (d *Dialect) role(ctx context.Context, c authority.Caller, req byRole) (role, error) {
	id, err := req.ID.need()
	if err != nil {
		return role{}, err
	}
	r, err := d.Admin.Role(ctx, c, id)
	return roleOf(r), err
}

func (d *Dialect) permissions(_ context.Context, c authority.Caller, _ none) ([]authority.Permission, error) {
	return d.Admin.KnownPermissions(c)
}

type newRole struct {
	Name        string                 `json:"name" required:"true" example:"Dispatcher"`
	Permissions []authority.Permission `json:"permissions" example:"[\"TasksList\"]"`
}

type createdRole struct {
	created
	role
}

func (d *Dialect) createRole(ctx context.Context, c authority.Caller, req newRole) (createdRole, error) {
	r, err := d.Admin.CreateRole(ctx, c, req.Name, req.Permissions)
	return createdRole{role: roleOf(r)}, err
}

type rolePatch struct {
	byRole

	Name        *string                 `json:"name"`
	Permissions *[]authority.Permission `json:"permissions" example:"[\"TasksList\",\"TaskAdd\"]"`
}

func (d *Dialect) changeRole(ctx context.Context, c authority.Caller, req rolePatch) (role, error) {
	id, err := req.ID.need()
	if err != nil {
		return role{}, err
	}
	r, err := d.Admin.ChangeRole(ctx, c, admin.RoleEdit{ID: id, Name: req.Name, Permissions: req.Permissions})
	return roleOf(r), err
}

func (d *Dialect) deleteRole(ctx context.Context, c authority.Caller, req byRole) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.DeleteRole(ctx, c, id)
}
