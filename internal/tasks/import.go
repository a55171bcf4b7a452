package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Import is a work order of another system. Names stand for what the account
// has; the draft's Assignee is not looked at.
type Import struct {
	Draft

	Key      string    // its id there, unique in the account
	Stage    string    // name; "" = where tasks begin
	Employee string    // name; "" = nobody
	Created  time.Time // zero = now
	Modified time.Time // zero = Created
}

// Imported is what became of an Import: written now, there already, or why it
// cannot be.
type Imported struct {
	Added bool
	Err   error
}

// ImportStore is what an Importer needs of storage.
type ImportStore interface {
	Stages(ctx context.Context, account authority.ID) ([]Stage, error)
	Employees(ctx context.Context, account authority.ID) ([]Employee, error)
	PutDirectory(ctx context.Context, account authority.ID, d Directory, e authority.Entry) error
	Task(ctx context.Context, r Reach, id authority.ID, deleted bool) (Task, error)
	// Load writes many tasks; ErrIDTaken when one is there.
	Load(ctx context.Context, account authority.ID, e authority.Entry, all iter.Seq[Task]) (int, error)
}

// Importer brings in work orders. Safe for concurrent use.
type Importer struct {
	store ImportStore
	now   func() time.Time
}

// NewImporter makes an Importer over store. now is the clock.
func NewImporter(store ImportStore, now func() time.Time) *Importer { return &Importer{store, now} }

// Import writes those of rows that the account does not have, or with try says
// which it would. A row that is there stays as it is: work has gone on since.
func (i *Importer) Import(ctx context.Context, c authority.Caller, rows []Import, try bool) ([]Imported, error) {
	r, err := reach(c, TaskAdd)
	if err != nil {
		return nil, err
	}
	desk, err := i.desk(ctx, c, r, try)
	if err != nil {
		return nil, err
	}
	out := make([]Imported, len(rows))
	var fresh []Task
	for k, row := range rows {
		t, err := desk.task(row)
		if err != nil {
			out[k].Err = err
			continue
		}
		again := slices.ContainsFunc(fresh, func(other Task) bool { return other.ID == t.ID })
		if _, err = i.store.Task(ctx, r, t.ID, true); authority.CodeOf(err) != authority.NotFound {
			if err != nil {
				return nil, err
			}
			again = true
		}
		if !again {
			fresh = append(fresh, t)
			out[k].Added = true
		}
	}
	if try || len(fresh) == 0 {
		return out, nil
	}
	e := c.Entry("tasks")
	e.Verb, e.Time = "task.import", desk.at
	_, err = i.store.Load(ctx, r.Account, e, slices.Values(fresh))
	if errors.Is(err, ErrIDTaken) {
		err = authority.E(authority.Unavailable, "the same tasks are being imported elsewhere; try again")
	}
	return out, err
}

// desk is what imported tasks refer to.
type desk struct {
	reach     Reach
	stages    []Stage
	employees []Employee
	at        time.Time
}

func (i *Importer) desk(ctx context.Context, c authority.Caller, r Reach, try bool) (d desk, err error) {
	d = desk{reach: r, at: authority.Moment(i.now())}
	if d.stages, err = i.store.Stages(ctx, r.Account); err != nil {
		return d, err
	}
	if len(d.stages) == 0 {
		d.stages = DefaultStages()
		e := c.Entry("tasks/directory")
		e.Verb, e.Time = "task.import", d.at
		if !try {
			if err := i.store.PutDirectory(ctx, r.Account, Directory{Stages: d.stages}, e); err != nil {
				return d, err
			}
		}
	}
	d.employees, err = i.store.Employees(ctx, r.Account)
	return d, err
}

// task makes the task of a row.
func (d desk) task(row Import) (Task, error) {
	key, err := cleanLine("id", row.Key, maxTitle)
	if err != nil || key == "" {
		return Task{}, unprocessable("id", "id is needed: by it a task is known when the file comes again")
	}
	draft, err := row.checked()
	if err != nil {
		return Task{}, err
	}
	t := Task{
		ID: importedID(d.reach.Account, key), Title: draft.Title, Description: draft.Description, Company: draft.Company,
		Area: Ref{ID: draft.Area}, Deadline: draft.Deadline, Created: d.at, Stamp: NewStamp(), Stage: d.stages[0],
	}
	if t.Area.ID == 0 && !d.reach.Areas.All || t.Area.ID != 0 && !d.reach.Areas.Allow(t.Area.ID) {
		return Task{}, unprocessable("area", "there is no such area")
	}
	if row.Stage != "" {
		k := slices.IndexFunc(d.stages, func(s Stage) bool { return spelling.Fold(s.Name) == spelling.Fold(row.Stage) })
		if k < 0 {
			return Task{}, unprocessable("stage", "stage is none of the account's")
		}
		t.Stage = d.stages[k]
	}
	if row.Employee != "" {
		k := slices.IndexFunc(d.employees, func(e Employee) bool { return spelling.Fold(e.Name) == spelling.Fold(row.Employee) })
		if k < 0 {
			return Task{}, unprocessable("assignee", "assignee is no employee of the account")
		}
		t.Assignee = Ref{ID: d.employees[k].ID, Name: d.employees[k].Name}
	}
	return d.dated(t, row)
}

// dated fills in when the task was made and changed.
func (d desk) dated(t Task, row Import) (Task, error) {
	for _, at := range []time.Time{row.Created, row.Modified} {
		if y := at.Year(); !at.IsZero() && (y < 1970 || at.After(d.at.Add(24*time.Hour))) {
			return t, unprocessable("created", "created and modified must lie between 1970 and now")
		}
	}
	if !row.Created.IsZero() {
		t.Created = authority.Moment(row.Created)
	}
	t.Modified = t.Created
	if row.Modified.After(t.Created) {
		t.Modified = authority.Moment(row.Modified)
	}
	return t, nil
}

// importedID is the same each time that the row comes, and an id like any other
// to whoever does not have the file.
func importedID(account authority.ID, key string) authority.ID {
	sum := sha256.Sum256([]byte("task/" + strconv.FormatInt(int64(account), 10) + "/" + key))
	const mask = 1<<53 - 1
	id := binary.BigEndian.Uint64(sum[:]) & mask
	return authority.ID(max(id, 1)) // #nosec G115 -- 53 bits
}
