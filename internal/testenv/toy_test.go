package testenv_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/dialect"
	"propusk/internal/server"
	"propusk/internal/store"
	"propusk/internal/tasks"
	"propusk/internal/testenv"
	"propusk/internal/web"
)

// toy is one more dialect: a secret word for an opaque token of an hour, and one
// method. All that a new dialect needs is in this file.
type toy struct {
	core  *authority.Authority
	tasks *tasks.Service
}

func (toy) Name() string { return "toy" }

func (toy) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

type toyAsk struct {
	Word authority.Secret `json:"word" required:"true"`
}

type toyToken struct {
	Token string `json:"token"`
}

type toyRead struct {
	ID authority.ID `path:"id"`
}

type toyOrder struct {
	Title string `json:"title"`
}

func (d toy) Mount(mux *web.Mux) {
	mux.Claim("/toy", "toy")
	mux.Handle(web.Route{
		Method: http.MethodPost, Pattern: "/toy/token", Dialect: "toy", Public: true, Secret: true,
		Door: "word", Audit: authority.VerbIssue, Request: toyAsk{}, Response: toyToken{}, Summary: "Exchange a word for a token.",
		Serve: web.JSON(func(ctx context.Context, _ authority.Caller, ask toyAsk) (toyToken, error) {
			issued, err := d.core.Issue(ctx, authority.IssueRequest{
				Origin: web.OriginOf(ctx), Kind: authority.ServiceToken, Secret: ask.Word,
			})
			return toyToken{issued.Access.Reveal()}, err
		}),
	})
	mux.Handle(web.Route{
		Method: http.MethodGet, Pattern: "/toy/orders/{id}", Dialect: "toy", Fold: true, Permission: tasks.TasksList,
		Request: toyRead{}, Response: toyOrder{}, Summary: "Read a work order.",
		Serve: web.JSON(func(ctx context.Context, c authority.Caller, ask toyRead) (toyOrder, error) {
			t, err := d.tasks.Task(ctx, c, ask.ID, false)
			return toyOrder{t.Title}, err
		}),
	})
}

func (toy) WriteError(w http.ResponseWriter, _ *http.Request, err error) {
	code := authority.CodeOf(err)
	web.WriteBody(w, web.Status(code), "application/json; charset=utf-8", []byte(`{"wrong":"`+string(code)+`"}`))
}

func toyEntry() server.Entry {
	return server.Entry{
		Name: "toy",
		Profile: func(server.Dialect) authority.Profile {
			return authority.Profile{
				Dialect: "toy", Credentials: []authority.CredentialKind{authority.ServiceToken},
				Access: authority.TokenSpec{Form: authority.Sealed, Lifetime: time.Hour},
			}
		},
		Make: func(s *server.Server) dialect.Dialect { return toy{s.Data().Authority, s.Tasks()} },
	}
}

func toySubject() testenv.Subject {
	door := func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
		return testenv.Call{Stand: a.Stand, Path: "/toy/token", Body: `{"word":` + testenv.Quote(secret) + `}`}
	}
	token := func(tb testing.TB, c *testenv.Client, a demo.Account, word string) string {
		return c.Do(tb, door(c, a, word)).Field(tb, "token")
	}
	hubex := hubexSubject()
	return testenv.Subject{
		Dialect: "toy", Access: toyAccess,
		Secrets: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			return map[string]string{toyAccess: token(tb, c, a, a.HubEx.ServiceToken)}
		},
		Weak: func(tb testing.TB, c *testenv.Client, a demo.Account, _ authority.Permission) string {
			return token(tb, c, a, a.HubEx.LimitedServiceToken)
		},
		Doors: []testenv.Door{{Name: "word", Takes: serviceToken, Call: door}},
		IDs: func(tb testing.TB, c *testenv.Client, a demo.Account, _ string) map[string]string {
			return hubex.IDs(tb, c, a, hubex.Secrets(tb, c, a)[hubexAccess])
		},
		Show: func(ids map[string]string) testenv.Call { return testenv.Call{Path: "/toy/orders/" + ids["id"]} },
		Good: map[string]testenv.Call{
			"POST /toy/token":      {Path: "/toy/token", Body: `{"word":"{service token}"}`},
			"GET /toy/orders/{id}": {Path: "/toy/orders/{id}"},
		},
		Shape: func(a testenv.Answer) error {
			var wrong struct{ Wrong string }
			if err := json.Unmarshal([]byte(a.Body), &wrong); err != nil || wrong.Wrong == "" {
				return errors.New("not wrong: " + strconv.Quote(a.Body))
			}
			return nil
		},
	}
}

// A dialect that this file alone knows passes the suite beside the others, here on
// PostgreSQL; TestEveryDialect runs on SQLite.
func TestToyDialect(t *testing.T) {
	e := recorded(t, testenv.Start(t, testenv.Options{Driver: store.Postgres, Dialects: []server.Entry{toyEntry()}}))
	testenv.Exercise(t, e, append(subjects(), toySubject())...)
}

// A dialect that is registered but unknown to the suite, and a route that it does
// not know, fail it.
func TestNothingIsLeftOut(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 5, Dialects: []server.Entry{toyEntry()}})
	if err := testenv.Covered(e, subjects()...); err == nil || !strings.Contains(err.Error(), "toy") {
		t.Errorf("without a subject: %v", err)
	}
	less := toySubject()
	delete(less.Good, "GET /toy/orders/{id}")
	if err := testenv.Covered(e, append(subjects(), less)...); err == nil || !strings.Contains(err.Error(), "/toy/orders/{id}") {
		t.Errorf("without a call: %v", err)
	}
	if err := testenv.Covered(e, append(subjects(), toySubject())...); err != nil {
		t.Error(err)
	}
	all := append(subjects(), toySubject())
	var kinds []string
	for _, sub := range all {
		kinds = slices.AppendSeq(kinds, maps.Keys(sub.Secrets(t, e.Client, e.Fixture.Accounts[0])))
	}
	if err := testenv.Declared(e, kinds, all...); err != nil {
		t.Error(err)
	}
	if err := testenv.Declared(e, kinds, subjects()...); err == nil || !strings.Contains(err.Error(), toyAccess) {
		t.Errorf("taken nowhere: %v", err)
	}
	for _, kind := range []string{toyAccess, "authorization token", "password", "access key", "smarts refresh", "element id token", "operator access"} {
		less := slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == kind })
		if err := testenv.Declared(e, less, all...); err == nil || !strings.Contains(err.Error(), kind) {
			t.Errorf("without a %s: %v", kind, err)
		}
	}
}
