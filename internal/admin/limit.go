package admin

import (
	"slices"

	"propusk/internal/authority"
)

// Limit is what a caller may give, and whom he may touch: nobody passes on a
// permission or an area that he does not have, makes a secret for somebody who
// may more than himself, or takes such a one's rights, password or life away.
// Without it the right to manage users would be every right. The zero Limit
// covers only those who may nothing.
type Limit struct {
	All         bool // the command line and the server itself
	Permissions []authority.Permission
	Areas       authority.Areas
}

func limitOf(c authority.Caller) Limit {
	if isSystem(c) || away(c) {
		return Limit{All: true}
	}
	return Limit{Permissions: c.Permissions(), Areas: c.Areas()}
}

// isSystem reports whether c is the command line or the server itself: whoever
// may what nobody has declared may everything.
func isSystem(c authority.Caller) bool { return c.Principal().ID == 0 && c.Can(AccountsManage) }

// away reports whether c is the deployment's owner at work in another account:
// who makes accounts may do in them what their administrators may.
func away(c authority.Caller) bool { return c.Away() && c.Can(AccountsManage) }

// Covers gives Forbidden unless permissions and areas lie within l.
func (l Limit) Covers(permissions []authority.Permission, areas authority.Areas) error {
	if l.All {
		return nil
	}
	for _, p := range permissions {
		if !slices.Contains(l.Permissions, p) {
			return authority.E(authority.Forbidden, "this takes a permission that you do not have").
				With("permission", string(p))
		}
	}
	return l.coversAreas(areas)
}

func (l Limit) coversAreas(areas authority.Areas) error {
	outside := func(id authority.ID) bool { return !l.Areas.Allow(id) }
	if l.Areas.All || (!areas.All && !slices.ContainsFunc(areas.IDs, outside)) {
		return nil
	}
	return authority.E(authority.Forbidden, "this reaches into areas that you do not see")
}

// Keeps gives Conflict when somebody whose permissions were before would, by his
// own change, no longer be able to undo it: an account must not lock itself out.
func Keeps(before, after []authority.Permission) error {
	for _, p := range []authority.Permission{UsersManage, RolesManage, AccountsManage} {
		if slices.Contains(before, p) && !slices.Contains(after, p) {
			return authority.E(authority.Conflict, "you cannot take this permission from yourself").With("permission", string(p))
		}
	}
	return nil
}
