// Package program builds propusk as a stranger does and runs it, for tests that
// meet the real binary from outside. It imports nothing of ours: who wants the
// server inside the test's process takes package testenv.
package program

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Ready is how the line begins with which a demo says that it serves.
const Ready = "Ctrl-C stops it."

// Workshop is a folder with the built program in it, for all tests of a process;
// they may put there what else they share. It is made when the program is first
// asked for. Safe for concurrent use.
type Workshop struct {
	name   string
	once   sync.Once
	folder string
	err    error
}

// New gives a workshop whose folder is named after its tests. TestMain closes it.
func New(name string) *Workshop { return &Workshop{name: name} }

// Program gives the path of the program. It is built once.
func (w *Workshop) Program() (string, error) {
	w.once.Do(func() { w.err = w.build() })
	return filepath.Join(w.folder, "propusk"), w.err
}

func (w *Workshop) build() (err error) {
	if w.folder, err = os.MkdirTemp("", "propusk-"+w.name+"-"); err != nil {
		return err
	}
	file := filepath.Join(w.folder, "propusk")
	if out, err := exec.Command("go", "build", "-o", file, "propusk/cmd/propusk").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// Folder is where the program lies, once there is one.
func (w *Workshop) Folder() string { return w.folder }

// Close takes the folder away.
func (w *Workshop) Close() error { return os.RemoveAll(w.folder) }

// Demo is the command that starts a demo on free ports and writes its fixture.
// It ends with ctx at the latest.
func (w *Workshop) Demo(ctx context.Context, fixture string, more ...string) (*exec.Cmd, error) {
	file, err := w.Program()
	if err != nil {
		return nil, err
	}
	args := []string{
		"demo", "--fixture", fixture,
		"--listen", "127.0.0.1:0", "--listen-test", "127.0.0.1:0", "--listen-console", "127.0.0.1:0",
	}
	return exec.CommandContext(ctx, file, append(args, more...)...), nil
}

// Until reads lines up to one that begins with last, which it gives too; false
// when the output ends before.
func Until(out io.Reader, last string) (lines []string, ok bool) {
	for in := bufio.NewScanner(out); in.Scan(); {
		lines = append(lines, in.Text())
		if strings.HasPrefix(in.Text(), last) {
			return lines, true
		}
	}
	return lines, false
}
