package admin

import (
	"context"
	"encoding/json"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectAccounts = `SELECT id, stand, name, contract, number, disabled, settings, created_ms FROM accounts `

func scanAccount(row store.Scanner) (authority.Account, error) {
	var a authority.Account
	var disabled, created int64
	var settings string
	if err := row.Scan(&a.ID, &a.Stand, &a.Name, &a.Contract, &a.Number, &disabled, &settings, &created); err != nil {
		return a, missing(err, "account")
	}
	a.Disabled, a.Created = disabled != 0, store.FromMillis(created)
	err := json.Unmarshal([]byte(settings), &a.Settings)
	return a, err
}

// CreateAccount implements admin.Accounts.
func (s *Store) CreateAccount(ctx context.Context, ch admin.Change, n admin.AccountCreation) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		a := n.Account
		settings, err := json.Marshal(a.Settings)
		if err != nil {
			return err
		}
		if err := otherCase(tx, a); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
			VALUES ($1, $2, $3, $4, $5, $8, $6, 0, $7)`,
			a.ID, a.Stand, a.Name, a.Contract, a.Number, string(settings), store.Millis(a.Created), a.Disabled)
		if err != nil {
			return taken(err, "contract or number")
		}
		for _, r := range n.Roles {
			r.Account = a.ID
			if err := insertRole(tx, r); err != nil {
				return err
			}
		}
		if n.Administrator != nil {
			if err := insertPrincipal(tx, ch, *n.Administrator); err != nil {
				return err
			}
		}
		return s.place(tx, ch, n)
	})
}

// otherCase refuses a contract that another one differs from in case only: nobody
// would tell their addresses apart. Those that there are go on. A contract is
// ASCII, which both engines fold alike.
func otherCase(tx *store.Tx, a authority.Account) error {
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM accounts WHERE stand = $1 AND lower(contract) = lower($2) AND contract <> $2`, a.Stand, a.Contract).Scan(&n)
	if err == nil && n > 0 {
		err = authority.E(authority.Conflict, "the contract is taken: another one differs in case only").With("field", "contract")
	}
	return err
}

// Account implements admin.Accounts.
func (s *Store) Account(ctx context.Context, stand authority.Stand, id authority.ID) (a authority.Account, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		a, err = scanAccount(tx.QueryRow(selectAccounts+`WHERE id = $1 AND stand = $2`, id, stand))
		return err
	})
	return a, err
}

// AccountByContract implements admin.Accounts.
func (s *Store) AccountByContract(ctx context.Context, stand authority.Stand, contract string) (a authority.Account, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		a, err = scanAccount(tx.QueryRow(selectAccounts+`WHERE stand = $1 AND contract = $2`, stand, contract))
		return err
	})
	return a, err
}

// Accounts implements admin.Accounts.
func (s *Store) Accounts(ctx context.Context, stand authority.Stand, p admin.Page) (list admin.List[authority.Account], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) FROM accounts WHERE stand = $1`, stand).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanAccount, selectAccounts+`WHERE stand = $1 ORDER BY name, id LIMIT $2 OFFSET $3`, stand, p.Size, p.Offset)
		return err
	})
	return list, err
}

// ChangeAccount implements admin.Accounts.
func (s *Store) ChangeAccount(ctx context.Context, ch admin.Change, edit admin.AccountEdit) (after authority.Account, err error) {
	err = s.change(ctx, ch, func(tx *store.Tx) error {
		before, err := scanAccount(tx.QueryRow(selectAccounts+`WHERE id = $1 AND stand = $2`, ch.Account, ch.Stand))
		if err != nil {
			return err
		}
		if before.Settings.Deleting {
			return errDeleting()
		}
		after = edit.Apply(before)
		settings, err := json.Marshal(after.Settings)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE accounts SET name = $1, disabled = $2, settings = $3 WHERE id = $4`,
			after.Name, after.Disabled, string(settings), after.ID)
		if err != nil {
			return err
		}
		if after.Disabled && !before.Disabled {
			return s.markAccount(tx, ch)
		}
		return s.changed(tx, ch, authority.ScopeAccount, after.ID)
	})
	return after, err
}

