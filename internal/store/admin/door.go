package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// DoorUses implements admin.Doors.
func (s *Store) DoorUses(ctx context.Context, account authority.ID, p admin.Page) (list admin.List[admin.DoorUse], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) FROM door_uses WHERE account = $1`, account).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanDoorUse, `SELECT d.principal, p.name, p.login, d.credential, d.dialect, d.door, d.uses, d.last_ms, d.last_address
			FROM door_uses d JOIN principals p ON p.id = d.principal WHERE d.account = $1
			ORDER BY d.last_ms DESC, d.credential, d.dialect, d.door LIMIT $2 OFFSET $3`, account, p.Size, p.Offset)
		return err
	})
	return list, err
}

func scanDoorUse(rows store.Scanner) (admin.DoorUse, error) {
	var u admin.DoorUse
	var last int64
	err := rows.Scan(&u.Principal, &u.Holder, &u.Login, &u.Credential, &u.Dialect, &u.Door, &u.Uses, &last, &u.Address)
	u.LastUsed = store.FromMillis(last)
	return u, err
}
