package authority

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
)

const addUsage = `INSERT INTO usage_hours (account, credential, principal, dialect, hour_ms, calls, issues)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (account, hour_ms, credential, dialect) DO UPDATE
	SET calls = usage_hours.calls + $6, issues = usage_hours.issues + $7`

// usageKept is how long uses are remembered: a year, and a month to compare it
// with.
const usageKept = 400 * 24 * time.Hour

// AddUsage implements authority.Usage. What was counted of an account that is
// gone is dropped, and so is what is too old.
func (s *Store) AddUsage(ctx context.Context, uses []authority.Use) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		there := map[authority.ID]bool{}
		for _, u := range uses {
			known, asked := there[u.Account]
			if !asked {
				var err error
				if known, err = s.tidyUsage(tx, u.Account); err != nil {
					return err
				}
				there[u.Account] = known
			}
			if !known {
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

// tidyUsage takes the oldest hours of an account away and says whether it is
// there.
func (s *Store) tidyUsage(tx *store.Tx, account authority.ID) (bool, error) {
	_, err := tx.Exec(`DELETE FROM usage_hours WHERE account = $1 AND hour_ms < $2`, account, store.Millis(s.db.Now().Add(-usageKept)))
	if err != nil {
		return false, err
	}
	var n int
	err = tx.QueryRow(`SELECT count(*) FROM accounts WHERE id = $1`, account).Scan(&n)
	return n > 0, err
}
