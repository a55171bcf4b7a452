//go:build unix

// Package foreign_test calls Propusk with programs that others wrote: curl,
// Python's requests, Authlib and PyJWT, Postman's newman, Node's jose and
// openid-client, Go's oauth2, nginx; and it runs what the documents tell their readers to run. Everything
// here meets the real binary, as a stranger does.
package foreign_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"propusk/internal/demo"
	"propusk/internal/testenv/fake"
	"propusk/internal/testenv/program"
)

// patience bounds how long a program may take for what it takes a second for
// on a machine that has nothing else to do.
const patience = 2 * time.Minute

// root is the checkout.
const root = "../.."

var workshop = program.New("foreign")

func TestMain(m *testing.M) {
	code := m.Run()
	_ = workshop.Close()
	os.Exit(code)
}

// long leaves the test out of a short run.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the programs of make deps")
	}
}

// binary gives the path of the built program.
func binary(t *testing.T) string {
	t.Helper()
	long(t)
	file, err := workshop.Program()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// need gives the path of a foreign program. A missing one is a failure.
func need(t *testing.T, program, debian string) string {
	t.Helper()
	file, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is missing: install the Debian package %s, or run make deps", program, debian)
	}
	return file
}

// needNode gives the absolute path of what npm ci has installed in a folder
// beside this one.
func needNode(t *testing.T, folder, file string) string {
	t.Helper()
	at, err := filepath.Abs(filepath.Join("..", folder, "node_modules", file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(at); err != nil {
		t.Fatalf("%s is missing: run npm ci in test/%s, or make deps", at, folder)
	}
	return at
}

// started is a running program.
type started struct {
	out    io.Reader // its standard output
	errors *fake.Log // its standard error
}

// start runs a program in a process group of its own until the test ends, and
// asks that it then stops without complaint.
func start(t *testing.T, cmd *exec.Cmd) started {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	complaints := &fake.Log{}
	cmd.Stderr = complaints
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The whole group: `go run` does not hand a signal on.
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Errorf("%s ended before the test did: %v", cmd.Path, err)
		}
		kill := time.AfterFunc(patience, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		defer kill.Stop()
		_, _ = io.Copy(io.Discard, out)
		err := cmd.Wait()
		if t.Failed() {
			t.Logf("%s: %v\n%s", cmd.Path, err, complaints)
		}
	})
	return started{out: out, errors: complaints}
}

// lines reads standard output until a line that begins with last, which the
// result includes.
func (s started) lines(t *testing.T, last string) []string {
	t.Helper()
	out, ok := program.Until(s.out, last)
	if !ok {
		t.Fatalf("the program ended before it printed %q:\n%s\n%s", last, strings.Join(out, "\n"), s.errors)
	}
	return out
}

// runDemo starts a demo and gives its fixture.
func runDemo(t *testing.T) *demo.Fixture {
	t.Helper()
	long(t)
	file := filepath.Join(t.TempDir(), "fixture.json")
	cmd, err := workshop.Demo(context.WithoutCancel(t.Context()), file, "--tasks", "120", "--calls", "200")
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd).lines(t, program.Ready)
	f, err := demo.ReadFixture(file)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// command is a program that may take patience at most.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, name, args...)
}

// output runs a program to its end and gives its standard output.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd.Args[0], err, &out, &complaints)
	}
	return out.String()
}
