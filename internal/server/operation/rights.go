package operation

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

type roleView struct {
	ID          authority.ID           `json:"id"`
	Name        string                 `json:"name"`
	Permissions []authority.Permission `json:"permissions"`
}

func viewRole(r authority.Role) roleView { return roleView{r.ID, r.Name, r.Permissions} }

type areaView struct {
	ID   authority.ID `json:"id"`
	Name string       `json:"name"`
}

func viewArea(a authority.Area) areaView { return areaView{a.ID, a.Name} }

func rightsOperations() []operation {
	return []operation{
		op("permission.list", maybe, func(_ context.Context, t *Table, c authority.Caller, _ nothing) ([]authority.Permission, error) {
			return t.Admin.KnownPermissions(c)
		}),
		op("role.list", inside, listRoles), op("role.create", inside, createRole),
		op("role.change", inside, changeRole), op("role.delete", inside, deleteRole),
		op("area.list", inside, listAreas), op("area.create", inside, createArea),
		op("area.rename", inside, renameArea), op("area.delete", inside, deleteArea),
	}
}

func listRoles(ctx context.Context, t *Table, c authority.Caller, _ nothing) ([]roleView, error) {
	return everyPage(func(p admin.Page) ([]roleView, int, error) {
		list, err := t.Admin.Roles(ctx, c, p)
		return mapped(list.Items, viewRole), list.Total, err
	})
}

type newRole struct {
	Name        string                 `json:"name"`
	Permissions []authority.Permission `json:"permissions"`
}

func createRole(ctx context.Context, t *Table, c authority.Caller, in newRole) (roleView, error) {
	r, err := t.Admin.CreateRole(ctx, c, in.Name, in.Permissions)
	return viewRole(r), err
}

type roleInput struct {
	Role        string                  `json:"role"` // name or id
	Name        *string                 `json:"name"`
	Permissions *[]authority.Permission `json:"permissions"`
}

func changeRole(ctx context.Context, t *Table, c authority.Caller, in roleInput) (roleView, error) {
	id, err := names(roleNames).one(ctx, t, c, in.Role, "role")
	if err != nil {
		return roleView{}, err
	}
	r, err := t.Admin.ChangeRole(ctx, c, admin.RoleEdit{ID: id, Name: in.Name, Permissions: in.Permissions})
	return viewRole(r), err
}

func deleteRole(ctx context.Context, t *Table, c authority.Caller, in roleInput) (nothing, error) {
	id, err := names(roleNames).one(ctx, t, c, in.Role, "role")
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, t.Admin.DeleteRole(ctx, c, id)
}

func listAreas(ctx context.Context, t *Table, c authority.Caller, _ nothing) ([]areaView, error) {
	return everyPage(func(p admin.Page) ([]areaView, int, error) {
		list, err := t.Admin.Areas(ctx, c, p)
		return mapped(list.Items, viewArea), list.Total, err
	})
}

func createArea(ctx context.Context, t *Table, c authority.Caller, in rename) (areaView, error) {
	a, err := t.Admin.CreateArea(ctx, c, in.Name)
	return viewArea(a), err
}

type areaInput struct {
	Area string `json:"area"` // name or id
	Name string `json:"name"`
}

func renameArea(ctx context.Context, t *Table, c authority.Caller, in areaInput) (areaView, error) {
	id, err := names(areaNames).one(ctx, t, c, in.Area, "area")
	if err != nil {
		return areaView{}, err
	}
	a, err := t.Admin.RenameArea(ctx, c, id, in.Name)
	return viewArea(a), err
}

func deleteArea(ctx context.Context, t *Table, c authority.Caller, in areaInput) (nothing, error) {
	id, err := names(areaNames).one(ctx, t, c, in.Area, "area")
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, t.Admin.DeleteArea(ctx, c, id)
}
