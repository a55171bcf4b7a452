// Package dashboard is where the console begins: how much the account was used
// and refused, by dialect, and which secrets need somebody's attention.
//
// It draws; package admin counts.
package dashboard

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// Figures tells what was counted; *admin.Service does.
type Figures interface {
	Traffic(ctx context.Context, c authority.Caller, since, until time.Time) ([]admin.Traffic, error)
	Strangers(ctx context.Context, c authority.Caller, since, until time.Time) ([]admin.Traffic, error)
	Busiest(ctx context.Context, c authority.Caller, since time.Time, size int) ([]admin.BusyCredential, error)
	Ending(ctx context.Context, c authority.Caller, size int) ([]admin.KnownCredential, error)
	Unused(ctx context.Context, c authority.Caller, size int) ([]admin.KnownCredential, error)
	DoorUses(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[admin.DoorUse], error)
}

// Area implements page.Area.
type Area struct{ Figures Figures }

//go:embed all:templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	return []page.Screen{
		{Path: "/", Serve: a.show, Menu: &page.Item{Label: "dash.title", Icon: "layout-dashboard"}},
	}
}

// rows is how many lines each table has.
const rows = 10

// shown is what the screen shows.
type shown struct {
	Seen    bool // the user may see figures
	Spans   []choice
	Span    span
	Plots   []plot
	Unknown []plot // one, for the deployment's owner at home: what no account is told of
	Busiest []admin.BusyCredential
	Ending  []admin.KnownCredential
	Unused  []admin.KnownCredential
	Doors   admin.List[admin.DoorUse]
}

// choice is a span that can be chosen.
type choice struct {
	Name string
	URL  string
	Here bool
}

func (a Area) show(v *page.View) error {
	at, err := spanOf(v)
	if err != nil {
		return err
	}
	data := shown{Span: at}
	for _, s := range spans() {
		data.Spans = append(data.Spans, choice{s.Name, v.Here("span", s.Name), s.Name == data.Span.Name})
	}
	err = a.fill(v, &data)
	if data.Seen = err == nil; authority.CodeOf(err) == authority.Forbidden {
		err = nil // whoever may see no figures begins here all the same
	}
	if err != nil {
		return err
	}
	return v.Render("dashboard.html", data)
}

func (a Area) fill(v *page.View, data *shown) error {
	ctx, c := v.Context(), v.Caller
	buckets := data.Span.buckets(v.Now(), v.Zone())
	since := buckets[0].Begin
	traffic, err := a.Figures.Traffic(ctx, c, since, v.Now())
	if err != nil {
		return err
	}
	data.Plots = plots(v, data.Span, buckets, traffic)
	var errs [5]error
	data.Busiest, errs[0] = a.Figures.Busiest(ctx, c, since, rows)
	data.Ending, errs[1] = a.Figures.Ending(ctx, c, rows)
	data.Unused, errs[2] = a.Figures.Unused(ctx, c, rows)
	data.Doors, errs[3] = a.Figures.DoorUses(ctx, c, admin.Page{Size: rows})
	data.Unknown, errs[4] = a.unknown(v, data.Span, buckets)
	return errors.Join(errs[:]...)
}

// unknown draws the refusals that concern no account, for whom they concern.
func (a Area) unknown(v *page.View, s span, steps []bucket) ([]plot, error) {
	if !admin.ReadsStrangers(v.Caller) {
		return nil, nil
	}
	seen, err := a.Figures.Strangers(v.Context(), v.Caller, steps[0].Begin, v.Now())
	if err != nil {
		return nil, err
	}
	return draw(v, s, steps, seen, counter{"strangers", refusals}), nil
}
