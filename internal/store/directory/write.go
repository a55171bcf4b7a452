package directory

import (
	"context"

	"propusk/internal/authority"
	"propusk/internal/directory"
	"propusk/internal/store"
)

// PutExtension implements directory.Store.
func (s *Store) PutExtension(ctx context.Context, ch directory.Change) (e directory.Extension, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if ch.Rule == nil {
			e = ch.Extension
			return insert(tx, ch, e)
		}
		if err := store.Hold(tx, "phone_extension", ch.Account, ch.Extension.ID); err != nil {
			return err
		}
		before, err := find(tx, ch.Account, ch.Extension.ID)
		if err != nil {
			return err
		}
		if e, err = ch.Rule(before); err != nil || e == before {
			return err
		}
		return update(tx, ch, e)
	})
	return e, err
}

func insert(tx *store.Tx, ch directory.Change, e directory.Extension) error {
	if err := holder(tx, ch.Account, e.User); err != nil {
		return err
	}
	var count, taken int
	err := tx.QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN number = $2 THEN 1 ELSE 0 END), 0)
		FROM phone_extension WHERE account = $1`, ch.Account, e.Number).Scan(&count, &taken)
	switch {
	case err != nil:
		return err
	case taken > 0:
		return authority.E(authority.Conflict, "the number is taken").With("field", "name")
	case count >= directory.MaxExtensions:
		return authority.E(authority.Conflict, "the account has 10000 extensions already")
	}
	n, err := tx.Exec(`INSERT INTO phone_extension (id, account, number, kind, label, team, blocked, principal, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
		e.ID, ch.Account, e.Number, string(e.Kind), e.Label, e.Group, e.Blocked, e.User, store.Millis(e.Created))
	if err == nil && n == 0 {
		return directory.ErrIDTaken
	}
	if err != nil {
		return err
	}
	return store.Audit(tx, ch.Entry)
}

func update(tx *store.Tx, ch directory.Change, e directory.Extension) error {
	if err := holder(tx, ch.Account, e.User); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE phone_extension SET kind = $1, label = $2, team = $3, blocked = $4, principal = $5
		WHERE id = $6 AND account = $7`, string(e.Kind), e.Label, e.Group, e.Blocked, e.User, e.ID, ch.Account)
	if err != nil {
		return err
	}
	return store.Audit(tx, ch.Entry)
}

// holder refuses a user who is none of the account.
func holder(tx *store.Tx, account, user authority.ID) error {
	if user == 0 {
		return nil
	}
	var found int
	err := tx.QueryRow(`SELECT COUNT(*) FROM principals WHERE id = $1 AND account = $2 AND kind = $3`,
		user, account, authority.User).Scan(&found)
	if err == nil && found == 0 {
		return authority.E(authority.Unprocessable, "the account has no such user").With("field", "user_id")
	}
	return err
}

// DeleteExtension implements directory.Store.
func (s *Store) DeleteExtension(ctx context.Context, ch directory.Change) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM phone_extension WHERE id = $1 AND account = $2`, ch.Extension.ID, ch.Account)
		if err == nil && n == 0 {
			return directory.Missing()
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM phone_event WHERE extension = $1 AND account = $2`, ch.Extension.ID, ch.Account); err != nil {
			return err
		}
		return store.Audit(tx, ch.Entry)
	})
}
