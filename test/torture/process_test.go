//go:build linux

package torture_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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

	"propusk/internal/store"
)

// startLimit is I9: how long a start may take, whatever ended the last run.
const startLimit = 5 * time.Second

// deployment is a data folder with its configuration, and the server on it.
type deployment struct {
	tb     testing.TB
	root   string // of everything; kept when the test fails
	data   string
	config string
	driver string
	env    []string // more environment of the server
	server *process
}

// workFolder gives a folder that is kept when the test fails.
func workFolder(tb testing.TB) string {
	tb.Helper()
	root, err := os.MkdirTemp("", "propusk-torture-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("kept: %s", root)
		} else if err := os.RemoveAll(root); err != nil {
			tb.Error(err)
		}
	})
	return root
}

// configuration lets many failures and many entries pass: limits are tested
// elsewhere. The issuer must outlive the port.
const configuration = `data: %s
database: {driver: %s, dsn: %q}
listen: {production: "127.0.0.1:0", test: "off", console: "off", metrics: "off"}
base_url: {production: "http://127.0.0.1:8080"}
limits:
  refused_attempts: {per_client_and_address: 10000, per_client: 100000, window: 1s}
  audit_entries_per_minute: 100000
`

// deploy initialises a deployment in root, with its data in the folder data;
// dsn is "" for SQLite.
func deploy(tb testing.TB, root, data, dsn string) *deployment {
	tb.Helper()
	d := &deployment{tb: tb, root: root, data: data, config: filepath.Join(root, "propusk.yaml"), driver: store.SQLite}
	if dsn != "" {
		d.driver = store.Postgres
	}
	text := fmt.Sprintf(configuration, d.data, d.driver, dsn)
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	path, err := workshop.Program()
	if err != nil {
		tb.Fatal(err)
	}
	if out, err := exec.Command(path, "init", "--config", d.config).CombinedOutput(); err != nil {
		tb.Fatalf("propusk init: %v\n%s", err, out)
	}
	tb.Cleanup(func() {
		if d.server != nil {
			d.server.kill()
		}
	})
	return d
}

// start starts the server and waits until it serves.
func (d *deployment) start() {
	d.tb.Helper()
	began := time.Now()
	p, err := launch(d)
	if err != nil {
		d.tb.Fatal(err)
	}
	d.server = p
	select {
	case <-p.ready:
		if took := time.Since(began); took > startLimit {
			d.tb.Errorf("I9: the start took %v", took)
		}
	case <-p.ended:
		d.tb.Fatalf("I9: the server does not start:\n%s", p.log)
	case <-time.After(4 * startLimit):
		d.tb.Fatalf("I9: the server is not ready after %v:\n%s", 4*startLimit, p.log)
	}
}

// process is a running server.
type process struct {
	cmd   *exec.Cmd
	log   *text
	base  string        // address, once ready is closed
	ready chan struct{} // it serves
	ended chan struct{} // it is gone, and waited for
}

func launch(d *deployment) (*process, error) {
	path, err := workshop.Program()
	if err != nil {
		return nil, err
	}
	p := &process{
		cmd: exec.Command(path, "serve", "--config", d.config), log: &text{},
		ready: make(chan struct{}), ended: make(chan struct{}),
	}
	p.cmd.Env = append(os.Environ(), d.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	lines, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	kept, err := os.OpenFile(filepath.Join(d.root, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	go func() { defer kept.Close(); p.follow(lines, kept) }()
	return p, nil
}

// follow reads the log to its end and then collects the process.
func (p *process) follow(lines io.Reader, kept io.Writer) {
	for s := bufio.NewScanner(lines); s.Scan(); {
		p.log.add(s.Text())
		fmt.Fprintln(kept, s.Text())
		var line struct{ Msg, Production string }
		if json.Unmarshal(s.Bytes(), &line) == nil && line.Msg == "serving" {
			p.base = "http://" + line.Production
			close(p.ready)
		}
	}
	_ = p.cmd.Wait() // a kill is what we came for
	close(p.ended)
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends the process as the machine's out-of-memory killer would.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// text is a log that several read while it grows.
type text struct {
	mu    sync.Mutex
	lines []string
}

func (t *text) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
}

// after gives the lines from number n on that contain what.
func (t *text) after(n int, what string) (found int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range t.lines[n:] {
		if strings.Contains(line, what) {
			found++
		}
	}
	return found
}

func (t *text) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lines)
}

// String gives the last lines.
func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines[max(0, len(t.lines)-30):], "\n")
}

// sound checks a copy of the database as it was left, so that the server itself
// has to recover the original.
func (d *deployment) sound() {
	d.tb.Helper()
	if d.driver != store.SQLite {
		return
	}
	copied, err := os.MkdirTemp(d.root, "copy-")
	if err != nil {
		d.tb.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(copied) }()
	for _, name := range []string{"propusk.db", "propusk.db-wal"} {
		if err := copyFile(filepath.Join(copied, name), filepath.Join(d.data, name)); err != nil && !os.IsNotExist(err) {
			d.tb.Fatal(err)
		}
	}
	ctx := context.Background()
	db, err := store.Open(ctx, store.Config{Folder: copied})
	if err != nil {
		d.tb.Errorf("I9: %v", err)
		return
	}
	if err := db.Check(ctx); err != nil {
		d.tb.Errorf("I9: %v", err)
	}
	if err := db.Close(); err != nil {
		d.tb.Error(err)
	}
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

// run runs a system command.
func run(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}
