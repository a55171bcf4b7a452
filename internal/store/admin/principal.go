package admin

import (
	"context"
	"encoding/json"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

const selectPrincipals = `SELECT id, account, kind, name, login, group_name, disabled, all_areas, list_of, keys_off, traits,
	created_ms FROM principals `

func scanPrincipal(row store.Scanner) (authority.Principal, error) {
	var p authority.Principal
	var disabled, everywhere, keysOff, created int64
	var traits string
	err := row.Scan(&p.ID, &p.Account, &p.Kind, &p.Name, &p.Login, &p.Group, &disabled, &everywhere,
		&p.Of, &keysOff, &traits, &created)
	if err != nil {
		return p, missing(err, "principal")
	}
	p.Disabled, p.Areas.All, p.KeysOff, p.Created = disabled != 0, everywhere != 0, keysOff != 0, store.FromMillis(created)
	err = json.Unmarshal([]byte(traits), &p.Traits)
	return p, err
}

// load reads one principal with its roles and areas.
func load(tx *store.Tx, account, id authority.ID, kind authority.PrincipalKind) (authority.Principal, error) {
	p, err := scanPrincipal(tx.QueryRow(selectPrincipals+`WHERE id = $1 AND account = $2 AND kind = $3`, id, account, kind))
	if err != nil {
		return p, err
	}
	if p.Roles, err = ids(tx, `SELECT role FROM principal_roles WHERE principal = $1 ORDER BY role`, id); err != nil {
		return p, err
	}
	if p.Areas.All {
		return p, nil
	}
	p.Areas.IDs, err = ids(tx, `SELECT area FROM principal_areas WHERE principal = $1 ORDER BY area`, id)
	return p, err
}

// within asks the change's limit about everything that p may and sees.
func within(tx *store.Tx, ch admin.Change, p authority.Principal) error {
	permissions, err := permissionsOf(tx, p.Roles)
	if err != nil {
		return err
	}
	return ch.Limit.Covers(permissions, p.Areas)
}

// valid refuses roles and areas that are not the account's.
func valid(tx *store.Tx, account authority.ID, p authority.Principal) error {
	if p.Of != 0 {
		_, err := scanPrincipal(tx.QueryRow(selectPrincipals+`WHERE id = $1 AND account = $2 AND kind = $3`,
			p.Of, account, authority.Application))
		if err != nil {
			return err
		}
	}
	if err := known(tx, `SELECT id FROM roles WHERE account = $1`, account, p.Roles, "role"); err != nil {
		return err
	}
	return known(tx, `SELECT id FROM areas WHERE account = $1`, account, p.Areas.IDs, "area")
}

// CreatePrincipal implements admin.Principals.
func (s *Store) CreatePrincipal(ctx context.Context, ch admin.Change, n admin.PrincipalCreation) error {
	return s.change(ctx, ch, func(tx *store.Tx) error { return insertPrincipal(tx, ch, n) })
}

func insertPrincipal(tx *store.Tx, ch admin.Change, n admin.PrincipalCreation) error {
	p := n.Principal
	if err := valid(tx, ch.Account, p); err != nil {
		return err
	}
	if err := within(tx, ch, p); err != nil {
		return err
	}
	if err := fewer(tx, n); err != nil {
		return err
	}
	traits, err := json.Marshal(p.Traits)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark,
		created_ms, list_of, keys_off, traits, search, owner) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $14, $9, 0, $10, $11, $12, $13, $15, $16)`,
		p.ID, ch.Account, ch.Stand, p.Kind, p.Name, p.Login, loginKey(p.Login), p.Group, p.Areas.All, store.Millis(p.Created),
		p.Of, p.KeysOff, string(traits), p.Disabled, searchText(p), p.Traits.Owner)
	if err != nil {
		return taken(err, "login")
	}
	if err := join(tx, p); err != nil {
		return err
	}
	if n.Hash == "" {
		return nil
	}
	return insertPassword(tx, ch, p.ID, p.Login, n.Hash)
}

// fewer refuses an application more than its owner may have.
func fewer(tx *store.Tx, n admin.PrincipalCreation) error {
	if n.Most == 0 {
		return nil
	}
	var has int
	err := tx.QueryRow(`SELECT count(*) FROM principals WHERE account = $1 AND owner = $2 AND owner <> 0`, n.Principal.Account, n.Principal.Traits.Owner).Scan(&has)
	if err == nil && has >= n.Most {
		return authority.E(authority.Conflict, "there are too many applications: delete one first")
	}
	return err
}

// loginKey is the form in which logins are unique; nil, which meets nothing,
// for none.
func loginKey(login string) any {
	if login == "" {
		return nil
	}
	return spelling.Fold(login)
}

func join(tx *store.Tx, p authority.Principal) error {
	if err := each(tx, `INSERT INTO principal_roles (principal, role) VALUES ($1, $2)`, p.ID, p.Roles); err != nil {
		return err
	}
	return each(tx, `INSERT INTO principal_areas (principal, area) VALUES ($1, $2)`, p.ID, p.Areas.IDs)
}

func leave(tx *store.Tx, id authority.ID) error {
	return all(tx, id, `DELETE FROM principal_roles WHERE principal = $1`, `DELETE FROM principal_areas WHERE principal = $1`)
}

// Principal implements admin.Principals.
func (s *Store) Principal(ctx context.Context, account, id authority.ID, kind authority.PrincipalKind) (p authority.Principal, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		p, err = load(tx, account, id, kind)
		return err
	})
	return p, err
}

// Principals implements admin.Principals.
func (s *Store) Principals(ctx context.Context, account authority.ID, kind authority.PrincipalKind, p admin.Page) (list admin.List[authority.Principal], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(`SELECT count(*) FROM principals WHERE account = $1 AND kind = $2`, account, kind).Scan(&list.Total)
		if err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanPrincipal, selectPrincipals+`WHERE account = $1 AND kind = $2 ORDER BY name, id LIMIT $3 OFFSET $4`,
			account, kind, p.Size, p.Offset)
		if err != nil {
			return err
		}
		return memberships(tx, list.Items)
	})
	return list, err
}

// memberships fills roles and areas of a whole page with two statements.
func memberships(tx *store.Tx, page []authority.Principal) error {
	if len(page) == 0 {
		return nil
	}
	roles, err := having(tx, page, "SELECT principal, role FROM principal_roles WHERE ", " ORDER BY role")
	if err != nil {
		return err
	}
	areas, err := having(tx, page, "SELECT principal, area FROM principal_areas WHERE ", " ORDER BY area")
	if err != nil {
		return err
	}
	for i := range page {
		page[i].Roles = roles[page[i].ID]
		if !page[i].Areas.All {
			page[i].Areas.IDs = areas[page[i].ID]
		}
	}
	return nil
}

// having reads what those on a page have, from the statement before and after the
// condition on principals.
func having(tx *store.Tx, page []authority.Principal, before, after string) (map[authority.ID][]authority.ID, error) {
	all := make([]authority.ID, len(page))
	for i, p := range page {
		all[i] = p.ID
	}
	var q store.Statement
	store.In(q.Add(before), "principal", all).Add(after)
	list, err := store.Collect(tx, store.Pair[authority.ID], q.String(), q.Args()...)
	out := make(map[authority.ID][]authority.ID)
	for _, pair := range list {
		out[pair[0]] = append(out[pair[0]], pair[1])
	}
	return out, err
}

// ChangePrincipal implements admin.Principals.
func (s *Store) ChangePrincipal(ctx context.Context, ch admin.Change, edit admin.PrincipalEdit) (after authority.Principal, err error) {
	err = s.change(ctx, ch, func(tx *store.Tx) error {
		before, err := load(tx, ch.Account, edit.ID, edit.Kind)
		if err != nil {
			return err
		}
		if err := within(tx, ch, before); err != nil {
			return err
		}
		after = edit.Apply(before)
		if err := valid(tx, ch.Account, after); err != nil {
			return err
		}
		if err := within(tx, ch, after); err != nil {
			return err
		}
		if err := keeps(tx, ch, func() error { return update(tx, before, after) }); err != nil {
			return err
		}
		if (after.Disabled && !before.Disabled) || (after.KeysOff && !before.KeysOff) {
			return s.markPrincipal(tx, ch, after.ID)
		}
		return s.changed(tx, ch, authority.ScopePrincipal, after.ID)
	})
	return after, err
}

func update(tx *store.Tx, before, after authority.Principal) error {
	traits, err := json.Marshal(after.Traits)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE principals SET name = $1, login = $2, login_key = $3, group_name = $4, disabled = $5, all_areas = $6,
		keys_off = $7, traits = $8, search = $10 WHERE id = $9`, after.Name, after.Login, loginKey(after.Login), after.Group, after.Disabled,
		after.Areas.All, after.KeysOff, string(traits), after.ID, searchText(after))
	if err != nil {
		return taken(err, "login")
	}
	if after.Login != before.Login {
		_, err = tx.Exec(`UPDATE credentials SET client_id = $1 WHERE principal = $2 AND kind = $3`,
			spelling.Fold(after.Login), after.ID, authority.Password)
		if err != nil {
			return err
		}
	}
	if err := leave(tx, after.ID); err != nil {
		return err
	}
	return join(tx, after)
}

