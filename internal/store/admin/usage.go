package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const whereUsage = `FROM usage_hours WHERE account = $1 AND (credential = $2 OR $2 = 0) AND (principal = $3 OR $3 = 0)
	AND (dialect = $4 OR $4 = '') AND hour_ms >= $5 AND (hour_ms < $6 OR $6 = 0)`

// Usage implements admin.Usage.
func (s *Store) Usage(ctx context.Context, account authority.ID, q admin.UsageQuery, p admin.Page) (list admin.List[authority.Use], err error) {
	args := []any{account, q.Credential, q.Principal, q.Dialect, store.Millis(q.Since), store.Millis(q.Until)}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) `+whereUsage, args...).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanUse, `SELECT account, credential, principal, dialect, hour_ms, calls, issues `+whereUsage+`
			ORDER BY hour_ms DESC, credential, dialect LIMIT $7 OFFSET $8`, append(args, p.Size, p.Offset)...)
		return err
	})
	return list, err
}

func scanUse(rows store.Scanner) (authority.Use, error) {
	var u authority.Use
	var hour int64
	err := rows.Scan(&u.Account, &u.Credential, &u.Principal, &u.Dialect, &hour, &u.Calls, &u.Issues)
	u.Hour = store.FromMillis(hour)
	return u, err
}
