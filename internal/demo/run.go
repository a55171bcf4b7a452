package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/tasks"
)

// Config is what the command line says. Zero values are right where none is
// given.
type Config struct {
	Data    string        // folder to keep; "" = a temporary one
	Fixture string        // file to write the fixture to as well
	Listen  server.Listen // addresses; empty ones = those of serve
	Tasks   int           // work orders of each account, at a first start
	Calls   int           // calls of each account, at a first start
	Rotate  bool          // new secrets in the place of the former ones
	Out     io.Writer     // the card is printed here
	Log     *slog.Logger
}

// passwordCost is lower than that of serve, so that the demo starts at once: it
// guards nothing.
func passwordCost() authority.PasswordCost { return authority.PasswordCost{MemoryKiB: 1024, Passes: 1} }

// most bounds what a first start fills in.
const most = 1_000_000

// Run starts the demo and serves until ctx ends.
func Run(ctx context.Context, c Config) (err error) {
	for what, n := range map[string]int{"work orders": c.Tasks, "calls": c.Calls} {
		if n < 0 || n > most {
			return fmt.Errorf("the number of %s must lie between 0 and %d", what, most)
		}
	}
	f, err := openFolder(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	s, err := server.Open(ctx, c.server(f.path), server.Options{Demo: true, Passwords: passwordCost(), Log: c.Log})
	if err != nil {
		return err
	}
	fixture, err := c.prepare(ctx, s, f)
	if ctx.Err() != nil {
		return s.Close() // interrupted: the next start fills anew
	}
	if err != nil {
		return errors.Join(err, s.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- s.Run(ctx) }()
	if err := c.announce(ctx, fixture); err != nil && ctx.Err() == nil {
		stop()
		return errors.Join(err, <-served)
	}
	return <-served
}

func (c Config) server(data string) server.Config {
	s := server.Defaults()
	s.Data = data
	for _, l := range []struct{ to, from *string }{
		{&s.Listen.Production, &c.Listen.Production}, {&s.Listen.Test, &c.Listen.Test}, {&s.Listen.Console, &c.Listen.Console}, {&s.Listen.Metrics, &c.Listen.Metrics},
	} {
		if *l.from != "" {
			*l.to = *l.from
		}
	}
	return s
}

// prepare fills a new deployment, or finds what the former start has left, and
// says so in the folder's own fixture.
func (c Config) prepare(ctx context.Context, s *server.Server, f folder) (*Fixture, error) {
	fixture, err := ReadFixture(f.fixture())
	if err != nil {
		return nil, err
	}
	all, err := companies()
	if err != nil {
		return nil, err
	}
	d := s.Data()
	switch {
	case !fixture.complete(len(all)):
		fixture, err = Fill(ctx, d, Amount{Tasks: c.Tasks, Calls: c.Calls, Past: true})
	case c.Rotate || fixture.Unfinished:
		err = c.rotate(ctx, d.Admin, fixture, f)
	}
	if err != nil {
		return nil, err
	}
	if err := Remember(ctx, d.Admin, fixture); err != nil {
		return nil, err
	}
	if err := Count(ctx, s, fixture); err != nil {
		return nil, err
	}
	return fixture, fixture.Write(f.fixture())
}

// Count fills in what changes from start to start: addresses, and how many work
// orders there are.
func Count(ctx context.Context, s *server.Server, f *Fixture) error {
	f.BaseURL, f.TestBaseURL = s.URL(authority.Production), s.URL(authority.Test)
	f.ConsoleURL, f.MetricsURL = s.ConsoleURL(), s.MetricsURL()
	for _, stand := range authority.Stands() {
		for i := range f.On(stand) {
			account := &f.On(stand)[i]
			caller, err := callerOf(ctx, s.Data().Admin, account)
			if authority.CodeOf(err) == authority.NotFound {
				continue // somebody has deleted it: the rest goes on
			}
			if err != nil {
				return err
			}
			if err := count(ctx, s.Tasks(), caller, &account.HubEx); err != nil {
				return err
			}
		}
	}
	return nil
}

func count(ctx context.Context, work *tasks.Service, c authority.Caller, h *HubEx) error {
	open := false
	for _, total := range []struct {
		of tasks.Filter
		to *int64
	}{
		{tasks.Filter{}, &h.TasksTotal},
		{tasks.Filter{Closed: &open}, &h.TasksOpen},
		{tasks.Filter{Area: h.AreaID}, &h.AreaTasksTotal},
	} {
		page, err := work.Tasks(ctx, c, total.of)
		if err != nil {
			return err
		}
		*total.to = page.Total
	}
	return nil
}

// patience bounds how long the first answer of a listener may take.
const patience = 10 * time.Second

// announce waits until the stands answer, then writes the fixture and the card.
func (c Config) announce(ctx context.Context, f *Fixture) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	direct := &http.Transport{DisableKeepAlives: true} // whatever proxy the environment names
	for _, url := range []string{f.BaseURL, f.TestBaseURL} {
		if url == "" {
			continue
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
		if err != nil {
			return err
		}
		resp, err := direct.RoundTrip(req)
		if err != nil {
			return fmt.Errorf("the demo does not answer: %w", err)
		}
		_ = resp.Body.Close()
	}
	if c.Fixture != "" {
		if err := f.Write(c.Fixture); err != nil {
			return fmt.Errorf("the fixture cannot be written: %w", err)
		}
	}
	return card(c.Out, f)
}
