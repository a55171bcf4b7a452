package tasks

import (
	"errors"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// lookup reads what a rule refers to, in the rule's transaction.
type lookup struct {
	tx      *store.Tx
	account authority.ID
}

var _ tasks.Lookup = lookup{}

// FirstStage is where tasks begin.
func (l lookup) FirstStage() (tasks.Stage, error) {
	const first = selectStage + `account = $1 ORDER BY position, id LIMIT 1`
	s, err := scanStage(l.tx.QueryRow(first, l.account))
	if !errors.Is(err, store.ErrNoRows) {
		return s, err
	}
	if err := putStages(l.tx, l.account, tasks.DefaultStages()); err != nil {
		return tasks.Stage{}, err
	}
	return scanStage(l.tx.QueryRow(first, l.account))
}

// Stage reads a stage and where it leads.
func (l lookup) Stage(id authority.ID) (tasks.Stage, bool, error) {
	s, err := scanStage(l.tx.QueryRow(selectStage+`id = $1 AND account = $2`, id, l.account))
	if errors.Is(err, store.ErrNoRows) {
		return tasks.Stage{}, false, nil
	}
	if err != nil {
		return tasks.Stage{}, false, err
	}
	next, err := store.Collect(l.tx, store.Column[int64], `SELECT next FROM task_stage_next WHERE account = $1 AND stage = $2`, l.account, id)
	for _, to := range next {
		s.Next = append(s.Next, authority.ID(to))
	}
	return s, err == nil, err
}

// Area reads an area's name.
func (l lookup) Area(id authority.ID) (tasks.Ref, bool, error) {
	return l.named(`SELECT id, name FROM areas WHERE id = $1 AND account = $2`, id)
}

// Employee reads an employee's name.
func (l lookup) Employee(id authority.ID) (tasks.Ref, bool, error) {
	return l.named(`SELECT id, name FROM task_employee WHERE id = $1 AND account = $2`, id)
}

func (l lookup) named(text string, id authority.ID) (tasks.Ref, bool, error) {
	var r tasks.Ref
	err := l.tx.QueryRow(text, id, l.account).Scan(&r.ID, &r.Name)
	if errors.Is(err, store.ErrNoRows) {
		return tasks.Ref{}, false, nil
	}
	return r, err == nil, err
}
