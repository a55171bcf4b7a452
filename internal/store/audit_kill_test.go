//go:build linux

package store_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"propusk/internal/audit"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// A kill at whatever system call leaves a chain that is whole, and that goes on.
func TestKilledAuditIsWhole(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("install Debian's package strace")
	}
	for _, inject := range []string{"fdatasync,fsync:signal=KILL:when=8", "pwrite64:signal=KILL:when=60", "pwrite64:signal=KILL:when=61"} {
		t.Run(inject, func(t *testing.T) {
			folder := t.TempDir()
			db := storetest.OpenConfig(t, store.Config{Folder: folder})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			child := exec.Command(strace, "-f", "-qqq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync,pwrite64", "-e", "inject="+inject, os.Args[0])
			child.Env = append(os.Environ(), childFolder+"="+folder, childAudits+"=1", "GOMAXPROCS=1")
			out, err := child.Output()
			told := strings.Count(string(out), "kept")
			if err == nil || told == 0 {
				t.Fatalf("it was not killed, or too early: %d kept, %v", told, err)
			}
			s := &sealed{t: t, db: storetest.OpenConfig(t, store.Config{Folder: folder}), sealer: audit.NewSealer(fixedKey{})}
			s.must(s.db.SealAudit(context.Background(), s.sealer))
			acts := 0
			s.must(s.db.ReadOne(context.Background(), func(tx *store.Tx) error {
				return tx.QueryRow(`SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM audit`).Scan(&acts)
			}))
			if acts < told {
				t.Errorf("%d acts were acknowledged, %d are there", told, acts)
			}
			s.add(1, 2)
			if r := s.verify(); r.Altered+r.Missing+r.Unknown > 0 || r.Entries == 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}
