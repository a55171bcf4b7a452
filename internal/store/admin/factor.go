package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// Factors implements admin.People.
func (s *Store) Factors(ctx context.Context, account, user authority.ID) (f admin.Factors, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := load(tx, account, user, authority.User); err != nil {
			return err
		}
		var since int64
		err := tx.QueryRow(`SELECT (SELECT COALESCE(MAX(created_ms), 0) FROM signin_totp WHERE principal = $1),
			(SELECT count(*) FROM signin_passkey WHERE principal = $1), (SELECT count(*) FROM signin_recovery WHERE principal = $1)`, user).
			Scan(&since, &f.Passkeys, &f.Recovery)
		f.CodesSince = store.FromMillis(since)
		return err
	})
	return f, err
}

// ResetFactors implements admin.People.
func (s *Store) ResetFactors(ctx context.Context, ch admin.Change, user authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		p, err := load(tx, ch.Account, user, authority.User)
		if err != nil {
			return err
		}
		if err := within(tx, ch, p); err != nil {
			return err
		}
		gone := int64(0)
		for _, query := range []string{
			`DELETE FROM signin_totp WHERE principal = $1`, `DELETE FROM signin_passkey WHERE principal = $1`,
			`DELETE FROM signin_recovery WHERE principal = $1`,
		} {
			n, err := tx.Exec(query, user)
			if err != nil {
				return err
			}
			gone += n
		}
		if gone == 0 {
			return authority.E(authority.Conflict, "the user has no second factor")
		}
		return nil
	})
}
