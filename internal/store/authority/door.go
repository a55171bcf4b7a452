package authority

import (
	"context"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// A use of a credential that has left meanwhile is not kept.
const noteDoor = `INSERT INTO door_uses (credential, dialect, door, account, principal, uses, last_ms, last_address)
	SELECT c.id, $2, $3, c.account, c.principal, $4, $5, $6 FROM credentials c WHERE c.id = $1
	ON CONFLICT (credential, dialect, door) DO UPDATE SET uses = door_uses.uses + excluded.uses,
	last_address = CASE WHEN excluded.last_ms < door_uses.last_ms THEN door_uses.last_address ELSE excluded.last_address END,
	last_ms = CASE WHEN excluded.last_ms < door_uses.last_ms THEN door_uses.last_ms ELSE excluded.last_ms END`

// NoteDoors implements authority.Doors: all of it or nothing, since what was not
// noted is given again.
func (s *Store) NoteDoors(ctx context.Context, uses []authority.DoorUse) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, u := range uses {
			_, err := tx.Exec(noteDoor, u.Credential, u.Dialect, u.Door, u.Count, store.Millis(u.At), u.Address)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
