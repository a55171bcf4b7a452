package authority

import (
	"context"

	"propusk/internal/authority"
	"propusk/internal/store"
)

const addUsage = `INSERT INTO usage_hours (account, credential, principal, dialect, hour_ms, calls, issues)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (account, hour_ms, credential, dialect) DO UPDATE
	SET calls = usage_hours.calls + $6, issues = usage_hours.issues + $7`

// AddUsage implements authority.Usage. What was counted of an account that is
// gone is dropped.
func (s *Store) AddUsage(ctx context.Context, uses []authority.Use) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, u := range uses {
			var there int
			if err := tx.QueryRow(`SELECT count(*) FROM accounts WHERE id = $1`, u.Account).Scan(&there); err != nil {
				return err
			}
			if there == 0 {
				continue
			}
			_, err := tx.Exec(addUsage, u.Account, u.Credential, u.Principal, u.Dialect, store.Millis(u.Hour), u.Calls, u.Issues)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
