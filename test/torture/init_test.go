//go:build linux

package torture_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInitKilled ends `propusk init` at its system calls: a second one does the
// rest without a hand's help, and the server starts. TestTortureInit does so at
// each call.
func TestInitKilled(t *testing.T) {
	t.Parallel()
	initKilled(t, func(call string, n int) bool { return call != "pwrite64" && n == 1 })
}

// initKilled asks want where to kill; it ends at the first call that is not
// made.
func initKilled(t *testing.T, want func(call string, n int) bool) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("install Debian's package strace")
	}
	path, err := workshop.Program()
	if err != nil {
		t.Fatal(err)
	}
	rounds, longest := 0, ""
	for call := range strings.SplitSeq("fsync,fdatasync,pwrite64,ftruncate,renameat,renameat2,linkat,unlinkat,fchmodat", ",") {
		for n := 1; want(call, n) && !t.Failed(); n++ {
			root := filepath.Join(workFolder(t), "root")
			if err := os.Mkdir(root, 0o700); err != nil {
				t.Fatal(err)
			}
			first := exec.Command(strace, "-f", "-qqq", "-o", os.DevNull, "-e", "trace="+call,
				"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), path, "init", "--data", filepath.Join(root, "data"))
			first.Env = append(os.Environ(), "GOMAXPROCS=1")
			if out, err := first.CombinedOutput(); err == nil {
				break // all of them were made, or none
			} else if len(out) > 0 {
				t.Logf("%s %d: %s", call, n, out)
			}
			rounds++
			longest = fmt.Sprint(call, " ", n)
			deploy(t, root, filepath.Join(root, "data"), "").start()
		}
	}
	if rounds == 0 {
		t.Error("nothing was killed")
	}
	t.Logf("killed %d times, last at %s", rounds, longest)
}
