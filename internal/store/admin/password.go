package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

// insertPassword writes a user's password: its public half is the folded login.
func insertPassword(tx *store.Tx, ch admin.Change, user authority.ID, login, hash string) error {
	return insertCredential(tx, authority.Credential{
		ID: authority.NewID(), Account: ch.Account, Principal: user, Stand: ch.Stand, Kind: authority.Password,
		ClientID: spelling.Fold(login), Created: ch.Now,
	}, stored{hash: hash})
}

// SetPassword implements admin.Principals. The revision moves, so that a
// sign-in that compared the former password is not finished.
func (s *Store) SetPassword(ctx context.Context, ch admin.Change, user authority.ID, hash string) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		p, err := load(tx, ch.Account, user, authority.User)
		if err != nil {
			return err
		}
		if err := within(tx, ch, p); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE credentials SET hash = $1, revision = revision + 1 WHERE principal = $2 AND kind = $3`,
			hash, user, authority.Password)
		if err != nil {
			return err
		}
		if n == 0 {
			err = insertPassword(tx, ch, user, p.Login, hash)
		}
		if err != nil {
			return err
		}
		return s.markPrincipal(tx, ch, user)
	})
}
