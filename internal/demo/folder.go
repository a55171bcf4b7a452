package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"propusk/internal/server"
)

// folder is where a demo keeps its data. A temporary one goes at the end.
type folder struct {
	path      string
	temporary bool
}

// openFolder takes dir for the demo, or a temporary folder when dir is empty.
// What is no demo folder must be empty: nothing of somebody else's is touched.
func openFolder(dir string) (folder, error) {
	if dir == "" {
		path, err := os.MkdirTemp("", "propusk-demo-")
		if err != nil {
			return folder{}, err
		}
		f := folder{path, true}
		return f, f.mark()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return folder{}, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	f := folder{path: dir}
	if _, err := os.Stat(f.fixture()); !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return f, err
	}
	if len(found) > 0 {
		return f, fmt.Errorf("%s holds something else than a demo: name an empty or a new folder", dir)
	}
	return f, f.mark()
}

// mark makes the folder the demo's before anything lies in it.
func (f folder) mark() error { return (&Fixture{}).Write(f.fixture()) }

func (f folder) fixture() string { return filepath.Join(f.path, server.DemoFixture) }

func (f folder) close() error {
	if f.temporary {
		return os.RemoveAll(f.path)
	}
	return nil
}
