package admin

import (
	"context"
	"errors"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// Hosts implements admin.Hosts.
func (s *Store) Hosts(ctx context.Context, stand authority.Stand, account authority.ID) ([]string, error) {
	return store.CollectOne(ctx, s.db, store.Column[string], `SELECT host FROM account_hosts WHERE account = $1 AND stand = $2 ORDER BY host`, account, stand)
}

// BindHost implements admin.Hosts.
func (s *Store) BindHost(ctx context.Context, ch admin.Change, host string) error {
	return s.addressing(ctx, ch, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO account_hosts (stand, host, account) VALUES ($1, $2, $3)`, ch.Stand, host, ch.Account)
		return taken(err, "host name")
	})
}

// UnbindHost implements admin.Hosts.
func (s *Store) UnbindHost(ctx context.Context, ch admin.Change, host string) error {
	return s.addressing(ctx, ch, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM account_hosts WHERE stand = $1 AND host = $2 AND account = $3`, ch.Stand, host, ch.Account)
		if err == nil && n == 0 {
			err = notFound("host name")
		}
		return err
	})
}

// DefaultAccount implements admin.Hosts.
func (s *Store) DefaultAccount(ctx context.Context, stand authority.Stand) (id authority.ID, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(`SELECT a.id FROM accounts a JOIN stands s ON s.stand = a.stand WHERE a.stand = $1
			AND (s.default_account = 0 OR a.id = s.default_account) ORDER BY a.created_ms, a.id LIMIT 1`, stand).Scan(&id)
		if errors.Is(err, store.ErrNoRows) {
			return nil
		}
		return err
	})
	return id, err
}

// SetDefaultAccount implements admin.Hosts.
func (s *Store) SetDefaultAccount(ctx context.Context, ch admin.Change) error {
	return s.addressing(ctx, ch, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE stands SET default_account = $1 WHERE stand = $2`, ch.Account, ch.Stand)
		return err
	})
}

// place binds a new account's host names and makes it the default, as asked.
func (s *Store) place(tx *store.Tx, ch admin.Change, n admin.AccountCreation) error {
	if len(n.Hosts) == 0 && !n.Default {
		return nil
	}
	for _, host := range n.Hosts {
		_, err := tx.Exec(`INSERT INTO account_hosts (stand, host, account) VALUES ($1, $2, $3)`, ch.Stand, host, ch.Account)
		if err != nil {
			return taken(err, "host name")
		}
	}
	if n.Default {
		if _, err := tx.Exec(`UPDATE stands SET default_account = $1 WHERE stand = $2`, ch.Account, ch.Stand); err != nil {
			return err
		}
	}
	return s.changed(tx, ch, authority.ScopeStand, 0)
}

// addressing changes which account requests are about. What any node remembers
// of that may be of another account, so all of the stand is dropped.
func (s *Store) addressing(ctx context.Context, ch admin.Change, fn func(tx *store.Tx) error) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		if _, err := scanAccount(tx.QueryRow(selectAccounts+`WHERE id = $1 AND stand = $2`, ch.Account, ch.Stand)); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return s.changed(tx, ch, authority.ScopeStand, 0)
	})
}