// markPrincipal refuses what was issued to the principal; the row keeps the
// mark when the entry has left the feed.
func (s *Store) markPrincipal(tx *store.Tx, ch admin.Change, id authority.ID) error {
	position, err := s.revoke(tx, ch, authority.ScopePrincipal, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE principals SET mark = $1 WHERE id = $2`, position, id)
	return err
}

// UsersOf implements admin.Principals.
func (s *Store) UsersOf(ctx context.Context, account, of authority.ID, p admin.Page) (admin.List[authority.Principal], error) {
	return s.listed(ctx, p, `WHERE account = $1 AND kind = 'user' AND list_of = $2`, account, of)
}

// OwnedBy implements admin.Owners.
func (s *Store) OwnedBy(ctx context.Context, account, owner authority.ID, p admin.Page) (admin.List[authority.Principal], error) {
	return s.listed(ctx, p, `WHERE account = $1 AND owner = $2 AND owner <> 0`, account, owner)
}

// listed reads a page, by name, of those that where finds with its two arguments.
func (s *Store) listed(ctx context.Context, p admin.Page, where string, args ...any) (list admin.List[authority.Principal], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) FROM principals `+where, args...).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanPrincipal, selectPrincipals+where+` ORDER BY name, id LIMIT $3 OFFSET $4`, append(args, p.Size, p.Offset)...)
		if err != nil {
			return err
		}
		return memberships(tx, list.Items)
	})
	return list, err
}

