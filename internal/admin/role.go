package admin

import (
	"context"
	"slices"

	"propusk/internal/authority"
)

// RoleEdit changes a role. A nil field stays as it is.
type RoleEdit struct {
	ID          authority.ID
	Name        *string
	Permissions *[]authority.Permission
}

// Apply gives the role as the edit leaves it.
func (e RoleEdit) Apply(r authority.Role) authority.Role {
	if e.Name != nil {
		r.Name = *e.Name
	}
	if e.Permissions != nil {
		r.Permissions = *e.Permissions
	}
	return r
}

// rights checks the permissions of a role and brings them in order.
func (s *Service) rights(list []authority.Permission) ([]authority.Permission, error) {
	known := s.Known()
	for _, p := range list {
		if _, ok := slices.BinarySearch(known, p); !ok {
			return nil, invalid("permissions", "names one that is not known here")
		}
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list), nil
}

// KnownPermissions lists what a role may hold.
func (s *Service) KnownPermissions(c authority.Caller) ([]authority.Permission, error) {
	if err := holds(c, AccountRead, RolesManage, AccountsManage); err != nil {
		return nil, err
	}
	return s.Known(), nil
}

// CreateRole makes a role. The caller must hold every permission in it.
func (s *Service) CreateRole(ctx context.Context, c authority.Caller, text string, permissions []authority.Permission) (authority.Role, error) {
	text, err := name(text)
	if err != nil {
		return authority.Role{}, err
	}
	if permissions, err = s.rights(permissions); err != nil {
		return authority.Role{}, err
	}
	if err := s.mayName(c, text); err != nil {
		return authority.Role{}, err
	}
	r := authority.Role{Name: text, Permissions: permissions}
	err = fresh(func(id authority.ID) error {
		ch, err := s.change(c, act{RolesManage, "role.create", "role", id})
		if err != nil {
			return err
		}
		r.ID, r.Account = id, ch.Account
		return s.ports.Roles.CreateRole(ctx, ch, r)
	})
	return r, err
}

// Changeable gives Conflict for a built-in role.
func Changeable(r authority.Role) error {
	if IsBuiltin(r.Name) {
		return authority.E(authority.Conflict, "a built-in role is neither changed nor deleted: make one of your own")
	}
	return nil
}

// Roles lists the account's roles by name.
func (s *Service) Roles(ctx context.Context, c authority.Caller, p Page) (List[authority.Role], error) {
	account, err := inside(c, AccountRead, RolesManage)
	if err != nil {
		return List[authority.Role]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Role]{}, err
	}
	return s.ports.Roles.Roles(ctx, account, p)
}

// Role reads one.
func (s *Service) Role(ctx context.Context, c authority.Caller, id authority.ID) (authority.Role, error) {
	account, err := inside(c, AccountRead, RolesManage)
	if err != nil {
		return authority.Role{}, err
	}
	return s.ports.Roles.Role(ctx, account, id)
}

// Holders lists who holds a role, by name: users, service users and applications.
func (s *Service) Holders(ctx context.Context, c authority.Caller, role authority.ID, p Page) (List[authority.Principal], error) {
	r, err := s.Role(ctx, c, role)
	if err != nil {
		return List[authority.Principal]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Principal]{}, err
	}
	return s.ports.Roles.Holders(ctx, r.Account, r.ID, p)
}

// ChangeRole applies edit. The caller must hold what is in the role before and
// after. Conflict for a built-in role, and when he would lock himself out.
func (s *Service) ChangeRole(ctx context.Context, c authority.Caller, e RoleEdit) (authority.Role, error) {
	ch, err := s.change(c, act{RolesManage, "role.change", "role", e.ID})
	if err != nil {
		return authority.Role{}, err
	}
	if err := edited(&e.Name, name); err != nil {
		return authority.Role{}, err
	}
	if e.Name != nil {
		if err := s.mayName(c, *e.Name); err != nil {
			return authority.Role{}, err
		}
	}
	if e.Permissions != nil {
		list, err := s.rights(*e.Permissions)
		if err != nil {
			return authority.Role{}, err
		}
		e.Permissions = &list
	}
	return s.ports.Roles.ChangeRole(ctx, ch, e)
}

// DeleteRole takes a role away that nobody holds; Conflict for a built-in one.
func (s *Service) DeleteRole(ctx context.Context, c authority.Caller, id authority.ID) error {
	ch, err := s.change(c, act{RolesManage, "role.delete", "role", id})
	if err != nil {
		return err
	}
	return s.ports.Roles.DeleteRole(ctx, ch, id)
}
