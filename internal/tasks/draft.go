package tasks

import (
	"slices"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// Draft is what a caller says about a new task. Title may be missing when there
// is a Description.
type Draft struct {
	Title       string
	Description string
	Area        authority.ID
	Assignee    authority.ID
	Company     string
	Deadline    time.Time // zero = none
}

// Patch is what a caller says about an existing task; nil = leave it. Area and
// Assignee 0 and a zero Deadline clear the field. A Stamp that is not the
// task's own is a Conflict; "" asks for no check.
type Patch struct {
	Title       *string
	Description *string
	Area        *authority.ID
	Assignee    *authority.ID
	Company     *string
	Deadline    *time.Time
	Stamp       string
}

func (d Draft) checked() (Draft, error) {
	var err error
	if d.Title, err = cleanLine("title", d.Title, maxTitle); err != nil {
		return d, err
	}
	if d.Description, err = cleanText("description", d.Description, maxDescription); err != nil {
		return d, err
	}
	if d.Company, err = cleanLine("company", d.Company, maxCompany); err != nil {
		return d, err
	}
	if d.Deadline, err = checkDeadline(d.Deadline); err != nil {
		return d, err
	}
	if d.Title == "" {
		d.Title = titleOf(d.Description)
	}
	if d.Title == "" {
		return d, authority.E(authority.InvalidRequest, "a task needs a title or a description").With("field", "title")
	}
	return d, nil
}

func (p Patch) checked() (Patch, error) {
	var err error
	if p.Title, err = cleanPointer("title", p.Title, cleanLine, maxTitle); err != nil {
		return p, err
	}
	if p.Title != nil && *p.Title == "" {
		return p, unprocessable("title", "title must not be empty")
	}
	if p.Description, err = cleanPointer("description", p.Description, cleanText, maxDescription); err != nil {
		return p, err
	}
	if p.Company, err = cleanPointer("company", p.Company, cleanLine, maxCompany); err != nil {
		return p, err
	}
	if p.Deadline != nil {
		at, err := checkDeadline(*p.Deadline)
		if err != nil {
			return p, err
		}
		p.Deadline = &at
	}
	if p.Stamp == "" {
		return p, nil
	}
	p.Stamp, err = ParseStamp(p.Stamp)
	return p, err
}

type cleaner func(field, s string, most int) (string, error)

func cleanPointer(field string, s *string, clean cleaner, most int) (*string, error) {
	if s == nil {
		return nil, nil
	}
	text, err := clean(field, *s, most)
	return &text, err
}

// checkDeadline bounds a deadline to years that RFC 3339 can write.
func checkDeadline(at time.Time) (time.Time, error) {
	if at.IsZero() {
		return time.Time{}, nil
	}
	if y := at.UTC().Year(); y < 1970 || y > 9999 {
		return at, unprocessable("deadline", "deadline must lie between 1970 and 9999")
	}
	return authority.Moment(at), nil
}

// build makes the task of d in the transaction that l reads. id and at are the
// service's.
func (d Draft) build(l Lookup, areas authority.Areas, id authority.ID, at time.Time) (Task, error) {
	stage, err := l.FirstStage()
	if err != nil {
		return Task{}, err
	}
	t := Task{
		ID: id, Title: d.Title, Description: d.Description, Company: d.Company, Stage: stage,
		Deadline: d.Deadline, Created: at, Modified: at, Stamp: NewStamp(),
	}
	// Whoever sees one area alone means that one.
	if d.Area == 0 && !areas.All && len(areas.IDs) == 1 {
		d.Area = areas.IDs[0]
	}
	if t.Area, err = findArea(l, areas, d.Area); err != nil {
		return Task{}, err
	}
	t.Assignee, err = findEmployee(l, d.Assignee)
	return t, err
}

// apply gives t as p wants it.
func (p Patch) apply(l Lookup, areas authority.Areas, t Task) (Task, error) {
	if p.Stamp != "" && p.Stamp != t.Stamp {
		return t, authority.E(authority.Conflict, "the task has changed since it was read").
			With("concurrencyStamp", t.Stamp)
	}
	for _, f := range []struct{ to, from *string }{
		{&t.Title, p.Title}, {&t.Description, p.Description}, {&t.Company, p.Company},
	} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if p.Deadline != nil {
		t.Deadline = *p.Deadline
	}
	return p.applyRefs(l, areas, t)
}

func (p Patch) applyRefs(l Lookup, areas authority.Areas, t Task) (Task, error) {
	var err error
	if p.Area != nil && *p.Area != t.Area.ID {
		if t.Area, err = findArea(l, areas, *p.Area); err != nil {
			return t, err
		}
	}
	if p.Assignee != nil && *p.Assignee != t.Assignee.ID {
		t.Assignee, err = findEmployee(l, *p.Assignee)
	}
	return t, err
}

// findArea refuses an area that is missing, of another account or outside
// areas, all alike.
func findArea(l Lookup, areas authority.Areas, id authority.ID) (Ref, error) {
	if id == 0 && areas.All {
		return Ref{}, nil
	}
	if id == 0 {
		return Ref{}, unprocessable("areaID", "areaID is needed: this caller works in certain areas only")
	}
	missing := unprocessable("areaID", "there is no such area")
	if !areas.Allow(id) {
		return Ref{}, missing
	}
	r, ok, err := l.Area(id)
	if err != nil {
		return Ref{}, err
	}
	if !ok {
		return Ref{}, missing
	}
	return r, nil
}

func findEmployee(l Lookup, id authority.ID) (Ref, error) {
	if id == 0 {
		return Ref{}, nil
	}
	r, ok, err := l.Employee(id)
	if err != nil {
		return Ref{}, err
	}
	if !ok {
		return Ref{}, unprocessable("assignedTo", "there is no such employee")
	}
	return r, nil
}

// advance gives t in another stage.
func advance(l Lookup, t Task, to authority.ID) (Task, error) {
	from, _, err := l.Stage(t.Stage.ID)
	if err != nil {
		return t, err
	}
	stage, ok, err := l.Stage(to)
	if err != nil {
		return t, err
	}
	if !ok {
		return t, unprocessable("taskStageID", "there is no such stage")
	}
	if !slices.Contains(from.Next, to) {
		return t, authority.E(authority.Conflict, "the task may not go to this stage from where it is").
			With("taskStageID", strconv.FormatInt(int64(to), 10))
	}
	t.Stage = stage
	return t, nil
}
