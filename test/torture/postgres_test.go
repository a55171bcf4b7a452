//go:build linux

package torture_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server of our own, to be ended in bad ways.
type cluster struct {
	tb     testing.TB
	bin    string
	root   string
	attr   *syscall.SysProcAttr
	server *exec.Cmd
	ended  chan struct{}
	log    bytes.Buffer
}

// newCluster initialises and starts a server whose files lie in root/pg.
func newCluster(tb testing.TB, root string) *cluster {
	tb.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		if path, err := exec.LookPath("initdb"); err == nil {
			found = append(found, path)
		} else {
			tb.Fatal("install Debian's package postgresql")
		}
	}
	slices.Sort(found)
	c := &cluster{tb: tb, bin: filepath.Dir(found[len(found)-1]), root: filepath.Join(root, "pg")}
	if err := os.Mkdir(c.root, 0o700); err != nil {
		tb.Fatal(err)
	}
	c.attr = c.account(root)
	initdb := c.command("initdb", "-D", c.data(), "-U", "propusk", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	c.start()
	tb.Cleanup(func() { c.kill(syscall.SIGQUIT) })
	return c
}

func (c *cluster) data() string { return filepath.Join(c.root, "data") }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = c.root, c.attr
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	return cmd
}

// account gives whom the server runs as: PostgreSQL refuses to run as root.
func (c *cluster) account(root string) *syscall.SysProcAttr {
	c.tb.Helper()
	attr := &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() != 0 {
		return attr
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		c.tb.Fatal(err)
	}
	uid, errU := strconv.Atoi(u.Uid)
	gid, errG := strconv.Atoi(u.Gid)
	if errU != nil || errG != nil {
		c.tb.Fatal(errU, errG)
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chmod(root, 0o711); err != nil { // the server passes through
		c.tb.Fatal(err)
	}
	if err := os.Chown(c.root, uid, gid); err != nil {
		c.tb.Fatal(err)
	}
	return attr
}

func (c *cluster) dsn() string {
	return "host=" + c.root + " port=5432 user=propusk dbname=postgres sslmode=disable"
}

// start starts the server; after a kill it waits for the last of its former
// processes to go.
func (c *cluster) start() {
	c.tb.Helper()
	giveUp := time.Now().Add(30 * time.Second)
	for time.Now().Before(giveUp) {
		c.launch()
		if c.answers(giveUp) {
			return
		}
		pause(context.Background(), 100*time.Millisecond)
	}
	c.tb.Fatalf("PostgreSQL does not start:\n%s", c.log.String())
}

func (c *cluster) launch() {
	c.tb.Helper()
	c.server = c.command("postgres", "-D", c.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+c.root,
		"-c", "port=5432", "-c", "max_connections=100", "-c", "shared_buffers=32MB", "-c", "fsync=on")
	c.log.Reset()
	c.server.Stdout, c.server.Stderr = &c.log, &c.log
	if err := c.server.Start(); err != nil {
		c.tb.Fatal(err)
	}
	ended := make(chan struct{})
	c.ended = ended
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(ended) }(c.server)
}

// answers waits until the server takes connections; false when it has ended.
func (c *cluster) answers(giveUp time.Time) bool {
	ctx, cancel := context.WithDeadline(context.Background(), giveUp)
	defer cancel()
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, c.dsn())
		if err == nil {
			return conn.Close(ctx) == nil
		}
		select {
		case <-c.ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false
}

// kill ends the server: SIGKILL leaves its other processes to notice by
// themselves, SIGQUIT is its own stop without a checkpoint.
func (c *cluster) kill(s syscall.Signal) {
	_ = c.server.Process.Signal(s)
	<-c.ended
}

// freeze stops all processes of the server where they are, and gives them.
func (c *cluster) freeze() []int {
	main := c.server.Process.Pid
	_ = syscall.Kill(main, syscall.SIGSTOP) // it starts no further ones
	all := []int{main}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", main, main))
	if err != nil {
		c.tb.Fatal(err)
	}
	for field := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			c.tb.Fatal(err)
		}
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		all = append(all, pid)
	}
	return all
}

// killPostgres ends our server with SIGKILL under load, in some rounds
// PostgreSQL, in some both.
func killPostgres(t *testing.T, rounds int) {
	root := workFolder(t)
	c := newCluster(t, root)
	d := deploy(t, root, filepath.Join(root, "data"), c.dsn())
	w := populate(d)
	for range rounds {
		span := w.between(20*time.Millisecond, 700*time.Millisecond)
		switch w.rounds % 4 {
		case 1:
			w.load(span, func() { c.kill(syscall.SIGKILL); <-d.server.ended })
			c.start()
		case 3:
			w.load(span, func() { c.kill(syscall.SIGQUIT); d.server.kill() })
			c.start()
		default:
			w.load(span, d.server.kill)
		}
		w.start()
		w.verify(w.rounds == rounds)
		if t.Failed() {
			t.Log(fmt.Sprint("PostgreSQL said:\n", c.log.String()))
			break
		}
	}
	w.report(t.Name())
}
