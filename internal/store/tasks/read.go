package tasks

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// Task reads one task.
func (s *Store) Task(ctx context.Context, r tasks.Reach, id authority.ID, deleted bool) (t tasks.Task, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		t, err = visible(tx, r, id, deleted)
		return err
	})
	return t, err
}

// Conversation reads a page of a task's comments, oldest first.
func (s *Store) Conversation(ctx context.Context, r tasks.Reach, q tasks.CommentQuery) (tasks.Conversation, error) {
	var page tasks.Conversation
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := visible(tx, r, q.Task, false); err != nil {
			return err
		}
		err := tx.QueryRow(`SELECT COUNT(*) FROM task_comment WHERE task = $1`, q.Task).Scan(&page.Total)
		if err != nil {
			return err
		}
		page.Items, err = store.Collect(tx, scanComment, `SELECT id, author, author_name, text, created_ms
			FROM task_comment WHERE task = $1 ORDER BY created_ms, id LIMIT $2 OFFSET $3`, q.Task, q.Fetch, q.Offset)
		return err
	})
	return page, err
}

func scanComment(row store.Scanner) (tasks.Comment, error) {
	var c tasks.Comment
	var created int64
	err := row.Scan(&c.ID, &c.Author.ID, &c.Author.Name, &c.Text, &created)
	c.Created = time.UnixMilli(created).UTC()
	return c, err
}

// Moves reads a task's stage history, oldest first.
func (s *Store) Moves(ctx context.Context, r tasks.Reach, task authority.ID) (moves []tasks.Move, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := visible(tx, r, task, false); err != nil {
			return err
		}
		moves, err = store.Collect(tx, scanMove, `SELECT from_stage, to_stage, actor, at_ms
			FROM task_move WHERE task = $1 ORDER BY step`, task)
		return err
	})
	return moves, err
}

func scanMove(row store.Scanner) (tasks.Move, error) {
	var m tasks.Move
	var at int64
	err := row.Scan(&m.From, &m.To, &m.Actor, &at)
	m.At = time.UnixMilli(at).UTC()
	return m, err
}

// Stages reads the account's stages in their order.
func (s *Store) Stages(ctx context.Context, account authority.ID) (stages []tasks.Stage, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		stages, err = readStages(tx, account)
		return err
	})
	return stages, err
}

func readStages(tx *store.Tx, account authority.ID) ([]tasks.Stage, error) {
	stages, err := store.Collect(tx, scanStage, selectStage+`account = $1 ORDER BY position, id`, account)
	if err != nil {
		return nil, err
	}
	at := make(map[authority.ID]int, len(stages))
	for i, s := range stages {
		at[s.ID] = i
	}
	// Where a stage leads, in the order of the stages.
	steps, err := store.Collect(tx, store.Pair[authority.ID], `SELECT n.stage, n.next FROM task_stage_next n
		JOIN task_stage s ON s.id = n.next WHERE n.account = $1 ORDER BY s.position, s.id`, account)
	for _, step := range steps {
		if i, ok := at[step[0]]; ok {
			stages[i].Next = append(stages[i].Next, step[1])
		}
	}
	return stages, err
}

const selectStage = `SELECT id, name, position, final FROM task_stage WHERE `

func scanStage(row store.Scanner) (tasks.Stage, error) {
	var s tasks.Stage
	var final int64
	err := row.Scan(&s.ID, &s.Name, &s.Order, &final)
	s.Final = final == 1
	return s, err
}

// Employees reads who tasks can be assigned to, by name.
func (s *Store) Employees(ctx context.Context, account authority.ID) ([]tasks.Employee, error) {
	return store.CollectOne(ctx, s.db, scanEmployee, `SELECT id, name, principal FROM task_employee WHERE account = $1 ORDER BY name, id`, account)
}

func scanEmployee(row store.Scanner) (e tasks.Employee, err error) {
	err = row.Scan(&e.ID, &e.Name, &e.Principal)
	return e, err
}
