//go:build unix

// Package browser_test uses Propusk's pages as people do: in a real Chromium,
// in both languages and themes, at a desk and on a small telephone. The tests
// are the files *.test.mjs here, run by Node.js with playwright-core and
// axe-core; this package builds the program, starts a demo that they share, and
// runs each file as one test. lib holds what they have in common: read
// lib/browser.mjs and lib/inspect.mjs before writing one.
package browser_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"propusk/internal/testenv/program"
)

// patience bounds how long one file may take, on a machine that has much else
// to do.
const patience = 12 * time.Minute

var workshop = program.New("browser")

func TestMain(m *testing.M) {
	code := m.Run()
	if err := company.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	_ = workshop.Close()
	os.Exit(code)
}

// shared is the demo that all files share. It starts when the first of them
// needs it.
type shared struct {
	tasks, calls string // how many an account has

	once    sync.Once
	cmd     *exec.Cmd
	fixture string
	err     error
	words   strings.Builder // what it complained of; read when it has ended
}

var company = shared{tasks: "160", calls: "240"}

// start gives the path of the running demo's fixture.
func (s *shared) start() (string, error) {
	s.once.Do(func() { s.err = s.run() })
	return s.fixture, s.err
}

func (s *shared) run() error {
	_, err := workshop.Program()
	if err != nil {
		return err
	}
	s.fixture = filepath.Join(workshop.Folder(), "fixture.json")
	if s.cmd, err = workshop.Demo(context.Background(), s.fixture, "--tasks", s.tasks, "--calls", s.calls); err != nil {
		return err
	}
	s.cmd.Stderr = &s.words
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	if _, ok := program.Until(out, program.Ready); ok {
		return nil
	}
	return errors.Join(errors.New("the demo did not start"), s.cmd.Wait(), errors.New(s.words.String()))
}

// stop ends the demo, if it runs, and reports how it took that.
func (s *shared) stop() error {
	if s.cmd == nil || s.cmd.Process == nil || s.cmd.ProcessState != nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("the demo ended before the tests did: %w\n%s", err, s.words.String())
	}
	kill := time.AfterFunc(time.Minute, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("the demo: %w\n%s", err, s.words.String())
	}
	return nil
}

// runFile runs one file of tests beside the shared demo. What it prints is
// shown if it fails; a file in which nothing ran has failed.
func runFile(t *testing.T, file string, settings ...string) {
	t.Helper()
	propusk, err := workshop.Program()
	if err != nil {
		t.Fatal(err)
	}
	fixture, err := company.start()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test-reporter=spec", file)
	cmd.Env = append(cmd.Environ(), "PROPUSK_PROGRAM="+propusk, "PROPUSK_FIXTURE="+fixture,
		"PROPUSK_WORKSHOP="+workshop.Folder(), "TMPDIR="+workshop.Folder())
	cmd.Env = append(cmd.Env, settings...)
	// It ends its browser when it is asked to stop.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, out)
	}
	for _, count := range []string{"ℹ pass 0\n", "ℹ tests 0\n"} {
		if strings.Contains(string(out), count) {
			t.Errorf("%s: nothing ran\n%s", file, out)
		}
	}
	for _, none := range []string{"ℹ skipped 0\n", "ℹ todo 0\n", "ℹ cancelled 0\n"} {
		if !strings.Contains(string(out), none) {
			t.Errorf("%s: not everything ran\n%s", file, out)
		}
	}
	t.Logf("%s", out)
}
