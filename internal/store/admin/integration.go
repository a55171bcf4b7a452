package admin

import (
	"context"
	"strconv"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// Integration implements admin.Integrations.
func (s *Store) Integration(ctx context.Context, ch admin.Change, n admin.IntegrationCreation) (p authority.Principal, err error) {
	err = s.alone(ctx, func(tx *store.Tx) error {
		p, err = findIntegration(tx, ch.Account)
		if authority.CodeOf(err) != authority.NotFound {
			return err
		}
		if err := insertIntegration(tx, ch, n); err != nil {
			return err
		}
		p = n.Principal
		return store.Audit(tx, ch.Entry)
	})
	return p, err
}

func insertIntegration(tx *store.Tx, ch admin.Change, n admin.IntegrationCreation) error {
	var taken int
	err := tx.QueryRow(`SELECT COUNT(*) FROM roles WHERE account = $1 AND name = $2`, ch.Account, n.Role.Name).Scan(&taken)
	if err != nil {
		return err
	}
	if taken > 0 {
		n.Role.Name += " " + strconv.FormatInt(int64(n.Role.ID), 10)
	}
	if err := insertRole(tx, n.Role); err != nil {
		return err
	}
	return insertPrincipal(tx, ch, admin.PrincipalCreation{Principal: n.Principal})
}

// FindIntegration implements admin.Integrations.
func (s *Store) FindIntegration(ctx context.Context, account authority.ID) (p authority.Principal, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		p, err = findIntegration(tx, account)
		return err
	})
	return p, err
}

func findIntegration(tx *store.Tx, account authority.ID) (authority.Principal, error) {
	var id authority.ID
	err := tx.QueryRow(`SELECT id FROM principals WHERE account = $1 AND kind = $2`, account, authority.Integration).Scan(&id)
	if err != nil {
		return authority.Principal{}, missing(err, "principal")
	}
	return load(tx, account, id, authority.Integration)
}
