package admin

import (
	"slices"

	"propusk/internal/authority"
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
	KeysRotate         authority.Permission = "SigningKeysRotate"  // rotate the keys that sign tokens of the stand
	AuditRead          authority.Permission = "AuditRead"          // read the audit
	AccountsManage     authority.Permission = "AccountsManage"     // all accounts of the stand: the deployment's owner
)

// Names of the roles that every account is made with, and of the owner's.
const (
	AdministratorRole = "Administrator"
	DeveloperRole     = "Developer"
	OwnerRole         = "Owner"
)

// Permissions lists what this package asks for, but for AccountsManage, which
// reaches past the account.
func Permissions() []authority.Permission {
	return []authority.Permission{
		AccountRead, KeysManage, UsersManage, ServiceUsersManage, ApplicationsManage, RolesManage,
		AreasManage, GrantsManage, SettingsManage, KeysRotate, AuditRead,
		authority.TokensIntrospect, authority.TokensRevoke,
	}
}

// known lists every permission a role may hold, sorted.
func (s *Service) known() []authority.Permission {
	out := slices.Concat(Permissions(), []authority.Permission{AccountsManage}, s.permissions)
	slices.Sort(out)
	return slices.Compact(out)
}

// builtin makes the roles of a new account.
func (s *Service) builtin(owner bool) []authority.Role {
	everything := slices.DeleteFunc(s.known(), func(p authority.Permission) bool { return p == AccountsManage })
	roles := []authority.Role{
		{ID: authority.NewID(), Name: AdministratorRole, Permissions: everything},
		{ID: authority.NewID(), Name: DeveloperRole, Permissions: []authority.Permission{AccountRead, AuditRead, KeysManage}},
	}
	if owner {
		roles = append(roles, authority.Role{
			ID: authority.NewID(), Name: OwnerRole, Permissions: []authority.Permission{AccountsManage},
		})
	}
	return roles
}
