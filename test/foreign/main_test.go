//go:build unix

// Package foreign_test calls Propusk with programs that others wrote: curl,
// Python's requests, Authlib and PyJWT, Postman's newman, Node's jose and
// openid-client, Go's oauth2, nginx; and it runs what the documents tell their readers to run. Everything
// here meets the real binary, as a stranger does.
package foreign_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"propusk/internal/demo"
	"propusk/internal/testenv/fake"
)

// patience bounds how long a program may take for what it takes a second for
// on a machine that has nothing else to do.
const patience = 2 * time.Minute

// root is the checkout.
const root = "../.."

// workshop is a folder for what all tests use. TestMain makes and removes it.
var workshop string

func TestMain(m *testing.M) {
	var err error
	if workshop, err = os.MkdirTemp("", "propusk-foreign-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(workshop)
	os.Exit(code)
}

// propusk builds the program, once, and gives its path.
var propusk = sync.OnceValues(func() (string, error) {
	file := filepath.Join(workshop, "propusk")
	build := exec.Command("go", "build", "-o", file, "./cmd/propusk")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

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
	file, err := propusk()
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
	var out []string
	for in := bufio.NewScanner(s.out); in.Scan(); {
		out = append(out, in.Text())
		if strings.HasPrefix(in.Text(), last) {
			return out
		}
	}
	t.Fatalf("the program ended before it printed %q:\n%s\n%s", last, strings.Join(out, "\n"), s.errors)
	return nil
}

// runDemo starts a demo and gives its fixture.
func runDemo(t *testing.T) *demo.Fixture {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fixture.json")
	p := start(t, exec.Command(binary(t), "demo", "--fixture", file, "--tasks", "120", "--calls", "200",
		"--listen", "127.0.0.1:0", "--listen-test", "127.0.0.1:0", "--listen-console", "127.0.0.1:0"))
	p.lines(t, "Ctrl-C stops it.")
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
