package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// running is a demo in this process.
type running struct {
	fixture *demo.Fixture
	client  *testenv.Client
	file    string
	card    string
	stop    func() error
}

// start runs a demo until it is ready; c.Data may name a folder to keep.
func start(t *testing.T, c demo.Config) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{file: filepath.Join(t.TempDir(), "fixture.json")}
	ready := &card{seen: make(chan struct{})}
	c.Fixture, c.Out, c.Log = r.file, ready, slog.New(slog.DiscardHandler)
	c.Listen = server.Listen{Production: "127.0.0.1:0", Test: "127.0.0.1:0", Console: "127.0.0.1:0", Metrics: "127.0.0.1:0"}
	if c.Tasks == 0 {
		c.Tasks = 300
	}
	done := make(chan error, 1)
	go func() { done <- demo.Run(ctx, c) }()
	select {
	case <-ready.seen:
	case err := <-done:
		t.Fatal(err)
	case <-time.After(30 * time.Second):
		t.Fatal("not ready")
	}
	var err error
	if r.fixture, err = demo.ReadFixture(r.file); err != nil {
		t.Fatal(err)
	}
	r.client, r.card = testenv.NewClient(r.fixture), ready.text.String()
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		r.client.Close()
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	return r
}

// card takes what the demo prints, which it does in one write.
type card struct {
	text bytes.Buffer
	seen chan struct{}
}

func (c *card) Write(p []byte) (int, error) {
	defer close(c.seen)
	return c.text.Write(p)
}

// The fixture's counts are what its tokens list, on both stands.
func TestCountsAreTrue(t *testing.T) {
	r := start(t, demo.Config{})
	for _, stand := range authority.Stands() {
		for _, a := range r.fixture.On(stand) {
			for _, c := range []struct {
				token, query string
				want         int64
			}{
				{a.HubEx.ServiceToken, "", a.HubEx.TasksTotal},
				{a.HubEx.ServiceToken, "?isClosed=false", a.HubEx.TasksOpen},
				{a.HubEx.AreaServiceToken, "", a.HubEx.AreaTasksTotal},
			} {
				access := r.client.HubEx(t, stand, c.token).Access
				answer := r.client.Do(t, testenv.Call{Stand: stand, Path: "/fsm/WORK/Tasks" + c.query}.With(testenv.Bearer(access)...))
				var list struct{ Total int64 }
				if answer.JSON(t, &list); list.Total != c.want || c.want == 0 {
					t.Errorf("%s %s%s: %d, the fixture says %d", a.Name, stand, c.query, list.Total, c.want)
				}
			}
		}
	}
}

// A second start has the same secrets and accounts; --rotate makes new ones, and
// the former ones are dead.
func TestStartAgain(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	first := start(t, demo.Config{Data: data})
	token := first.client.HubEx(t, authority.Production, first.fixture.Accounts[0].HubEx.ServiceToken).Access
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, demo.Config{Data: data, Tasks: 7})
	if diff := cmp.Diff(withoutAddresses(first.fixture), withoutAddresses(second.fixture)); diff != "" {
		t.Error(diff)
	}
	call := testenv.Call{Path: "/fsm/WORK/Tasks"}.With(testenv.Bearer(token)...)
	if a := second.client.Do(t, call); a.Status != 200 {
		t.Errorf("the token of the first start: %d", a.Status)
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
	third := start(t, demo.Config{Data: data, Rotate: true})
	if a := third.client.Do(t, call); a.Status != 401 {
		t.Errorf("the token of the first start, after --rotate: %d", a.Status)
	}
	for i, former := range second.fixture.Accounts {
		now := third.fixture.Accounts[i]
		if now.HubEx.ServiceToken == former.HubEx.ServiceToken || now.OAuth.ClientSecret == former.OAuth.ClientSecret ||
			now.OAuth.ClientID != former.OAuth.ClientID || now.HubEx.ServiceUserID != former.HubEx.ServiceUserID {
			t.Errorf("%s: not new secrets of the same holders", now.Name)
		}
		third.client.HubEx(t, authority.Production, now.HubEx.AreaServiceToken)
		third.client.OAuth(t, now)
	}
}

func withoutAddresses(f *demo.Fixture) demo.Fixture {
	out := *f
	out.BaseURL, out.TestBaseURL, out.ConsoleURL, out.MetricsURL = "", "", "", ""
	return out
}

