package authority

import (
	"context"
	"encoding/json"
	"errors"

	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectAccount = `SELECT a.id, a.stand, a.name, a.contract, a.number, a.disabled, a.settings, a.created_ms FROM accounts a `

// Account implements authority.Accounts.
func (s *Store) Account(ctx context.Context, stand authority.Stand, id authority.ID) (authority.Account, error) {
	return s.account(ctx, `WHERE a.id = $1 AND a.stand = $2`, id, stand)
}

// AccountByContract implements authority.Accounts.
func (s *Store) AccountByContract(ctx context.Context, stand authority.Stand, contract string) (authority.Account, error) {
	return s.account(ctx, `WHERE a.contract = $1 AND a.stand = $2`, contract, stand)
}

// AccountByHost implements authority.Accounts.
func (s *Store) AccountByHost(ctx context.Context, stand authority.Stand, host string) (authority.Account, error) {
	return s.account(ctx, `JOIN account_hosts h ON h.account = a.id WHERE h.host = $1 AND h.stand = $2`, host, stand)
}

// DefaultAccount implements authority.Accounts.
func (s *Store) DefaultAccount(ctx context.Context, stand authority.Stand) (authority.Account, error) {
	return s.account(ctx, `JOIN stands s ON s.stand = a.stand WHERE a.stand = $1 AND (s.default_account = 0 OR a.id = s.default_account)
		ORDER BY a.created_ms, a.id LIMIT 1`, stand)
}

func (s *Store) account(ctx context.Context, where string, args ...any) (authority.Account, error) {
	var a authority.Account
	var disabled, created int64
	var settings string
	err := s.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(selectAccount+where, args...).
			Scan(&a.ID, &a.Stand, &a.Name, &a.Contract, &a.Number, &disabled, &settings, &created)
	})
	if errors.Is(err, store.ErrNoRows) {
		return a, notFound()
	}
	if err != nil {
		return a, err
	}
	a.Disabled, a.Created = disabled != 0, store.FromMillis(created)
	err = json.Unmarshal([]byte(settings), &a.Settings)
	return a, err
}
