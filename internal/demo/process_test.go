package demo_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
	"propusk/internal/testenv/program"
)

// The contract's rules are checked on the program itself, from outside: one
// process that most tests share, and one of their own for tests that kill it or
// use up a limit.

var workshop = program.New("rules")

// started holds what the tests of this package start once.
var started struct {
	once   sync.Once
	shared *process
}

func TestMain(m *testing.M) {
	code := m.Run()
	if started.shared != nil {
		_ = started.shared.end(syscall.SIGTERM)
	}
	_ = workshop.Close()
	os.Exit(code)
}

// process is `propusk demo` in a process of its own.
type process struct {
	*testenv.Client

	data string
	cmd  *exec.Cmd
	out  *testenv.Log // standard output and error
	done chan struct{}
	err  error // of the end; read after done
}

// shared gives the process that most tests use. Its test stand is for tests that
// need the default limits untouched.
func shared(t *testing.T) *process {
	t.Helper()
	started.once.Do(func() {
		if _, err := workshop.Program(); err != nil {
			t.Fatal(err)
		}
		started.shared = launch(t, filepath.Join(workshop.Folder(), "data"), filepath.Join(workshop.Folder(), "fixture.json"))
	})
	if started.shared == nil {
		t.Fatal("the shared demo did not start")
	}
	return started.shared
}

// own starts a process for one test; it goes with the test.
func own(t *testing.T) *process {
	t.Helper()
	p := launch(t, filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "fixture.json"))
	t.Cleanup(func() { _ = p.end(syscall.SIGTERM) })
	return p
}

// launch starts the demo on data and waits for its card.
func launch(t *testing.T, data, fixture string) *process {
	t.Helper()
	cmd, err := workshop.Demo(context.Background(), fixture, "--data", data, "--tasks", "200", "--calls", "10")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{data: data, cmd: cmd, out: &testenv.Log{}, done: make(chan struct{})}
	p.cmd.Stderr = p.out
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go p.follow(out, ready)
	select {
	case <-ready:
	case <-time.After(60 * time.Second):
		_ = p.end(syscall.SIGKILL)
		t.Fatalf("the demo is not ready:\n%s", strings.Join(p.out.Lines(), "\n"))
	}
	f, err := demo.ReadFixture(fixture)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(p.out.Lines(), "\n"))
	}
	p.Client = testenv.NewClient(f)
	return p
}

// follow reads the process's output to its end, then waits for it.
func (p *process) follow(out io.Reader, ready chan<- bool) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		_, _ = p.out.Write(append(lines.Bytes(), '\n'))
		if strings.HasPrefix(lines.Text(), program.Ready) {
			ready <- true
		}
	}
	p.err = p.cmd.Wait()
	close(p.done)
	select {
	case ready <- false:
	default:
	}
}

// end sends a signal and waits for the end.
func (p *process) end(signal os.Signal) error {
	_ = p.cmd.Process.Signal(signal)
	<-p.done
	if p.Client != nil {
		p.Close()
	}
	return p.err
}

// again kills the process, as a power cut of the machine's programs would, and
// starts another on the same data.
func (p *process) again(t *testing.T) *process {
	t.Helper()
	_ = p.end(syscall.SIGKILL)
	next := launch(t, p.data, filepath.Join(t.TempDir(), "fixture.json"))
	t.Cleanup(func() { _ = next.end(syscall.SIGTERM) })
	return next
}

// admin runs `propusk admin` beside the process, on an account; its answer is
// JSON.
func (p *process) admin(t *testing.T, a demo.Account, args ...string) string {
	t.Helper()
	args = append([]string{"admin", "--data", p.data, "--stand", string(a.Stand), "--account", a.Contract, "--json"}, args...)
	cmd := exec.CommandContext(t.Context(), p.cmd.Path, args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("propusk %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return out.String()
}

// field gives a text of an admin answer.
func field(t *testing.T, text, name string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	value, ok := members[name].(string)
	if !ok {
		t.Fatalf("no %s in %s", name, text)
	}
	return value
}

// tasks asks for work orders as the bearer of token.
func (p *process) tasks(t *testing.T, stand authority.Stand, token string) testenv.Answer {
	t.Helper()
	return p.Do(t, testenv.Call{Stand: stand, Path: tasksPath + "?fetch=1"}.With(testenv.Bearer(token)...))
}

const (
	tasksPath = "/fsm/WORK/Tasks"
	tokenPath = "/fsm/AUTHZ/AccessTokens"
)

// alive and dead say what a token is worth.
func (p *process) alive(t *testing.T, what, token string) {
	t.Helper()
	if a := p.tasks(t, authority.Production, token); a.Status != 200 {
		t.Errorf("%s: %d %s", what, a.Status, a.Body)
	}
}

func (p *process) dead(t *testing.T, what, token string) {
	t.Helper()
	if a := p.tasks(t, authority.Production, token); a.Status != 401 {
		t.Errorf("%s is still alive: %d", what, a.Status)
	}
}

// exchange shows a service token; refresh a refresh token.
func (p *process) exchange(t *testing.T, secret string) testenv.Answer {
	t.Helper()
	return p.Do(t, testenv.Call{Path: tokenPath, Body: `{"serviceToken":` + testenv.Quote(secret) + `}`})
}

func (p *process) refresh(t *testing.T, secret string) testenv.Answer {
	t.Helper()
	return p.Do(t, testenv.Call{Path: tokenPath, Body: `{"refreshJwt":` + testenv.Quote(secret) + `}`})
}

// pair reads the tokens of an answer that must be 200.
func pair(t *testing.T, a testenv.Answer) testenv.HubEx {
	t.Helper()
	if a.Status != 200 {
		t.Fatalf("no tokens: %d %s", a.Status, a.Body)
	}
	var out testenv.HubEx
	a.JSON(t, &out)
	return out
}

// service makes a service user of its own for a test, with the right to list, and
// gives its id and its token.
func (p *process) service(t *testing.T, a demo.Account, role string) (id, token string) {
	t.Helper()
	made := p.admin(t, a, "service-user", "create", t.Name(), "--role", role, "--all-areas")
	var user struct{ ID json.Number }
	if err := json.Unmarshal([]byte(made), &user); err != nil {
		t.Fatalf("%v in %s", err, made)
	}
	id = user.ID.String()
	return id, field(t, p.admin(t, a, "service-token", id), "secret")
}