// Everything the demo leaves is private, whatever the umask, and serve refuses
// the folder; the demo refuses what is not its own (B68).
func TestFolders(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	r := start(t, demo.Config{Data: data, Tasks: 10})
	if info, err := os.Stat(r.file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("fixture: %v %v", info.Mode(), err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	c := server.Defaults()
	c.Data = data
	if _, err := server.OpenData(t.Context(), c, server.Options{}); err == nil || !strings.Contains(err.Error(), "demo folder") {
		t.Errorf("serve on the demo's folder: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "propusk.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := demo.Run(t.Context(), demo.Config{Data: other, Out: &bytes.Buffer{}, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "something else") {
		t.Errorf("the demo on somebody else's folder: %v", err)
	}
}

// A first start that was cut off is made good by the next one.
func TestStartAfterCut(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	first := start(t, demo.Config{Data: data, Tasks: 50})
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	if err := (&demo.Fixture{}).Write(filepath.Join(data, server.DemoFixture)); err != nil { // as if cut off
		t.Fatal(err)
	}
	second := start(t, demo.Config{Data: data, Tasks: 50})
	if got, want := second.fixture.Accounts[0].HubEx.TasksTotal, first.fixture.Accounts[0].HubEx.TasksTotal; got != want {
		t.Errorf("%d work orders, want %d", got, want)
	}
}

// Odd numbers of work orders are served or refused, and never a defect.
func TestNumbers(t *testing.T) {
	for _, n := range []int{-1, 1_000_001} {
		if err := demo.Run(t.Context(), demo.Config{Tasks: n}); err == nil {
			t.Errorf("%d work orders are taken", n)
		}
	}
	if r := start(t, demo.Config{Tasks: 1}); r.fixture.Accounts[0].HubEx.TasksTotal > 1 {
		t.Errorf("%d work orders", r.fixture.Accounts[0].HubEx.TasksTotal)
	}
}

// Without --data nothing is left behind.
func TestTemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	r := start(t, demo.Config{Tasks: 10})
	if found, _ := filepath.Glob(filepath.Join(os.TempDir(), "propusk-demo-*")); len(found) != 1 {
		t.Errorf("while it runs: %v", found)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if found, _ := filepath.Glob(filepath.Join(os.TempDir(), "propusk-demo-*")); len(found) != 0 {
		t.Errorf("left behind: %v", found)
	}
}

// The card's lines work as they are pasted into a shell.
func TestCardLines(t *testing.T) {
	r := start(t, demo.Config{})
	var lines []string
	for line := range strings.Lines(r.card) {
		if strings.HasPrefix(line, "curl ") {
			lines = append(lines, line)
		}
	}
	want := []*regexp.Regexp{
		regexp.MustCompile(`^\{"access_token":"eyJ.*"expires_in":86400.*"token_type":"Bearer"`),
		regexp.MustCompile(`^\{"data":\[\{"id":"\d+".*\],"total":\d+\}$`),
		regexp.MustCompile(`^\{"id_token":"eyJ.*"token_type":"Bearer","access_token":".*","expires_in":3600\}$`),
		regexp.MustCompile(`^\{"id":"[0-9a-f-]{36}","login":"admin-.*"access-tokens":\[`),
		regexp.MustCompile(`^\{"access_token":"eyJ.*"token_type":"Bearer","expires_in":3600`),
		regexp.MustCompile(`^\{"accessToken":"eyJ.*"refreshTokenExpiredIn":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"\}$`),
		regexp.MustCompile(`^\{"access_token":"[0-9A-Za-z]{30}","token_type":"Bearer","expires_in":3600,"scope":"all"\}$`),
	}
	want = append(want, regexp.MustCompile(`^\{"Access_token":".*"Token_type":"bearer","Expires_in":86400,"Refresh_token":".*"\}$`))
	if len(lines) != len(want) {
		t.Fatalf("%d lines of curl on the card, want %d:\n%s", len(lines), len(want), r.card)
	}
	for i, line := range lines {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
		if err != nil || !want[i].Match(out) {
			t.Errorf("%s\ngives %s, %v", line, out, err)
		}
	}
}

// What the demo shows could be shown to a customer.
func TestDataIsBelievable(t *testing.T) {
	r := start(t, demo.Config{Tasks: 400})
	for i, a := range r.fixture.Accounts {
		zone, err := time.LoadLocation([]string{"Europe/Moscow", "Asia/Yekaterinburg"}[i])
		if err != nil {
			t.Fatal(err)
		}
		pair := testenv.Call{Path: "/api/v1/auth/integrationapi/create"}.With(testenv.Bearer(a.Operator.AuthorizationToken)...)
		if got := r.client.Do(t, pair).Header.Get("X-Time-Zone"); got != zone.String() {
			t.Errorf("%s tells its times in %q", a.Name, got)
		}
		access := r.client.HubEx(t, authority.Production, a.HubEx.ServiceToken).Access
		get := func(path string, into any) {
			r.client.Do(t, testenv.Call{Path: path}.With(testenv.Bearer(access)...)).JSON(t, into)
		}
		var list struct {
			Data []struct {
				ID, Title, Description, Company, Number string
				CreatedAt, LastModified                 time.Time
				AssignedTo, Area                        json.RawMessage
			}
		}
		get("/fsm/WORK/Tasks?fetch=1000", &list)
		titles := map[string]bool{}
		for _, task := range list.Data {
			titles[task.Title] = true
			if strings.ContainsAny(task.Title+task.Description, "{}") || len(task.Description) < 60 || task.Company == "" {
				t.Errorf("%+v", task)
			}
			if task.LastModified.Before(task.CreatedAt) || task.CreatedAt.After(time.Now()) {
				t.Errorf("%s: created %v, changed %v", task.Number, task.CreatedAt, task.LastModified)
			}
			for _, at := range []time.Time{task.CreatedAt, task.LastModified} {
				if hour := at.In(zone).Hour(); (hour < 7 || hour >= 20) && time.Since(at) > time.Hour {
					t.Errorf("%s: nobody works at %v", task.Number, at.In(zone))
				}
			}
		}
		if len(titles) < 60 {
			t.Errorf("%s: %d titles for %d work orders", a.Name, len(titles), len(list.Data))
		}
		var talk struct{ Total int }
		if get("/fsm/WORK/Tasks/"+list.Data[0].ID+"/conversations", &talk); talk.Total == 0 {
			t.Errorf("%s: nothing is said about the newest work order", a.Name)
		}
	}
}
