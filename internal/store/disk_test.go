//go:build linux

package store_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// TestDiskFails is B80 and a part of B78: errors of the disk and kills at its
// system calls. What was acknowledged is there afterwards, what failed was
// said, and work goes on when the disk does.
func TestDiskFails(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("install Debian's package strace")
	}
	for _, test := range []struct {
		inject string
		fails  bool // some write is told that it failed
		ends   bool // and later ones are kept again
	}{
		{"fdatasync,fsync:error=EIO:when=4..5", true, true},
		{"fdatasync,fsync:error=EIO:when=4+", true, false},
		{"pwrite64:error=ENOSPC:when=30..33", true, true},
		{"pwrite64:error=ENOSPC:when=30+", true, false},
		{"pwrite64:error=EIO:when=31", true, true},
		{"fdatasync,fsync:signal=KILL:when=9", false, false},
		{"pwrite64:signal=KILL:when=41", false, false},
		{"pwrite64:signal=KILL:when=42", false, false},
	} {
		t.Run(test.inject, func(t *testing.T) {
			folder := t.TempDir()
			prepare(t, folder)
			child := exec.Command(strace, "-f", "-qqq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync,pwrite64",
				"-e", "inject="+test.inject, os.Args[0])
			child.Env = append(os.Environ(), childFolder+"="+folder, "GOMAXPROCS=1")
			out, _ := child.Output() // a kill is no failure of the test
			told := strings.Split(string(out), "\n")
			kept := acknowledged(told)
			if len(kept) == 0 || slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, "failed") }) != test.fails {
				t.Errorf("the fault did not strike as meant:\n%s", out)
			}
			if (len(kept) == tellRows) != test.ends {
				t.Errorf("%d rows kept", len(kept))
			}
			db := storetest.OpenConfig(t, store.Config{Folder: folder})
			there := names(t, db)
			for _, row := range kept {
				if !slices.Contains(there, row) {
					t.Errorf("%s was acknowledged and is lost", row)
				}
			}
			if err := db.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// prepare makes the table, in a database that is closed again.
func prepare(t *testing.T, folder string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	items(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func acknowledged(told []string) (kept []string) {
	for _, line := range told {
		if row, ok := strings.CutPrefix(line, "kept "); ok {
			kept = append(kept, row)
		}
	}
	return kept
}
