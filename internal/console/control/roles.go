package control

import (
	"net/url"
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/catalog"
	"propusk/internal/console/page"
	"propusk/internal/directory"
	"propusk/internal/tasks"
)

func (a Area) roleScreens() []page.Screen {
	const list, one, may = "/roles", "/roles/{id}", admin.RolesManage
	return []page.Screen{
		{
			Path: list, May: admin.AccountRead, Serve: a.roles,
			Menu: &page.Item{Section: "access", Label: "roles.title", Icon: "shield", Order: 30},
		},
		{Path: list + "/new", May: may, Serve: a.newRole},
		{Method: post, Path: list, May: may, Audit: "role.create", Fields: []string{"name"}, Lists: []string{"permission"}, Serve: a.createRole},
		{Path: one, May: admin.AccountRead, Serve: a.role},
		{Method: post, Path: one, May: may, Audit: "role.change", Fields: []string{"name"}, Lists: []string{"permission"}, Serve: a.changeRole},
		{Path: one + "/delete", May: may, Serve: a.endingRole},
		{Method: post, Path: one + "/delete", May: may, Audit: "role.delete", Serve: a.deleteRole},
	}
}

// listing is a list with its pager.
type listing[T any] struct {
	Items []T
	Pager page.Pager
}

func (a Area) roles(v *page.View) error {
	list, err := a.Roles.Roles(v.Context(), v.Caller, v.Slice())
	if err != nil {
		return err
	}
	return v.Render("roles.html", listing[authority.Role]{list.Items, v.Numbered(len(list.Items), list.Total)})
}

// subject is a group of permissions that are about one thing.
type subject struct {
	Name    string
	Options []page.Option
}

// subjects sorts permissions by what they are about. What no subject names
// comes last.
func subjects(v *page.View, list []authority.Permission) []subject {
	var out []subject
	for _, s := range []struct {
		name string
		of   []authority.Permission
	}{
		{"account", []authority.Permission{
			admin.AccountRead, admin.UsersManage, admin.RolesManage, admin.AreasManage, admin.SettingsManage, admin.AuditRead,
		}},
		{"keys", []authority.Permission{
			admin.ServiceUsersManage, admin.ApplicationsManage, admin.KeysManage, admin.GrantsManage,
			authority.TokensIntrospect, authority.TokensRevoke,
		}},
		{"tasks", tasks.Permissions()},
		{"calls", slices.Concat(calls.Permissions(), directory.Permissions())},
		{"catalog", catalog.Permissions()},
		{"deployment", []authority.Permission{admin.AccountsManage}},
		{"other", list},
	} {
		group := subject{Name: s.name}
		for _, p := range s.of {
			if i := slices.Index(list, p); i >= 0 {
				group.Options = append(group.Options, page.Option{Value: p, Label: v.Name("permission", p), Note: string(p)})
				list = slices.Concat(list[:i], list[i+1:])
			}
		}
		if len(group.Options) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// roleForm is a role as it is made or changed.
type roleForm struct {
	Role      authority.Role
	Subjects  []subject // to choose from; of a role that is not changed, what it holds
	Fixed     bool      // the program's own, or the user may not change roles
	Builtin   bool
	Holders   listing[authority.Principal]
	Permitted int
}

// offered lists what the user can give, and what is given already.
func (a Area) offered(v *page.View, given []authority.Permission) ([]subject, error) {
	known, err := a.Roles.KnownPermissions(v.Caller)
	if err != nil {
		return nil, err
	}
	known = slices.DeleteFunc(slices.Clone(known), func(p authority.Permission) bool {
		return !v.Caller.Away() && !v.Caller.Can(p) && !slices.Contains(given, p)
	})
	return subjects(v, known), nil
}

func (a Area) newRole(v *page.View) error { return a.askRole(v, nil) }

func (a Area) askRole(v *page.View, wrong error) error {
	offered, err := a.offered(v, nil)
	if err != nil {
		return err
	}
	if wrong != nil {
		return v.Again("role-new.html", roleForm{Subjects: offered}, wrong)
	}
	return v.Render("role-new.html", roleForm{Subjects: offered})
}

func permissionsOf(sent url.Values) []authority.Permission {
	out := []authority.Permission{}
	for _, p := range sent["permission"] {
		out = append(out, authority.Permission(p))
	}
	return out
}

func (a Area) createRole(v *page.View) error {
	sent := v.Sent()
	r, err := a.Roles.CreateRole(v.Context(), v.Caller, sent.Get("name"), permissionsOf(sent))
	if err != nil {
		return a.askRole(v, err)
	}
	return v.Done("/roles/"+page.Text(r.ID), "roles.created", r.Name)
}

func (a Area) role(v *page.View) error {
	out, err := a.shownRole(v)
	if err != nil {
		return err
	}
	v.Form = page.Filled("name", out.Role.Name)
	for _, p := range out.Role.Permissions {
		v.Form.Values.Add("permission", string(p))
	}
	return v.Render("role.html", out)
}

// shownRole reads the role of the address, and who holds it.
func (a Area) shownRole(v *page.View) (out roleForm, err error) {
	id, err := v.ID("id")
	if err != nil {
		return out, err
	}
	if out.Role, err = a.Roles.Role(v.Context(), v.Caller, id); err != nil {
		return out, err
	}
	out.Builtin = admin.IsBuiltin(out.Role.Name)
	out.Fixed = out.Builtin || !v.Can(string(admin.RolesManage))
	out.Permitted = len(out.Role.Permissions)
	if out.Fixed {
		out.Subjects = subjects(v, out.Role.Permissions)
	} else if out.Subjects, err = a.offered(v, out.Role.Permissions); err != nil {
		return out, err
	}
	list, err := a.Roles.Holders(v.Context(), v.Caller, id, v.Slice())
	out.Holders = listing[authority.Principal]{list.Items, v.Numbered(len(list.Items), list.Total)}
	return out, err
}

func (a Area) changeRole(v *page.View) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	sent := v.Sent()
	name, permissions := sent.Get("name"), permissionsOf(sent)
	r, err := a.Roles.ChangeRole(v.Context(), v.Caller, admin.RoleEdit{ID: id, Name: &name, Permissions: &permissions})
	if err == nil {
		return v.Done("/roles/"+page.Text(id), "roles.changed", r.Name)
	}
	out, failed := a.shownRole(v)
	if failed != nil {
		return failed
	}
	return v.Again("role.html", out, err)
}

func (a Area) endingRole(v *page.View) error {
	out, err := a.shownRole(v)
	if err != nil {
		return err
	}
	return v.Render("role-delete.html", out)
}

func (a Area) deleteRole(v *page.View) error {
	out, err := a.shownRole(v)
	if err != nil {
		return err
	}
	if err := a.Roles.DeleteRole(v.Context(), v.Caller, out.Role.ID); err != nil {
		return v.Again("role-delete.html", out, err)
	}
	return v.Done("/roles", "roles.deleted", out.Role.Name)
}
