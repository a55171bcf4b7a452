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

	last Anchor
}

// Step puts an anchor if one is due, or if there is anything new and now is set.
// A place that fails gets the next one.
func (a *Anchorer) Step(ctx context.Context, now bool) error {
	h, err := a.Head(ctx)
	if err != nil {
		return err
	}
	next := Anchor{Deployment: a.Deployment, Position: h.Position, Time: a.Now(), Seal: h.Seal}
	fresh := next.Position - a.last.Position
	due := now || fresh >= authority.ID(a.Entries) || next.Time.Sub(a.last.Time) >= a.Every || next.Time.Before(a.last.Time)
	if fresh <= 0 || len(h.Seal) == 0 || !due {
		return nil
	}
	var errs []error
	for _, p := range a.Places {
		errs = append(errs, p.Put(ctx, next))
	}
	if err = errors.Join(errs...); err == nil {
		a.last = next
	}
	return err
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

func (a *Anchorer) tell(ctx context.Context, now bool, failed func(error)) {
	if err := a.Step(ctx, now); err != nil && ctx.Err() == nil {
		failed(err)
	}
}
