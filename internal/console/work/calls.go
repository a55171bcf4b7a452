package work

import (
	"fmt"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/console/page"
	"propusk/internal/web"
)

// history is what the list of calls shows.
type history struct {
	Items      []calls.Call
	Pager      page.Pager
	Filtered   bool
	Directions []page.Option
	Recorded   []page.Option
}

func (a Area) calls(v *page.View) error {
	q, err := query(v)
	if err != nil {
		return err
	}
	list, err := a.Calls.Calls(v.Context(), v.Caller, q)
	if err != nil {
		return err
	}
	next := ""
	if list.More {
		m := list.Next()
		next = fmt.Sprintf("%d-%d", m.Begun.UnixMilli(), m.ID)
	}
	every, err := v.T("tasks.every")
	if err != nil {
		return err
	}
	all := []page.Option{{Value: "", Label: every}}
	out := history{Items: list.Items, Pager: v.Marked(next), Directions: all, Recorded: all}
	for _, d := range calls.Directions() {
		out.Directions = append(out.Directions, page.Option{Value: d, Label: v.Name("direction", d)})
	}
	for _, r := range []string{"yes", "no"} {
		out.Recorded = append(out.Recorded, page.Option{Value: r, Label: v.Name("recorded", r)})
	}
	for _, name := range []string{"number", "direction", "recorded", "since", "till"} {
		out.Filtered = out.Filtered || v.Query(name) != ""
	}
	v.Form = page.Form{Values: v.Request().URL.Query()}
	return v.Render("calls.html", out)
}

// query reads which calls the address asks for.
func query(v *page.View) (q calls.Query, err error) {
	q.Limit = page.Rows
	if n := strings.TrimSpace(v.Query("number")); n != "" {
		q.Numbers = []string{n}
	}
	for _, d := range calls.Directions() {
		if d.String() == v.Query("direction") {
			q.Directions = []calls.Direction{d}
		}
	}
	if r := v.Query("recorded"); r != "" {
		with := r == "yes"
		q.Recorded = &with
	}
	if q.Period.From, q.Period.Till, err = period(v); err != nil {
		return q, err
	}
	if text := v.Query("after"); text != "" {
		var ms int64
		if n, err := fmt.Sscanf(text, "%d-%d", &ms, &q.After.ID); n != 2 || err != nil {
			return q, authority.E(authority.InvalidValue, "the address names no place of this list")
		}
		q.After.Begun = time.UnixMilli(ms).UTC()
	}
	return q, nil
}

func (a Area) call(v *page.View) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	one, err := a.Calls.Call(v.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	return v.Render("call.html", one)
}

// recording serves the bytes of a recording, whole or in ranges: as an
// attachment without rights, whatever is in it (rule 17).
func (a Area) recording(v *page.View) error {
	id, err := v.ID("recording")
	if err != nil {
		return err
	}
	r, file, err := a.Calls.Open(v.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	defer file.Close()
	if page.Text(r.Call) != v.Value("id") {
		return authority.E(authority.NotFound, "no such recording")
	}
	return web.ServeContent(v.Writer(), v.Request(), web.Content{
		Name: r.Begun.Format("2006-01-02_15-04-05_") + page.Text(r.ID) + "." + string(r.Media),
		Type: r.Media.Type(), Tag: page.Text(r.ID), Bytes: file, Still: func() error { return a.still(v) },
	})
}

// still asks whether the session lives on and may listen.
func (a Area) still(v *page.View) error {
	shown, err := page.Credential(v.Request(), authority.E(authority.Unauthenticated, "the session is gone"))
	if err != nil {
		return err
	}
	c, err := a.Core.Authenticate(v.Context(), v.Caller.Origin(), shown)
	if err != nil {
		return err
	}
	if !c.Can(calls.RecordRead) {
		return authority.E(authority.Forbidden, "the permission is missing")
	}
	return nil
}
