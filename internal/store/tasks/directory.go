package tasks

import (
	"context"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// PutDirectory adds or renames stages and employees.
func (s *Store) PutDirectory(ctx context.Context, account authority.ID, d tasks.Directory, e authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if err := putStages(tx, account, d.Stages); err != nil {
			return err
		}
		if err := checkNext(tx, account, d.Stages); err != nil {
			return err
		}
		for _, employee := range d.Employees {
			if err := putEmployee(tx, account, employee); err != nil {
				return err
			}
		}
		return store.Audit(tx, e)
	})
}

func putStages(tx *store.Tx, account authority.ID, stages []tasks.Stage) error {
	for _, s := range stages {
		if err := putStage(tx, account, s); err != nil {
			return err
		}
	}
	return nil
}

func putStage(tx *store.Tx, account authority.ID, s tasks.Stage) error {
	// A row of another account or another final matches nothing and stays.
	n, err := tx.Exec(`INSERT INTO task_stage (id, account, name, position, final) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position
		WHERE task_stage.account = excluded.account AND task_stage.final = excluded.final`,
		s.ID, account, s.Name, s.Order, s.Final)
	if err != nil {
		return err
	}
	if n == 0 {
		return authority.E(authority.Conflict, "a stage cannot change whether it is final").With("stage", s.Name)
	}
	if _, err := tx.Exec(`DELETE FROM task_stage_next WHERE account = $1 AND stage = $2`, account, s.ID); err != nil {
		return err
	}
	for _, next := range s.Next {
		if _, err := tx.Exec(`INSERT INTO task_stage_next (account, stage, next) VALUES ($1, $2, $3)
			ON CONFLICT (account, stage, next) DO NOTHING`, account, s.ID, next); err != nil {
			return err
		}
	}
	return nil
}

// checkNext refuses stages that lead to a stage the account does not have.
func checkNext(tx *store.Tx, account authority.ID, stages []tasks.Stage) error {
	l := lookup{tx, account}
	for _, s := range stages {
		for _, next := range s.Next {
			_, ok, err := l.Stage(next)
			if err != nil {
				return err
			}
			if !ok {
				return authority.E(authority.Unprocessable, "a stage leads to one that does not exist").With("stage", s.Name)
			}
		}
	}
	return nil
}

func putEmployee(tx *store.Tx, account authority.ID, e tasks.Employee) error {
	n, err := tx.Exec(`INSERT INTO task_employee (id, account, name, principal) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, principal = excluded.principal
		WHERE task_employee.account = excluded.account`, e.ID, account, e.Name, e.Principal)
	if err == nil && n == 0 {
		return authority.E(authority.Conflict, "the id of an employee is taken")
	}
	return err
}
