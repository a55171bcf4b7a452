package admin

import (
	"cmp"
	"context"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// The permissions of this package.
const (
	AccountRead        authority.Permission = "AccountRead"        // see users, applications, roles, areas, grants, settings
	KeysManage         authority.Permission = "KeysManage"         // make and revoke one's own access keys
	UsersManage        authority.Permission = "UsersManage"        // users, their passwords and access keys
	ServiceUsersManage authority.Permission = "ServiceUsersManage" // service users and their tokens
	ApplicationsManage authority.Permission = "ApplicationsManage" // applications and their secrets
	RolesManage        authority.Permission = "RolesManage"        // roles
	AreasManage        authority.Permission = "AreasManage"        // areas
	GrantsManage       authority.Permission = "GrantsManage"       // revoke grants
	SettingsManage     authority.Permission = "SettingsManage"     // the account's settings
	AuditRead          authority.Permission = "AuditRead"          // read the audit
	AccountsManage     authority.Permission = "AccountsManage"     // all accounts of the stand: the deployment's owner
)

// Names of the roles that every account is made with, and of the owner's.
const (
	AdministratorRole = "Administrator"
	DeveloperRole     = "Developer"
	OwnerRole         = "Owner"
)

// IsBuiltin reports whether a role of that name is the program's own, which no
// caller changes.
func IsBuiltin(role string) bool {
	return role == AdministratorRole || role == DeveloperRole || role == OwnerRole
}

// Permissions lists what this package asks for, but for AccountsManage, which
// reaches past the account.
func Permissions() []authority.Permission {
	return []authority.Permission{
		AccountRead, KeysManage, UsersManage, ServiceUsersManage, ApplicationsManage, RolesManage,
		AreasManage, GrantsManage, SettingsManage, AuditRead,
		authority.TokensIntrospect, authority.TokensRevoke,
	}
}

// Known lists every permission that a role may hold, and so a token, sorted.
func (s *Service) Known() []authority.Permission {
	out := slices.Concat(Permissions(), []authority.Permission{AccountsManage}, s.permissions)
	slices.Sort(out)
	return slices.Compact(out)
}

// builtin makes the roles of a new account.
func (s *Service) builtin(owner bool) []authority.Role {
	var roles []authority.Role
	for _, r := range s.builtinRoles() {
		if r.ID = authority.NewID(); owner || r.Name != OwnerRole {
			roles = append(roles, r)
		}
	}
	return roles
}

// builtinRoles are what the program's roles hold at least.
func (s *Service) builtinRoles() []authority.Role {
	everything := slices.DeleteFunc(s.Known(), func(p authority.Permission) bool { return p == AccountsManage })
	return []authority.Role{
		{Name: AdministratorRole, Permissions: everything},
		{Name: DeveloperRole, Permissions: []authority.Permission{AccountRead, AuditRead, KeysManage}},
		{Name: OwnerRole, Permissions: []authority.Permission{AccountsManage}},
	}
}

// CompleteRoles brings the program's roles of every account up to what this
// version knows: one that was made by a former version lacks what came since.
// Nothing is taken away, and a role that was given another name is left alone.
// The owner's role is never widened: its name alone gives nobody a deployment.
// It says how many roles have changed.
func (s *Service) CompleteRoles(ctx context.Context) (int, error) {
	changed := 0
	for _, r := range s.builtinRoles() {
		if r.Name == OwnerRole {
			continue
		}
		ch := s.begin(authority.System("", authority.Account{}, "role.complete", "new_version"), act{})
		n, err := s.ports.Roles.CompleteRoles(ctx, ch, r)
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// mayName keeps the names of the program's roles for it: a later version widens
// what has such a name.
func (s *Service) mayName(c authority.Caller, name string) error {
	for _, r := range s.builtinRoles() {
		if !isSystem(c) && spelling.Fold(r.Name) == spelling.Fold(name) {
			return cmp.Or(limitOf(c).Covers(r.Permissions, authority.Areas{}),
				error(authority.E(authority.Conflict, "the name is that of a built-in role").With("field", "name")))
		}
	}
	return nil
}

// AccountObject names an account for the audit.
func AccountObject(id authority.ID) string { return object("account", id) }

// RoleObject names a role for the audit.
func RoleObject(id authority.ID) string { return object("role", id) }

// Completed gives r with what of is missing in it; false when nothing is.
func Completed(r authority.Role, of []authority.Permission) (authority.Role, bool) {
	all := slices.Concat(r.Permissions, of)
	slices.Sort(all)
	all = slices.Compact(all)
	wider := len(all) > len(r.Permissions)
	r.Permissions = all
	return r, wider
}

// Administers reports whether somebody with these permissions manages more than
// himself: an administrator of the console, whom a weak way in must not let in.
func Administers(may []authority.Permission) bool {
	manages := []authority.Permission{
		UsersManage, ServiceUsersManage, ApplicationsManage, RolesManage, AreasManage, GrantsManage, SettingsManage, AccountsManage,
	}
	return slices.ContainsFunc(may, func(p authority.Permission) bool { return slices.Contains(manages, p) })
}
