package audit

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
)

// Anchorer carries the newest end of the log to places, every so many entries or
// after a time. One goroutine uses it.
type Anchorer struct {
	Head       func(ctx context.Context) (Head, error)
	Places     []Place
	Deployment string
	Entries    int           // since the last anchor
	Every      time.Duration // if there are entries at all
	Now        func() time.Time

	last []Anchor // of each place
}

// Step puts an anchor wherever one is due, or where there is anything new if
// force is set. A place that failed is tried again at the next Step; the others
// do not get a line for it.
func (a *Anchorer) Step(ctx context.Context, force bool) error {
	h, err := a.Head(ctx)
	if err != nil || len(h.Seal) == 0 {
		return err
	}
	if a.last == nil {
		a.last = make([]Anchor, len(a.Places))
	}
	next := Anchor{Deployment: a.Deployment, Position: h.Position, Time: a.Now(), Seal: h.Seal}
	var errs []error
	for i, p := range a.Places {
		if !a.due(a.last[i], next, force) {
			continue
		}
		if err := p.Put(ctx, next); err != nil {
			errs = append(errs, err)
			continue
		}
		a.last[i] = next
	}
	return errors.Join(errs...)
}

// due reports whether a place that got last is to get next. A clock that was set
// back must not keep it waiting.
func (a *Anchorer) due(last, next Anchor, force bool) bool {
	fresh := next.Position - last.Position
	waited := next.Time.Sub(last.Time)
	return fresh > 0 && (force || fresh >= authority.ID(a.Entries) || waited >= a.Every || waited < 0)
}

const (
	look  = 5 * time.Second // how often it is asked whether an anchor is due
	grace = 5 * time.Second // for the last one
)

// Run puts anchors until ctx ends, and then one of what is new; failed hears what
// goes wrong.
func (a *Anchorer) Run(ctx context.Context, failed func(error)) {
	if len(a.Places) == 0 {
		return
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
			defer cancel()
			a.tell(last, true, failed)
			return
		case <-tick.C:
			a.tell(ctx, false, failed)
		}
	}
}

func (a *Anchorer) tell(ctx context.Context, force bool, failed func(error)) {
	if err := a.Step(ctx, force); err != nil && ctx.Err() == nil {
		failed(err)
	}
}
