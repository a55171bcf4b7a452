package signin

import (
	"context"
	"errors"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/store"
)

// Passkeys implements signin.Passkeys.
func (s *Store) Passkeys(ctx context.Context, principal authority.ID) ([]signin.Passkey, error) {
	return store.CollectOne(ctx, s.db, scanPasskey, `SELECT id, account, principal, credential, record, name, created_ms, used_ms
		FROM signin_passkey WHERE principal = $1 ORDER BY created_ms, id`, principal)
}

func scanPasskey(r store.Scanner) (p signin.Passkey, err error) {
	var created, used int64
	err = r.Scan(&p.ID, &p.Account, &p.Principal, &p.Credential, &p.Record, &p.Name, &created, &used)
	p.Created, p.Used = store.FromMillis(created), store.FromMillis(used)
	return p, err
}

// AddPasskey implements signin.Passkeys.
func (s *Store) AddPasskey(ctx context.Context, ch signin.Change, p signin.Passkey, ceremony signin.Spent) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		if err := spend(tx, ceremony); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO signin_passkey (id, account, principal, credential, record, name, created_ms, used_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			p.ID, p.Account, p.Principal, p.Credential, p.Record, p.Name, store.Millis(p.Created))
		if errors.Is(err, store.ErrConflict) {
			return authority.Wrap(authority.Conflict, "the passkey is in use already", err)
		}
		return err
	})
}

// UsePasskey implements signin.Passkeys. Who has one is its user: the misses of
// his code generator are forgotten.
func (s *Store) UsePasskey(ctx context.Context, p signin.Passkey, ceremony signin.Spent) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if err := spend(tx, ceremony); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE signin_passkey SET record = $1, used_ms = $2 WHERE id = $3 AND principal = $4`,
			p.Record, store.Millis(p.Used), p.ID, p.Principal)
		if err := found(n, err, "passkey"); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE signin_totp SET misses = 0, missed_ms = 0 WHERE principal = $1`, p.Principal)
		return err
	})
}

// RenamePasskey implements signin.Passkeys.
func (s *Store) RenamePasskey(ctx context.Context, ch signin.Change, id authority.ID, name string) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE signin_passkey SET name = $1 WHERE id = $2 AND principal = $3`, name, id, ch.Principal)
		return found(n, err, "passkey")
	})
}

// RemovePasskey implements signin.Passkeys.
func (s *Store) RemovePasskey(ctx context.Context, ch signin.Change, id authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM signin_passkey WHERE id = $1 AND principal = $2`, id, ch.Principal)
		if err := found(n, err, "passkey"); err != nil {
			return err
		}
		return dropRecovery(tx, ch)
	})
}

// RemoveTOTP implements signin.Passkeys.
func (s *Store) RemoveTOTP(ctx context.Context, ch signin.Change) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM signin_totp WHERE principal = $1`, ch.Principal)
		if err := found(n, err, "code generator"); err != nil {
			return err
		}
		return dropRecovery(tx, ch)
	})
}

// dropRecovery takes the recovery codes away that stand in for nothing any more.
func dropRecovery(tx *store.Tx, ch signin.Change) error {
	_, err := tx.Exec(`DELETE FROM signin_recovery WHERE principal = $1
		AND NOT EXISTS (SELECT 1 FROM signin_totp t WHERE t.principal = $1)
		AND NOT EXISTS (SELECT 1 FROM signin_passkey k WHERE k.principal = $1)`, ch.Principal)
	return err
}
