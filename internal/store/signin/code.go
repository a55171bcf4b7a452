package signin

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/store"
)

// TOTP implements signin.Codes.
func (s *Store) TOTP(ctx context.Context, principal authority.ID) (t signin.TOTP, err error) {
	var missed, created, used int64
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT sealed, step, misses, missed_ms, created_ms, used_ms FROM signin_totp WHERE principal = $1`, principal).
			Scan(&t.Sealed, &t.Step, &t.Misses, &missed, &created, &used)
	})
	t.Missed, t.Created, t.Used = store.FromMillis(missed), store.FromMillis(created), store.FromMillis(used)
	return t, missing(err, "code generator")
}

// SetTOTP implements signin.Codes.
func (s *Store) SetTOTP(ctx context.Context, ch signin.Change, t signin.TOTP) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO signin_totp (principal, account, sealed, step, misses, missed_ms, created_ms, used_ms)
			VALUES ($1, $2, $3, $4, 0, 0, $5, 0) ON CONFLICT (principal) DO UPDATE SET sealed = excluded.sealed,
			step = excluded.step, misses = 0, missed_ms = 0, created_ms = excluded.created_ms, used_ms = 0`,
			ch.Principal, ch.Account, t.Sealed, t.Step, store.Millis(t.Created))
		return err
	})
}

// UseTOTP implements signin.Attempts.
func (s *Store) UseTOTP(ctx context.Context, principal authority.ID, step int64, at time.Time) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE signin_totp SET step = $1, misses = 0, missed_ms = 0, used_ms = $2
			WHERE principal = $3 AND step < $1`, step, store.Millis(at), principal)
		if err == nil && n == 0 {
			err = authority.E(authority.Conflict, "the code was used before")
		}
		return err
	})
}

// MissTOTP implements signin.Attempts.
func (s *Store) MissTOTP(ctx context.Context, principal authority.ID, at time.Time) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE signin_totp SET misses = misses + 1, missed_ms = $1 WHERE principal = $2`, store.Millis(at), principal)
		return err
	})
}

// RecoveryCodes implements signin.Codes.
func (s *Store) RecoveryCodes(ctx context.Context, principal authority.ID) ([]signin.RecoveryCode, error) {
	return store.CollectOne(ctx, s.db, scanRecoveryCode, `SELECT id, sealed FROM signin_recovery WHERE principal = $1 ORDER BY id`, principal)
}

func scanRecoveryCode(row store.Scanner) (c signin.RecoveryCode, err error) {
	err = row.Scan(&c.ID, &c.Sealed)
	return c, err
}

// SetRecoveryCodes implements signin.Codes.
func (s *Store) SetRecoveryCodes(ctx context.Context, ch signin.Change, codes []signin.RecoveryCode) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		if _, err := tx.Exec(`DELETE FROM signin_recovery WHERE principal = $1`, ch.Principal); err != nil {
			return err
		}
		for _, c := range codes {
			_, err := tx.Exec(`INSERT INTO signin_recovery (id, account, principal, sealed) VALUES ($1, $2, $3, $4)`,
				c.ID, ch.Account, ch.Principal, c.Sealed)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// UseRecoveryCode implements signin.Codes. Who has one is its user: the misses
// of his code generator are forgotten.
func (s *Store) UseRecoveryCode(ctx context.Context, ch signin.Change, id authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM signin_recovery WHERE id = $1 AND principal = $2`, id, ch.Principal)
		if err := found(n, err, "recovery code"); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE signin_totp SET misses = 0, missed_ms = 0 WHERE principal = $1`, ch.Principal)
		return err
	})
}
