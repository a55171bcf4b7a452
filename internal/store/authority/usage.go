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

const addTraffic = `INSERT INTO traffic_hours (account, hour_ms, dialect, calls, issues, refusals) VALUES ($1, $2, $3, $4, $5, $6)
	ON CONFLICT (account, hour_ms, dialect) DO UPDATE
	SET calls = traffic_hours.calls + $4, issues = traffic_hours.issues + $5, refusals = traffic_hours.refusals + $6`

const addStrangers = `INSERT INTO stranger_hours (stand, hour_ms, dialect, refusals) VALUES ($1, $2, $3, $4)
	ON CONFLICT (stand, hour_ms, dialect) DO UPDATE SET refusals = stranger_hours.refusals + $4`

// traffic is what a dialect was used for in an hour, by all of an account.
type traffic struct {
	account authority.ID
	hour    int64
	dialect string
}

// usageKept is how long uses are remembered: a year, and a month to compare it
// with.
const usageKept = 400 * 24 * time.Hour

// AddUsage implements authority.Usage. What was counted of an account that is
// gone is dropped, and so is what is too old.
func (s *Store) AddUsage(ctx context.Context, uses []authority.Use) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		there := map[authority.ID]bool{}
		sums := map[traffic]authority.Use{}
		for _, u := range uses {
			if u.Account == 0 {
				if err := s.addStrangers(tx, u); err != nil {
					return err
				}
				continue
			}
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
			if err := addUse(tx, u); err != nil {
				return err
			}
			of := traffic{u.Account, store.Millis(u.Hour), u.Dialect}
			sum := sums[of]
			sums[of] = authority.Use{Calls: sum.Calls + u.Calls, Issues: sum.Issues + u.Issues, Refusals: sum.Refusals + u.Refusals}
		}
		for of, sum := range sums {
			if _, err := tx.Exec(addTraffic, of.account, of.hour, of.dialect, sum.Calls, sum.Issues, sum.Refusals); err != nil {
				return err
			}
		}
		return nil
	})
}

// addUse writes down the use of one credential; refusals are the account's.
func addUse(tx *store.Tx, u authority.Use) error {
	if u.Calls+u.Issues == 0 {
		return nil
	}
	_, err := tx.Exec(addUsage, u.Account, u.Credential, u.Principal, u.Dialect, store.Millis(u.Hour), u.Calls, u.Issues)
	return err
}

// addStrangers writes down refusals of nobody's account, and takes the oldest
// hours away.
func (s *Store) addStrangers(tx *store.Tx, u authority.Use) error {
	_, err := tx.Exec(`DELETE FROM stranger_hours WHERE stand = $1 AND hour_ms < $2`, u.Stand, store.Millis(s.db.Now().Add(-usageKept)))
	if err != nil {
		return err
	}
	_, err = tx.Exec(addStrangers, u.Stand, store.Millis(u.Hour), u.Dialect, u.Refusals)
	return err
}

// tidyUsage takes the oldest hours of an account away and says whether it is
// there.
func (s *Store) tidyUsage(tx *store.Tx, account authority.ID) (bool, error) {
	for _, table := range []string{"usage_hours", "traffic_hours"} {
		_, err := tx.Exec(`DELETE FROM `+table+` WHERE account = $1 AND hour_ms < $2`, account, store.Millis(s.db.Now().Add(-usageKept)))
		if err != nil {
			return false, err
		}
	}
	return hasAccount(tx, account)
}
