//go:build linux

package torture_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// traced are the system calls that change files.
const traced = "fsync,fdatasync,pwrite64,write,ftruncate,rename,renameat,renameat2,unlink,unlinkat"

// tracer is strace, attached to a running server.
type tracer struct {
	tb    testing.TB
	cmd   *exec.Cmd
	file  string
	said  *text
	ended chan struct{}
}

// attach starts strace on the server with more arguments, and returns once it
// has all threads.
func attach(d *deployment, more ...string) *tracer {
	d.tb.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		d.tb.Fatal("install Debian's package strace")
	}
	t := &tracer{tb: d.tb, file: filepath.Join(d.root, "strace"), said: &text{}, ended: make(chan struct{})}
	args := []string{"-f", "-y", "-o", t.file, "-e", "trace=" + traced}
	args = append(args, more...)
	t.cmd = exec.Command(path, append(args, "-p", strconv.Itoa(d.server.cmd.Process.Pid))...)
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	lines, err := t.cmd.StderrPipe()
	if err != nil {
		d.tb.Fatal(err)
	}
	if err := t.cmd.Start(); err != nil {
		d.tb.Fatal(err)
	}
	attached := make(chan struct{})
	go t.follow(lines, attached)
	select {
	case <-attached:
	case <-t.ended:
		d.tb.Fatalf("strace cannot attach (see kernel.yama.ptrace_scope, or run as root):\n%s", t.said)
	case <-time.After(10 * time.Second):
		d.tb.Fatalf("strace does not attach:\n%s", t.said)
	}
	return t
}

func (t *tracer) follow(lines io.Reader, attached chan struct{}) {
	first := true
	for s := bufio.NewScanner(lines); s.Scan(); {
		t.said.add(s.Text())
		if first && strings.Contains(s.Text(), " attached") {
			first = false
			close(attached)
		}
	}
	_ = t.cmd.Wait() // it ends with the server's signal
	close(t.ended)
}

// detach leaves the server running as before.
func (t *tracer) detach() {
	_ = t.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-t.ended:
	case <-time.After(10 * time.Second):
		t.tb.Fatal("strace does not end")
	}
}

// call matches a finished or begun call on a file of the database; the socket's
// and the log's are none of ours.
var call = regexp.MustCompile(`^\d+ +(\w+)\((?:\d+<[^>]*propusk\.db[^>]*>|"[^"]*propusk\.db[^"]*"|AT_FDCWD)`)

// counts tells how often each call was made on the database's files.
func (t *tracer) counts() map[string]int {
	t.tb.Helper()
	data, err := os.ReadFile(t.file)
	if err != nil {
		t.tb.Fatal(err)
	}
	out := map[string]int{}
	for line := range strings.SplitSeq(string(data), "\n") {
		if m := call.FindStringSubmatch(line); m != nil {
			out[m[1]]++
		}
	}
	return out
}
