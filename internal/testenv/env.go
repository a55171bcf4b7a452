package testenv

import (
	"cmp"
	"context"
	"log/slog"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/server"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// Options are what a test may choose. The zero value is SQLite, the real clock
// and little data.
type Options struct {
	Driver   string               // store.SQLite or store.Postgres
	Tasks    int                  // work orders of each account; 0 = 40
	Calls    int                  // calls of each account; 0 = 40
	Clock    *Clock               // nil = the real one
	Dialects []server.Entry       // besides those of the registry; switched on
	Change   func(*server.Config) // changes the configuration
}

// Env is a server with the demo's data that serves until the test ends.
type Env struct {
	*Client

	Server *server.Server
	Log    *Log
}

// Start starts a server. It stops, and must stop well, when the test ends.
func Start(tb testing.TB, o Options) *Env {
	tb.Helper()
	e := open(tb, o)
	e.Client = NewClient(fill(tb, e.Server, demo.Amount{Tasks: o.Tasks, Calls: o.Calls}))
	e.serve(tb)
	return e
}

// Again starts a server on the folder, or database, that Change names and that
// another server has filled: former is that one's fixture.
func Again(tb testing.TB, o Options, former *demo.Fixture) *Env {
	tb.Helper()
	e := open(tb, o)
	f := *former
	f.BaseURL, f.TestBaseURL, f.ConsoleURL = e.Server.URL(authority.Production), e.Server.URL(authority.Test), e.Server.ConsoleURL()
	e.Client = NewClient(&f)
	e.serve(tb)
	return e
}

func open(tb testing.TB, o Options) *Env {
	tb.Helper()
	e := &Env{Log: &Log{}}
	options := server.Options{
		Demo: true, Dialects: o.Dialects, Passwords: authority.PasswordCost{MemoryKiB: 64, Passes: 1},
		Log: slog.New(slog.NewJSONHandler(e.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if o.Clock != nil {
		options.Now = o.Clock.Now
	}
	s, err := server.Open(tb.Context(), o.config(tb), options)
	if err != nil {
		tb.Fatal(err)
	}
	e.Server = s
	return e
}

func (o Options) config(tb testing.TB) server.Config {
	tb.Helper()
	c := server.Defaults()
	c.Data = tb.TempDir()
	c.Listen = server.Listen{Production: "127.0.0.1:0", Test: "127.0.0.1:0", Console: "127.0.0.1:0", Metrics: "127.0.0.1:0"}
	c.Limits.Refused.PerClientAndAddress, c.Limits.Refused.PerClient = 10_000, 100_000 // the suite guesses a lot
	if o.Driver == store.Postgres {
		c.Database.Driver = store.Postgres
		c.Database.DSN = authority.NewSecret(storetest.Server(tb).Database(tb))
	}
	for _, d := range o.Dialects {
		c.Dialects[d.Name] = server.Dialect{Enabled: true, CORSOrigins: []string{"*"}}
	}
	if o.Change != nil {
		o.Change(&c)
	}
	return c
}

func fill(tb testing.TB, s *server.Server, amount demo.Amount) *demo.Fixture {
	tb.Helper()
	amount.Tasks, amount.Calls = cmp.Or(amount.Tasks, 40), cmp.Or(amount.Calls, 40)
	fixture, err := demo.Fill(tb.Context(), s.Data(), amount)
	if err == nil {
		err = demo.Count(tb.Context(), s, fixture)
	}
	if err != nil {
		tb.Error(err)
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
		tb.FailNow()
	}
	return fixture
}

// stopping bounds how long a server may take to stop.
const stopping = 20 * time.Second

// System gives a caller who may do everything in an account of the fixture, for
// what a test does behind the doors.
func (e *Env) System(tb testing.TB, a demo.Account) authority.Caller {
	tb.Helper()
	nobody := authority.System(a.Stand, authority.Account{}, "", "test")
	account, err := e.Server.Data().Admin.AccountByContract(tb.Context(), nobody, a.Contract)
	if err != nil {
		tb.Fatal(err)
	}
	return authority.System(a.Stand, account, "", "test")
}

// UserID finds a user of the account of c by his login.
func (e *Env) UserID(tb testing.TB, c authority.Caller, login string) authority.ID {
	tb.Helper()
	users, err := e.Server.Data().Admin.Users(tb.Context(), c, admin.Page{Size: 1000})
	if err != nil {
		tb.Fatal(err)
	}
	for _, u := range users.Items {
		if u.Login == login {
			return u.ID
		}
	}
	tb.Fatalf("no user %s", login)
	return 0
}

func (e *Env) serve(tb testing.TB) {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Server.Run(ctx) }()
	tb.Cleanup(func() {
		e.Client.Close()
		stop()
		select {
		case err := <-done:
			if err != nil {
				tb.Errorf("the server ended with %v", err)
			}
		case <-time.After(stopping):
			tb.Error("the server does not stop")
		}
	})
}
