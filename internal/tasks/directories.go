package tasks

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Directories sets up what an account's tasks refer to. Safe for concurrent
// use.
type Directories struct {
	store DirectoryStore
	now   func() time.Time
}

// NewDirectories makes Directories over store. now is the clock.
func NewDirectories(store DirectoryStore, now func() time.Time) *Directories {
	return &Directories{store: store, now: now}
}

// Moves reads a task's stage history, oldest first.
func (d *Directories) Moves(ctx context.Context, c authority.Caller, task authority.ID) ([]Move, error) {
	r, err := reach(c, TasksList)
	if err != nil {
		return nil, err
	}
	return d.store.Moves(ctx, r, task)
}

// Put adds or renames stages and employees, and sets where each stage leads.
// What dir does not name stays.
func (d *Directories) Put(ctx context.Context, c authority.Caller, dir Directory) error {
	r, err := reach(c, TaskDirectory)
	if err != nil {
		return err
	}
	if dir, err = dir.checked(); err != nil {
		return err
	}
	e := c.Entry("tasks/directory")
	if e.Verb == "" {
		e.Verb = "directory.load" // where no route names it
	}
	e.Time = authority.Moment(d.now())
	return d.store.PutDirectory(ctx, r.Account, dir, e)
}

func (d Directory) checked() (Directory, error) {
	out := Directory{Stages: make([]Stage, len(d.Stages)), Employees: make([]Employee, len(d.Employees))}
	var err error
	for i, s := range d.Stages {
		if s.Name, err = checkName(s.ID, s.Name); err != nil {
			return d, err
		}
		out.Stages[i] = s
	}
	for i, e := range d.Employees {
		if e.Name, err = checkName(e.ID, e.Name); err != nil {
			return d, err
		}
		out.Employees[i] = e
	}
	return out, nil
}

func checkName(id authority.ID, name string) (string, error) {
	name, err := cleanLine("name", name, maxName)
	if err != nil {
		return "", err
	}
	if id <= 0 || name == "" {
		return "", authority.E(authority.InvalidRequest, "an id and a name are needed").With("field", "name")
	}
	return name, nil
}
