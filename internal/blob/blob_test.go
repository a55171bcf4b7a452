package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"propusk/internal/blob"
)

func open(t *testing.T) (*blob.Folder, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recordings")
	f, err := blob.OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	return f, path
}

func put(t *testing.T, f blob.Store, text string) string {
	t.Helper()
	name, size, err := f.Put(t.Context(), strings.NewReader(text))
	if err != nil || size != int64(len(text)) {
		t.Fatal(name, size, err)
	}
	return name
}

func TestABlobIsReadDeletedAndGone(t *testing.T) {
	f, path := open(t)
	name := put(t, f, "hello, world")
	r, err := f.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is of one that is not there
		if err := f.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := io.ReadAll(r); string(text) != "world" || err != nil {
		t.Errorf("%q %v: an open blob is read to its end", text, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if left := filesOf(t, path); len(left) != 0 {
		t.Error(left)
	}
}

// filesOf lists what lies under path.
func filesOf(t *testing.T, path string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A name that Put has not made never reaches the disk.
func TestForeignNames(t *testing.T) {
	f, path := open(t)
	if err := os.WriteFile(filepath.Join(path, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", "a", "../secret", "secret", "..", strings.Repeat(".", 26), strings.Repeat("../", 8) + "ab", strings.Repeat("A", 26),
		strings.Repeat("a", 25) + "/", strings.Repeat("a", 25) + "\x00", `..\..\..\..\..\..\..\secret`, strings.Repeat("a", 27),
	} {
		if _, err := f.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
		if err := f.Delete(t.Context(), name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if left := filesOf(t, path); len(left) != 1 {
		t.Error(left)
	}
}

func TestAFailedPutLeavesNothing(t *testing.T) {
	f, path := open(t)
	broken := errors.New("broken")
	if _, _, err := f.Put(t.Context(), io.MultiReader(strings.NewReader("half"), failing{broken})); !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.Put(ctx, strings.NewReader("late")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left := filesOf(t, path); len(left) != 0 {
		t.Error(left)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// What a process that died was writing is thrown away at the next start; what it
// had written stays.
func TestOpenAgain(t *testing.T) {
	f, path := open(t)
	name := put(t, f, "kept")
	if err := os.WriteFile(filepath.Join(path, "tmp", "half"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := blob.OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if text, err := io.ReadAll(r); string(text) != "kept" || err != nil {
		t.Error(text, err)
	}
	if left := filesOf(t, path); len(left) != 1 {
		t.Error(left)
	}
	for _, folder := range []string{path, filepath.Join(path, name[:2])} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Error(folder, info, err)
		}
	}
}

func TestSweep(t *testing.T) {
	f, path := open(t)
	var names []string
	for range 3 {
		names = append(names, put(t, f, "x"))
	}
	if err := os.WriteFile(filepath.Join(path, names[0][:2], "stranger"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unknown := func(_ context.Context, asked []string) ([]string, error) {
		return slices.DeleteFunc(slices.Clone(asked), func(n string) bool { return n == names[1] }), nil
	}
	if n, err := blob.Sweep(t.Context(), f, time.Now().Add(-time.Hour), unknown); n != 0 || err != nil {
		t.Error("young ones stay", n, err)
	}
	if n, err := blob.Sweep(t.Context(), f, time.Now().Add(time.Hour), unknown); n != 2 || err != nil {
		t.Error(n, err)
	}
	var left []blob.Info
	if err := f.Walk(t.Context(), func(i blob.Info) error { left = append(left, i); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Name != names[1] || left[0].Size != 1 {
		t.Error(left)
	}
}

func TestALargeBlob(t *testing.T) {
	f, _ := open(t)
	text := bytes.Repeat([]byte("0123456789"), 1<<18)
	name := put(t, f, string(text))
	r, err := f.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text) {
		t.Error(len(got), err)
	}
}
