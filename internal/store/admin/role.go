package admin

import (
	"context"
	"encoding/json"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectRoles = `SELECT id, account, name, permissions FROM roles `

func scanRole(row store.Scanner) (r authority.Role, err error) {
	var permissions string
	if err := row.Scan(&r.ID, &r.Account, &r.Name, &permissions); err != nil {
		return r, missing(err, "role")
	}
	err = json.Unmarshal([]byte(permissions), &r.Permissions)
	return r, err
}

func permissionText(list []authority.Permission) (string, error) {
	if list == nil {
		list = []authority.Permission{}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

func insertRole(tx *store.Tx, r authority.Role) error {
	text, err := permissionText(r.Permissions)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO roles (id, account, name, permissions) VALUES ($1, $2, $3, $4)`, r.ID, r.Account, r.Name, text)
	return taken(err, "name")
}

// permissionsOf lists what roles allow together; a permission may come twice.
func permissionsOf(tx *store.Tx, roles []authority.ID) ([]authority.Permission, error) {
	var out []authority.Permission
	for _, id := range roles {
		r, err := scanRole(tx.QueryRow(selectRoles+`WHERE id = $1`, id))
		if err != nil {
			return nil, err
		}
		out = append(out, r.Permissions...)
	}
	return out, nil
}

// covered asks the limit about a role's permissions alone.
func covered(ch admin.Change, r authority.Role) error {
	return ch.Limit.Covers(r.Permissions, authority.Areas{})
}

// CreateRole implements admin.Roles.
func (s *Store) CreateRole(ctx context.Context, ch admin.Change, r authority.Role) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		if err := covered(ch, r); err != nil {
			return err
		}
		return insertRole(tx, r)
	})
}

// Roles implements admin.Roles.
func (s *Store) Roles(ctx context.Context, account authority.ID, p admin.Page) (list admin.List[authority.Role], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) FROM roles WHERE account = $1`, account).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanRole, selectRoles+`WHERE account = $1 ORDER BY name, id LIMIT $2 OFFSET $3`, account, p.Size, p.Offset)
		return err
	})
	return list, err
}

// Role implements admin.Roles.
func (s *Store) Role(ctx context.Context, account, id authority.ID) (r authority.Role, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		r, err = scanRole(tx.QueryRow(selectRoles+`WHERE id = $1 AND account = $2`, id, account))
		return err
	})
	return r, err
}

// ChangeRole implements admin.Roles.
func (s *Store) ChangeRole(ctx context.Context, ch admin.Change, edit admin.RoleEdit) (after authority.Role, err error) {
	err = s.change(ctx, ch, func(tx *store.Tx) error {
		before, err := scanRole(tx.QueryRow(selectRoles+`WHERE id = $1 AND account = $2`, edit.ID, ch.Account))
		if err != nil {
			return err
		}
		after = edit.Apply(before)
		if err := covered(ch, before); err != nil {
			return err
		}
		if err := covered(ch, after); err != nil {
			return err
		}
		if !ch.Limit.All {
			if err := admin.Changeable(before); err != nil {
				return err
			}
		}
		return keeps(tx, ch, func() error { return s.updateRole(tx, ch, after) })
	})
	return after, err
}

func (s *Store) updateRole(tx *store.Tx, ch admin.Change, after authority.Role) error {
	text, err := permissionText(after.Permissions)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE roles SET name = $1, permissions = $2 WHERE id = $3`, after.Name, text, after.ID); err != nil {
		return taken(err, "name")
	}
	return s.changed(tx, ch, authority.ScopeAccount, ch.Account)
}

// keeps runs change and asks whether whoever makes it can still undo it.
func keeps(tx *store.Tx, ch admin.Change, change func() error) error {
	before, err := actorMay(tx, ch)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := actorMay(tx, ch)
	if err != nil {
		return err
	}
	return admin.Keeps(before, after)
}

// actorMay lists what the maker of a change may; nothing for the server itself.
func actorMay(tx *store.Tx, ch admin.Change) ([]authority.Permission, error) {
	if ch.Entry.Actor == 0 {
		return nil, nil
	}
	roles, err := ids(tx, `SELECT role FROM principal_roles WHERE principal = $1 ORDER BY role`, ch.Entry.Actor)
	if err != nil {
		return nil, err
	}
	return permissionsOf(tx, roles)
}

// DeleteRole implements admin.Roles.
func (s *Store) DeleteRole(ctx context.Context, ch admin.Change, id authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		r, err := scanRole(tx.QueryRow(selectRoles+`WHERE id = $1 AND account = $2`, id, ch.Account))
		if err != nil {
			return err
		}
		if err := covered(ch, r); err != nil {
			return err
		}
		if err := admin.Changeable(r); err != nil {
			return err
		}
		var holders int
		if err := tx.QueryRow(`SELECT count(*) FROM principal_roles WHERE role = $1`, id).Scan(&holders); err != nil {
			return err
		}
		if holders > 0 {
			return authority.E(authority.Conflict, "somebody holds the role: take it from them first")
		}
		return all(tx, id, `DELETE FROM roles WHERE id = $1`)
	})
}

// CompleteRoles implements admin.Roles.
func (s *Store) CompleteRoles(ctx context.Context, ch admin.Change, r authority.Role) (int, error) {
	text, err := permissionText(r.Permissions)
	if err != nil {
		return 0, err
	}
	// Nearly always none, so it is no write.
	list, err := store.CollectOne(ctx, s.db, scanStandRole, `SELECT r.id, r.account, r.name, r.permissions, a.stand
		FROM roles r JOIN accounts a ON a.id = r.account WHERE r.name = $1 AND r.permissions <> $2 ORDER BY r.id`, r.Name, text)
	changed := 0
	for _, found := range list {
		if err != nil {
			break
		}
		after, wider := admin.Completed(found.Role, r.Permissions)
		if !wider {
			continue
		}
		changed++
		ch.Stand, ch.Account = found.stand, found.Account
		ch.Entry.Stand, ch.Entry.Account, ch.Entry.Object = found.stand, found.Account, admin.RoleObject(found.ID)
		_, err = s.ChangeRole(ctx, ch, admin.RoleEdit{ID: after.ID, Permissions: &after.Permissions})
	}
	return changed, err
}

// standRole is a role with the stand that it lies on.
type standRole struct {
	authority.Role

	stand authority.Stand
}

func scanStandRole(row store.Scanner) (r standRole, err error) {
	var permissions string
	if err = row.Scan(&r.ID, &r.Account, &r.Name, &permissions, &r.stand); err == nil {
		err = json.Unmarshal([]byte(permissions), &r.Permissions)
	}
	return r, err
}

// Holders implements admin.Roles.
func (s *Store) Holders(ctx context.Context, account, role authority.ID, p admin.Page) (list admin.List[authority.Principal], err error) {
	// The + keeps the engine from looking through the whole account.
	const holding = `WHERE id IN (SELECT principal FROM principal_roles WHERE role = $1) AND +account = $2`
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) FROM principals `+holding, role, account).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanPrincipal, selectPrincipals+holding+` ORDER BY name, id LIMIT $3 OFFSET $4`, role, account, p.Size, p.Offset)
		return err
	})
	return list, err
}
