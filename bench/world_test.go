package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/tasks"
	"propusk/internal/web"
)

// secrets is how many service tokens ask by turns: so many that none of them
// reaches the default bound of live grants.
const secrets = 128

// world is a real server over a folder of its own, SQLite with synchronous=FULL,
// all limits at their defaults, and one account on the production stand.
type world struct {
	data    *server.Data
	addr    string // of the production stand
	log     *slog.Logger
	caller  authority.Caller
	role    authority.ID
	ours    []holder // ask the product
	theirs  []holder // the rows that the bare handler writes to
	clients []admin.NewClient
}

// holder is a service user with its token.
type holder struct {
	principal, credential authority.ID
	token                 authority.Secret
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	c := server.Defaults()
	c.Data = tb.TempDir()
	c.Listen = server.Listen{Production: "127.0.0.1:0", Test: "off", Console: "off", Metrics: "127.0.0.1:0"}
	oauth := c.Dialects["oauth"]
	oauth.Algorithm = "RS256"
	c.Dialects["oauth"] = oauth
	w := &world{log: accessLog(tb)}
	s, err := server.Open(tb.Context(), c, server.Options{Log: w.log})
	must(tb, err)
	w.data, w.addr = s.Data(), strings.TrimPrefix(s.URL(authority.Production), "http://")
	during(tb, func(ctx context.Context) { must(tb, s.Run(ctx)) })
	w.fill(tb)
	return w
}

// accessLog writes lines as serve does, to a file that keeps nothing.
func accessLog(tb testing.TB) *slog.Logger {
	tb.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	must(tb, err)
	lines := web.NewLineWriter(null)
	tb.Cleanup(func() { _ = lines.Close(); null.Close() })
	return slog.New(slog.NewJSONHandler(lines, nil))
}

// during runs fn beside the benchmark and waits for it at the end.
func during(tb testing.TB, fn func(context.Context)) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { fn(ctx) })
	tb.Cleanup(func() { cancel(); wg.Wait() })
}

// fill makes the account, a role of every task permission, and who holds it.
func (w *world) fill(tb testing.TB) {
	tb.Helper()
	ctx, a := tb.Context(), w.data.Admin
	made, err := a.CreateAccount(ctx, authority.System(authority.Production, authority.Account{}, "", "bench"),
		admin.NewAccount{Name: "Ромашка", Contract: "1041"})
	must(tb, err)
	w.caller = authority.System(authority.Production, made.Account, "", "bench")
	role, err := a.CreateRole(ctx, w.caller, "Диспетчер", tasks.Permissions())
	must(tb, err)
	w.role = role.ID
	w.ours, w.theirs = w.holders(tb, "product"), w.holders(tb, "limit")
	w.clients = make([]admin.NewClient, secrets)
	together(tb, secrets, func(i int) (err error) {
		w.clients[i], err = a.CreateApplication(ctx, w.caller, admin.NewApplication{
			Name: fmt.Sprint("application ", i), Dialect: "oauth", Roles: []authority.ID{w.role}, Areas: authority.Areas{All: true},
		})
		return err
	})
}

func (w *world) holders(tb testing.TB, name string) []holder {
	tb.Helper()
	out := make([]holder, secrets)
	together(tb, secrets, func(i int) error {
		user, err := w.data.Admin.CreateServiceUser(tb.Context(), w.caller, admin.NewServiceUser{
			Name: fmt.Sprint(name, " ", i), Roles: []authority.ID{w.role}, Areas: authority.Areas{All: true},
		})
		if err != nil {
			return err
		}
		secret, err := w.data.Admin.GenerateServiceToken(tb.Context(), w.caller, admin.Generate{Principal: user.ID})
		out[i] = holder{user.ID, secret.Credential.ID, secret.Secret}
		return err
	})
	return out
}

func together(tb testing.TB, n int, do func(i int) error) {
	tb.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	for _, err := range errs {
		must(tb, err)
	}
}

// request writes a POST as a client on a kept connection sends it.
func request(addr, path, kind, body string, fields ...string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s",
		path, addr, kind, strings.Join(fields, ""), len(body), body)
}

// workers gives n acts, each on a connection of its own, that send the requests
// by turns, each worker beginning elsewhere.
func workers(tb testing.TB, addr string, n int, requests [][]byte) []act {
	tb.Helper()
	acts := make([]act, n)
	for i := range acts {
		c, turn := dial(tb, addr), i*len(requests)/n
		acts[i] = func() error {
			turn++
			_, err := c.do(requests[turn%len(requests)])
			return err
		}
	}
	return acts
}
