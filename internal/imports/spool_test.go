package imports_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"propusk/internal/imports"
)

func TestSpool(t *testing.T) {
	folder := t.TempDir()
	text := strings.Repeat("a secret in a file;", 40_000)
	s, err := imports.NewSpool(t.Context(), folder, iotest.HalfReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		in, err := s.Reader()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err != nil || string(got) != text || s.Size() != int64(len(text)) || s.Passed() != s.Size() {
			t.Errorf("%d of %d bytes come back, %d passed: %v", len(got), len(text), s.Passed(), err)
		}
	}
	if raw, err := os.ReadFile("/proc/self/fd/" + descriptor(t, folder)); err == nil && bytes.Contains(raw, []byte("secret")) {
		t.Error("the file lies readable on the disk")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	empty(t, folder)
}

// descriptor finds the open file that lies in folder; "none" where the system
// does not show it.
func descriptor(t *testing.T, folder string) string {
	t.Helper()
	all, _ := os.ReadDir("/proc/self/fd")
	for _, d := range all {
		if to, err := os.Readlink("/proc/self/fd/" + d.Name()); err == nil && strings.HasPrefix(to, folder) {
			return d.Name()
		}
	}
	return "none"
}

func empty(t *testing.T, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func TestSpoolFails(t *testing.T) {
	folder := t.TempDir()
	broken := errors.New("broken")
	if _, err := imports.NewSpool(t.Context(), folder, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := imports.NewSpool(gone, folder, strings.NewReader(strings.Repeat("x", 1<<20))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := imports.NewSpool(t.Context(), filepath.Join(folder, "missing"), strings.NewReader("")); err == nil {
		t.Error("a spool in no folder")
	}
	empty(t, folder)
}

func TestClearSpools(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "incoming")
	if err := imports.ClearSpools(folder); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"import-1", "import-2"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := imports.ClearSpools(folder); err != nil {
		t.Fatal(err)
	}
	empty(t, folder)
}
