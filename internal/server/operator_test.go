package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/server/operation"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// deployment gives a configuration on any ports and a folder of its own.
func deployment(t *testing.T, driver string) server.Config {
	t.Helper()
	c := server.Defaults()
	c.Data = filepath.Join(t.TempDir(), "data")
	c.Listen = server.Listen{Production: "127.0.0.1:0", Test: "127.0.0.1:0", Console: "off", Metrics: "off"}
	if driver == store.Postgres {
		c.Database = server.Database{
			Driver: store.Postgres, DSN: authority.NewSecret(storetest.Config(t, store.Postgres).DSN),
		}
	}
	return c
}

func each(t *testing.T, fn func(t *testing.T, c server.Config)) {
	t.Helper()
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) { fn(t, deployment(t, driver)) })
	}
}

// call runs an operation as a command does: open, run, close.
func call(t *testing.T, c server.Config, live bool, name string, input any) map[string]any {
	t.Helper()
	o, err := server.OpenOperator(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if o.Live != live {
		t.Errorf("%s: live = %v, want %v", name, o.Live, live)
	}
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := o.Run(t.Context(), operation.Call{Operation: name, Stand: authority.Production, Input: text})
	if err := errors.Join(err, o.Close()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var out map[string]any
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// serve runs a server until stop is called.
func serve(t *testing.T, c server.Config) (s *server.Server, stop func()) {
	t.Helper()
	s, err := server.Open(t.Context(), c, server.Options{Passwords: cheap()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func cheap() authority.PasswordCost { return authority.PasswordCost{MemoryKiB: 64, Passes: 1} }

func first() server.First { return server.First{Name: "Main", Contract: "1", Login: "admin"} }

// The same commands, without a server and beside one; what they do beside it
// takes effect in it at once.
func TestCommandsBesideAServerAndWithoutOne(t *testing.T) {
	each(t, func(t *testing.T, c server.Config) {
		if _, err := server.Initialise(t.Context(), c, first(), false); err != nil {
			t.Fatal(err)
		}
		user := call(t, c, false, "service-user.create", map[string]any{"name": "CRM", "roles": []string{"Developer"}})
		id := map[string]any{"principal": number(user["id"])}
		secret, _ := call(t, c, false, "service-token.generate", id)["secret"].(string)

		s, stop := serve(t, c)
		issue := func() (authority.Issued, error) {
			return s.Data().Authority.Issue(t.Context(), authority.IssueRequest{
				Origin: authority.Origin{Stand: authority.Production, Dialect: "hubex", Door: "test"},
				Kind:   authority.ServiceToken, Secret: authority.NewSecret(secret),
			})
		}
		enter := func(token authority.Secret) error {
			_, err := s.Data().Authority.Authenticate(t.Context(),
				authority.Origin{Stand: authority.Production, Dialect: "hubex"},
				authority.Presented{Scheme: authority.Bearer, Token: token})
			return err
		}
		out, err := issue()
		if err == nil {
			err = enter(out.Access)
		}
		if err != nil {
			t.Fatal(err)
		}
		call(t, c, true, "token.revoke", map[string]any{"token": out.Access.Reveal()})
		if err := enter(out.Access); authority.CodeOf(err) != authority.InvalidToken {
			t.Errorf("a token revoked by command: %v", err)
		}
		call(t, c, true, "service-token.generate", id)
		if _, err := issue(); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("the replaced secret: %v", err)
		}
		if _, err := server.MigrateData(t.Context(), c); !errors.Is(err, store.ErrLocked) {
			t.Errorf("migrate beside a server: %v", err)
		}
		stop()
		call(t, c, false, "service-user.delete", map[string]any{"id": number(user["id"])})
	})
}

func number(v any) string {
	f, _ := v.(float64)
	text, _ := json.Marshal(int64(f))
	return string(text)
}

func TestInitialiseIsIdempotent(t *testing.T) {
	each(t, func(t *testing.T, c server.Config) {
		one, err := server.Initialise(t.Context(), c, first(), true)
		if err != nil {
			t.Fatal(err)
		}
		if !one.KeyMade || !one.ConfigMade || len(one.Stands) != 2 || len(one.Stands[0].Password) < 20 ||
			one.Stands[0].Password == one.Stands[1].Password {
			t.Errorf("first: %+v", one)
		}
		text, err := os.ReadFile(one.Config)
		if err != nil {
			t.Fatal(err)
		}
		two, err := server.Initialise(t.Context(), c, first(), true)
		if err != nil {
			t.Fatal(err)
		}
		if two.KeyMade || two.ConfigMade || two.Stands[0].Accounts != 1 || two.Stands[0].Password != "" {
			t.Errorf("second: %+v", two)
		}
		again, err := os.ReadFile(one.Config)
		if err != nil || string(again) != string(text) {
			t.Error("the configuration was written anew")
		}
		read, err := server.LoadConfig(one.Config)
		if err != nil || filepath.Clean(read.Data) != filepath.Clean(c.Data) {
			t.Errorf("the written configuration has data %q, %v", read.Data, err)
		}
		for name, mode := range map[string]os.FileMode{"": 0o700, "deployment.key": 0o600, server.ConfigFile: 0o600} {
			info, err := os.Stat(filepath.Join(c.Data, name))
			if err != nil || info.Mode().Perm() != mode {
				t.Errorf("%q: mode %v, %v", name, info.Mode(), err)
			}
		}
	})
}

func TestExamine(t *testing.T) {
	c := deployment(t, store.SQLite)
	todo := func() []string {
		t.Helper()
		var what []string
		for _, f := range server.Examine(t.Context(), c) {
			if f.Do != "" {
				what = append(what, f.What)
			}
			if f.Is == "" || f.What == "" {
				t.Errorf("says nothing: %+v", f)
			}
		}
		slices.Sort(what)
		return slices.Compact(what)
	}
	expect := func(when string, want ...string) {
		t.Helper()
		if got := todo(); !slices.Equal(got, want) {
			t.Errorf("%s: to do %v, want %v", when, got, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	expect("nothing there", "data folder", "deployment key")
	if _, err := os.Stat(c.Data); !errors.Is(err, os.ErrNotExist) {
		t.Error("looking made the data folder")
	}
	must(os.Mkdir(c.Data, 0o700))
	expect("an empty folder", "database", "deployment key")
	_, err := server.Initialise(t.Context(), c, first(), false)
	must(err)
	expect("a new deployment")

	must(os.Chmod(c.Data, 0o755))
	must(os.Chmod(c.DeploymentKeyFile(), 0o644))
	expect("open modes", "data folder", "deployment key")
	must(os.Chmod(c.Data, 0o700))
	must(os.Chmod(c.DeploymentKeyFile(), 0o600))

	key, err := os.ReadFile(c.DeploymentKeyFile())
	must(err)
	must(os.WriteFile(c.DeploymentKeyFile(), []byte("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n"), 0o600))
	expect("another deployment key", "keys")
	must(os.WriteFile(c.DeploymentKeyFile(), key, 0o600))

	busy, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	c.Listen.Production = busy.Addr().String()
	expect("a port that is taken", "listen.production")
	must(busy.Close())

	must(os.WriteFile(filepath.Join(c.Data, server.DemoFixture), nil, 0o600))
	expect("a demo folder", "data folder")
	must(os.Remove(filepath.Join(c.Data, server.DemoFixture)))

	c.TLS = server.TLS{Certificate: "/nonexistent.pem", Key: "/nonexistent.key"}
	expect("a certificate that is missing", "certificate")
	c.TLS = server.TLS{}

	_, stop := serve(t, c)
	if got := strings.Join(todo(), " "); strings.Contains(got, "server") || strings.Contains(got, "keys") {
		t.Errorf("beside a server: %s", got)
	}
	stop()
	expect("after the server")
}

func TestMigrateData(t *testing.T) {
	c := deployment(t, store.SQLite)
	one, err := server.MigrateData(t.Context(), c)
	if err != nil || one.Before != 0 || one.After == 0 {
		t.Fatalf("%+v, %v", one, err)
	}
	two, err := server.MigrateData(t.Context(), c)
	if err != nil || two.Before != one.After || two.After != one.After {
		t.Fatalf("%+v, %v", two, err)
	}
}

// Every operation, with and without sense in its input, answers with a code of
// ours and never with a defect.
func TestOperationsNeverFailOnInput(t *testing.T) {
	c := deployment(t, store.SQLite)
	if _, err := server.Initialise(t.Context(), c, first(), false); err != nil {
		t.Fatal(err)
	}
	o, err := server.OpenOperator(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	inputs := []string{
		``, `{}`, `null`, `[]`, `{`, `{"nonsense":1}`, `{"id":"x"}`, `{"id":"0"}`, `{"id":"-1"}`, `{"id":"9223372036854775807"}`,
		`{"id":"99999999999999999999"}`, `{"name":"\u0000"}`, `{"name":""}`, `{"principal":"1"}`, `{"principal":"1","overlap":"8d"}`,
		`{"role":"none"}`, `{"area":"none","name":"x"}`, `{"grant":"0000000000"}`, `{"limit":"-1"}`, `{"token":""}`, `{"token":"a.b.c"}`,
		`{"roles":["none"]}`, `{"login":"a:b"}`, `{"verb":"' OR 1=1 --"}`,
	}
	for _, name := range operation.Names() {
		if name == "account.disable" || name == "account.enable" {
			continue // they take no input and change the account
		}
		for _, input := range inputs {
			for _, account := range []string{"", "1", "none", "'; DROP TABLE accounts; --"} {
				_, err := o.Run(t.Context(), operation.Call{
					Operation: name, Stand: authority.Production, Account: account, Input: json.RawMessage(input),
				})
				if code := authority.CodeOf(err); code == authority.Internal || code == authority.Unavailable {
					t.Errorf("%s %s: %v", name, input, err)
				}
			}
		}
	}
	for _, stand := range []authority.Stand{"", "PRODUCTION", "none"} {
		if _, err := o.Run(t.Context(), operation.Call{Operation: "account.list", Stand: stand}); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("stand %q: %v", stand, err)
		}
	}
}