// markAccount refuses what was issued in the account; the row keeps the mark
// when the entry has left the feed.
func (s *Store) markAccount(tx *store.Tx, ch admin.Change) error {
	position, err := s.revoke(tx, ch, authority.ScopeAccount, ch.Account)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE accounts SET mark = $1 WHERE id = $2`, position, ch.Account)
	return err
}

// DeleteAccount implements admin.Accounts. The work of the account goes in
// small steps first: a disabled account, which stays so from the first of them
// on, lets nobody see how far they are. What was interrupted goes on where it
// stopped, when it is asked again or by FinishDeletions.
func (s *Store) DeleteAccount(ctx context.Context, ch admin.Change) error {
	a, err := s.Account(ctx, ch.Stand, ch.Account)
	if err != nil {
		return err
	}
	if !a.Disabled {
		return errNotDisabled()
	}
	if err := s.beginDeletion(ctx, a); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // who asked may go; the deletion goes on
	if err := s.eraseWork(ctx, ch); err != nil {
		return err
	}
	if err := s.change(ctx, ch, func(tx *store.Tx) error { return s.eraseAccount(tx, ch) }); err != nil {
		return err
	}
	_ = s.db.Scour(ctx) // the account is gone; the files are scoured again and again
	return nil
}

// beginDeletion notes that there is no way back.
func (s *Store) beginDeletion(ctx context.Context, a authority.Account) error {
	if a.Settings.Deleting {
		return nil
	}
	a.Settings.Deleting = true
	settings, err := json.Marshal(a.Settings)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE accounts SET settings = $1 WHERE id = $2 AND disabled = 1`, string(settings), a.ID)
		if err == nil && n == 0 {
			err = errNotDisabled()
		}
		return err
	})
}

// FinishDeletions deletes the accounts whose deletion was interrupted, and says
// how many they were.
func (s *Store) FinishDeletions(ctx context.Context) (int, error) {
	begun, err := store.CollectOne(ctx, s.db, scanAccount, selectAccounts+`WHERE settings LIKE '%"deleting":true%' ORDER BY id`)
	if err != nil {
		return 0, err
	}
	for i, a := range begun {
		entry := authority.System(a.Stand, a, "account.delete", "interrupted").Entry(admin.AccountObject(a.ID))
		now := s.db.Now()
		ch := admin.Change{Stand: a.Stand, Account: a.ID, Now: now, Until: authority.NothingAlive(now), Entry: entry}
		if err := s.DeleteAccount(ctx, ch); err != nil {
			return i, err
		}
	}
	return len(begun), nil
}

func errDeleting() error {
	return authority.E(authority.Conflict, "the account is being deleted")
}

func errNotDisabled() error {
	return authority.E(authority.Conflict, "disable the account first: deleting it cannot be undone")
}

// eraseAccount takes the rows of the core away.
func (s *Store) eraseAccount(tx *store.Tx, ch admin.Change) error {
	a, err := scanAccount(tx.QueryRow(selectAccounts+`WHERE id = $1 AND stand = $2`, ch.Account, ch.Stand))
	if err != nil {
		return err
	}
	if !a.Disabled {
		return errNotDisabled()
	}
	if err := s.markAccount(tx, ch); err != nil {
		return err
	}
	return all(tx, ch.Account,
		`DELETE FROM grants WHERE account = $1`,
		`DELETE FROM door_uses WHERE account = $1`,
		`DELETE FROM account_hosts WHERE account = $1`,
		`UPDATE stands SET default_account = 0 WHERE default_account = $1`,
		`DELETE FROM credentials WHERE account = $1`,
		`DELETE FROM principal_roles WHERE principal IN (SELECT id FROM principals WHERE account = $1)`,
		`DELETE FROM principal_areas WHERE principal IN (SELECT id FROM principals WHERE account = $1)`,
		`DELETE FROM principals WHERE account = $1`,
		`DELETE FROM roles WHERE account = $1`,
		`DELETE FROM areas WHERE account = $1`,
		`DELETE FROM audit WHERE account = $1`, // what was written since the steps
		`DELETE FROM accounts WHERE id = $1`)
}
