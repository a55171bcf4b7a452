package work

import (
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/tasks"
)

// orders is what the list of work orders shows.
type orders struct {
	Items    []tasks.Task
	Pager    page.Pager
	Filtered bool
	Stages   []page.Option
	Areas    []page.Option
	States   []page.Option
}

func (a Area) tasks(v *page.View) error {
	f, err := filter(v)
	if err != nil {
		return err
	}
	list, err := a.Tasks.Tasks(v.Context(), v.Caller, f)
	if err != nil {
		return err
	}
	out := orders{Items: list.Items, Pager: v.Numbered(len(list.Items), int(list.Total))}
	for _, name := range []string{"text", "stage", "area", "state", "since", "till"} {
		out.Filtered = out.Filtered || v.Query(name) != ""
	}
	if err := a.choices(v, &out); err != nil {
		return err
	}
	v.Form = page.Form{Values: v.Request().URL.Query()}
	return v.Render("tasks.html", out)
}

// states are the choices of the filter by state.
func states() []string { return []string{"open", "closed", "deleted"} }

// filter reads which work orders the address asks for.
func filter(v *page.View) (f tasks.Filter, err error) {
	f = tasks.Filter{Fetch: page.Rows, Offset: v.Offset(), Search: strings.TrimSpace(v.Query("text")), OrderBy: tasks.ByCreated}
	if f.Stage, err = v.QueryID("stage"); err != nil {
		return f, err
	}
	if f.Area, err = v.QueryID("area"); err != nil {
		return f, err
	}
	state, err := v.Chosen("state", states()...)
	if err != nil {
		return f, err
	}
	switch state {
	case "open", "closed":
		closed := state == "closed"
		f.Closed = &closed
	case "deleted":
		f.Deleted = true
	}
	f.Created.From, f.Created.Till, err = period(v)
	if !f.Created.Till.IsZero() {
		f.Created.Till = f.Created.Till.Add(-time.Millisecond)
	}
	return f, err
}

// choices fills the lists of the filter. Who may not see the areas is offered
// none.
func (a Area) choices(v *page.View, out *orders) error {
	every, err := v.T("tasks.every")
	if err != nil {
		return err
	}
	all := page.Option{Value: "", Label: every}
	stages, err := a.Tasks.Stages(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	out.Stages, out.Areas, out.States = []page.Option{all}, []page.Option{all}, []page.Option{all}
	for _, s := range stages {
		out.Stages = append(out.Stages, page.Option{Value: s.ID, Label: s.Name})
	}
	areas, err := a.Areas.Areas(v.Context(), v.Caller, admin.Page{Size: 1000})
	if err != nil && authority.CodeOf(err) != authority.Forbidden {
		return err
	}
	for _, area := range areas.Items {
		if v.Caller.Areas().Allow(area.ID) {
			out.Areas = append(out.Areas, page.Option{Value: area.ID, Label: area.Name})
		}
	}
	for _, s := range states() {
		out.States = append(out.States, page.Option{Value: s, Label: v.Name("taskstate", s)})
	}
	return nil
}

// order is a work order with its conversation.
type order struct {
	Task     tasks.Task
	Comments []tasks.Comment
	Pager    page.Pager
}

func (a Area) task(v *page.View) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	t, err := a.Tasks.Task(v.Context(), v.Caller, id, false)
	if authority.CodeOf(err) == authority.NotFound {
		t, err = a.Tasks.Task(v.Context(), v.Caller, id, true)
	}
	if err != nil {
		return err
	}
	talk, err := a.Tasks.Conversation(v.Context(), v.Caller, tasks.CommentQuery{Task: id, Fetch: page.Rows, Offset: v.Offset()})
	if err != nil && (!t.Deleted || authority.CodeOf(err) != authority.NotFound) {
		return err
	}
	return v.Render("task.html", order{t, talk.Items, v.Numbered(len(talk.Items), int(talk.Total))})
}
