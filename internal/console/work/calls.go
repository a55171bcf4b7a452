package work

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/console/page"
	"propusk/internal/directory"
	"propusk/internal/web"
)

// history is what the list of calls shows.
type history struct {
	Items      []call
	Pager      page.Pager
	Filtered   bool
	Directions []page.Option
	Results    []page.Option
	Recorded   []page.Option
}

// call is a call with what people call its sides.
type call struct {
	calls.Call

	FromName, ToName string // of the extension; "" = it has none
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
		next = page.PlaceOf(m.Begun.UnixMilli(), int64(m.ID))
	}
	every, err := v.T("tasks.every")
	if err != nil {
		return err
	}
	all := []page.Option{{Value: "", Label: every}}
	out := history{Directions: all, Results: all, Recorded: all}
	if out.Pager, err = v.Marked(next); err != nil {
		return err
	}
	if out.Items, err = a.named(v, list.Items...); err != nil {
		return err
	}
	for _, d := range calls.Directions() {
		out.Directions = append(out.Directions, page.Option{Value: d, Label: v.Name("direction", d)})
	}
	for _, d := range calls.Dispositions() {
		out.Results = append(out.Results, page.Option{Value: d, Label: v.Name("disposition", d)})
	}
	for _, r := range recorded() {
		out.Recorded = append(out.Recorded, page.Option{Value: r, Label: v.Name("recorded", r)})
	}
	for _, name := range []string{"number", "direction", "result", "recorded", "since", "till"} {
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
	if q.Directions, err = picked(v, "direction", calls.Directions()); err != nil {
		return q, err
	}
	if q.Results, err = picked(v, "result", calls.Dispositions()); err != nil {
		return q, err
	}
	switch with, err := v.Chosen("recorded", recorded()...); {
	case err != nil:
		return q, err
	case with != "":
		yes := with == "yes"
		q.Recorded = &yes
	}
	if q.Period.From, q.Period.Till, err = period(v); err != nil {
		return q, err
	}
	q.After, err = mark(v)
	return q, err
}

// mark reads where the former page ended.
func mark(v *page.View) (m calls.Mark, err error) {
	text, err := v.After()
	if text == "" || err != nil {
		return m, err
	}
	ms, id, err := page.Place(text)
	return calls.Mark{Begun: time.UnixMilli(ms).UTC(), ID: authority.ID(id)}, err
}

// recorded are the choices of the filter by recordings.
func recorded() []string { return []string{"yes", "no"} }

// picked reads a parameter that is one of a set of words; nothing for none.
func picked[T fmt.Stringer](v *page.View, name string, set []T) ([]T, error) {
	words := make([]string, len(set))
	for i, one := range set {
		words[i] = one.String()
	}
	word, err := v.Chosen(name, words...)
	if err != nil || word == "" {
		return nil, err
	}
	at := slices.Index(words, word)
	return set[at : at+1], nil
}

// named finds what people call the extensions of calls. Who may not see the
// extensions, or their people, is shown numbers.
func (a Area) named(v *page.View, list ...calls.Call) ([]call, error) {
	var ids []authority.ID
	for _, c := range list {
		ids = append(ids, c.From.Extension, c.To.Extension)
	}
	names, err := a.labels(v, ids)
	out := make([]call, len(list))
	for i, c := range list {
		out[i] = call{c, names[c.From.Extension], names[c.To.Extension]}
	}
	return out, err
}

func (a Area) labels(v *page.View, ids []authority.ID) (map[authority.ID]string, error) {
	if !slices.ContainsFunc(ids, func(id authority.ID) bool { return id != 0 }) || !v.Caller.Can(directory.ExtensionsList) {
		return nil, nil
	}
	names, users := map[authority.ID]string{}, map[authority.ID]authority.ID{}
	list, err := a.Extensions.Extensions(v.Context(), v.Caller, directory.Query{Limit: directory.MaxPage})
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if slices.Contains(ids, e.ID) {
			names[e.ID], users[e.ID] = e.Label, e.User
		}
	}
	people, err := a.People.Named(v.Context(), v.Caller, slices.Collect(maps.Values(users)), nil)
	if authority.CodeOf(err) == authority.Forbidden {
		return names, nil
	}
	for extension, user := range users {
		names[extension] = cmp.Or(names[extension], people.Principals[user].Name)
	}
	return names, err
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
	shown, err := a.named(v, one)
	if err != nil {
		return err
	}
	return v.Render("call.html", shown[0])
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
	still := v.Renewal(a.Core)
	return web.ServeContent(v.Writer(), v.Request(), web.Content{
		Name: r.Begun.Format("2006-01-02_15-04-05_") + page.Text(r.ID) + "." + string(r.Media),
		Type: r.Media.Type(), Tag: page.Text(r.ID), Bytes: file, Still: func() error { _, err := still(v.Context()); return err },
	})
}
