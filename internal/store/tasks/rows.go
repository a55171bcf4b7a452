package tasks

import (
	"database/sql"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// selectTask reads whole tasks with the names of what they refer to.
const selectTask = `SELECT t.id, t.number, t.title, t.description, t.company, t.stamp,
	t.created_ms, t.modified_ms, t.deadline_ms, t.deleted,
	t.stage, COALESCE(s.name, ''), t.closed, t.area, COALESCE(a.name, ''), t.assignee, COALESCE(e.name, '')
	FROM task t
	LEFT JOIN task_stage s ON s.id = t.stage
	LEFT JOIN areas a ON a.id = t.area
	LEFT JOIN task_employee e ON e.id = t.assignee
	WHERE `

func scanTask(row store.Scanner) (tasks.Task, error) {
	var t tasks.Task
	var created, modified, deleted, closed int64
	var deadline sql.NullInt64
	err := row.Scan(&t.ID, &t.Number, &t.Title, &t.Description, &t.Company, &t.Stamp,
		&created, &modified, &deadline, &deleted,
		&t.Stage.ID, &t.Stage.Name, &closed, &t.Area.ID, &t.Area.Name, &t.Assignee.ID, &t.Assignee.Name)
	t.Created, t.Modified = time.UnixMilli(created).UTC(), time.UnixMilli(modified).UTC()
	if deadline.Valid {
		t.Deadline = time.UnixMilli(deadline.Int64).UTC()
	}
	t.Deleted, t.Stage.Final = deleted == 1, closed == 1
	return t, err
}

// visible reads a task that lies inside r.
func visible(tx *store.Tx, r tasks.Reach, id authority.ID, deleted bool) (tasks.Task, error) {
	t, err := scanTask(tx.QueryRow(selectTask+`t.id = $1 AND t.account = $2`, id, r.Account))
	switch {
	case errors.Is(err, store.ErrNoRows):
		return tasks.Task{}, missing()
	case err != nil:
		return tasks.Task{}, err
	case t.Deleted && !deleted, !r.Areas.All && !r.Areas.Allow(t.Area.ID):
		return tasks.Task{}, missing()
	}
	return t, nil
}

func missing() error { return authority.E(authority.NotFound, "there is no such task") }

// deadlineOf gives a deadline as its column keeps it: NULL for none.
func deadlineOf(t tasks.Task) any {
	if t.Deadline.IsZero() {
		return nil
	}
	return t.Deadline.UnixMilli()
}