// DeletePrincipal implements admin.Principals.
func (s *Store) DeletePrincipal(ctx context.Context, ch admin.Change, id authority.ID, kind authority.PrincipalKind) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		p, err := load(tx, ch.Account, id, kind)
		if err != nil {
			return err
		}
		if err := within(tx, ch, p); err != nil {
			return err
		}
		if err := unused(tx, id); err != nil {
			return err
		}
		if err := s.markPrincipal(tx, ch, id); err != nil {
			return err
		}
		if err := leave(tx, id); err != nil {
			return err
		}
		return all(tx, id,
			`DELETE FROM consents WHERE principal = $1 OR application = $1`, `DELETE FROM codes WHERE principal = $1 OR application = $1`,
			// Of others' credentials too: an application's act as its owner.
			`UPDATE credentials SET live_grants = live_grants - (SELECT count(*) FROM grants g
				WHERE g.credential = credentials.id AND g.principal = $1)
				WHERE id IN (SELECT credential FROM grants WHERE principal = $1)`,
			`DELETE FROM grants WHERE principal = $1`,
			`DELETE FROM grants WHERE credential IN (SELECT id FROM credentials WHERE principal = $1)`, `DELETE FROM door_uses WHERE principal = $1`,
			`DELETE FROM signin_session WHERE principal = $1`, `DELETE FROM signin_choice WHERE principal = $1`,
			`DELETE FROM signin_totp WHERE principal = $1`, `DELETE FROM signin_passkey WHERE principal = $1`,
			`DELETE FROM signin_recovery WHERE principal = $1`,
			`DELETE FROM credentials WHERE principal = $1`,
			`DELETE FROM principals WHERE id = $1`)
	})
}

// unused refuses to leave users of an application behind.
func unused(tx *store.Tx, id authority.ID) error {
	var users int
	err := tx.QueryRow(`SELECT count(*) FROM principals WHERE list_of = $1`, id).Scan(&users)
	if err == nil && users > 0 {
		return authority.E(authority.Conflict, "the application has users: delete them first")
	}
	return err
}
