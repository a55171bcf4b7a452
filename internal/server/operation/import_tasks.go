package operation

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

// taskRow is a work order of another system. docs/guide.md
type taskRow struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Stage       string `json:"stage"`
	Area        string `json:"area"`
	Assignee    string `json:"assignee"`
	Company     string `json:"company"`
	Deadline    Moment `json:"deadline"`
	Created     Past   `json:"created"`
	Modified    Past   `json:"modified"`
}

// importTasks adds those that are not there.
func importTasks(ctx context.Context, t *Table, b batch[taskRow]) ([]loaded, error) {
	c, err := t.within(ctx, b.caller)
	if err != nil {
		return nil, err
	}
	areas, err := areaNames(ctx, t, c)
	if err != nil {
		return nil, err
	}
	out := make([]loaded, len(b.rows))
	var drafts []tasks.Import
	var at []int
	now := time.Now()
	for i, row := range b.rows {
		draft := tasks.Import{
			Key: row.ID, Stage: row.Stage, Employee: row.Assignee, Created: row.Created.at(now), Modified: row.Modified.at(now),
			Draft: tasks.Draft{Title: row.Title, Description: row.Description, Company: row.Company, Deadline: row.Deadline.at(now)},
		}
		if row.Area != "" {
			ids, err := find(areas, []string{row.Area}, "area")
			if err != nil {
				out[i].err = authority.E(authority.InvalidValue, "area is none of the account's: create it first")
				continue
			}
			draft.Area = ids[0]
		}
		drafts, at = append(drafts, draft), append(at, i)
	}
	results, err := t.Tasks.Import(ctx, c, drafts, b.try)
	if err != nil {
		return nil, err
	}
	for k, r := range results {
		out[at[k]] = loaded{added: r.Added, err: r.Err}
	}
	return out, nil
}

// within gives the caller in the account that the rows are for.
func (t *Table) within(ctx context.Context, c authority.Caller) (authority.Caller, error) {
	if c.Account().ID != 0 {
		return c, nil
	}
	account, err := t.account(ctx, c, "")
	if err != nil {
		return c, err
	}
	return authority.System(c.Stand(), account, "", reason), nil
}
