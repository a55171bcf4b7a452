package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"propusk/internal/disk"
)

const (
	fan        = 2     // characters of a name that name its folder: 1024 of them
	unfinished = "tmp" // folder of files that are being written
	mine       = 0o700
)

// Folder is a Store in a folder of a disk. It belongs to one process.
type Folder struct {
	root string
	mu   sync.Mutex
	made map[string]bool // folders that are known to be on disk
}

var _ Store = (*Folder)(nil)

// OpenFolder makes a Folder of path, which is made with mode 0700 when it is
// missing, and throws away what a process that died left unfinished.
func OpenFolder(path string) (*Folder, error) {
	f := &Folder{root: path, made: make(map[string]bool)}
	if err := os.RemoveAll(f.unfinished()); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if err := os.MkdirAll(f.unfinished(), mine); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return f, errors.Join(disk.SyncFolder(path), disk.SyncFolder(filepath.Dir(path)))
}

func (f *Folder) unfinished() string { return filepath.Join(f.root, unfinished) }

// path gives where the blob of a checked name lies.
func (f *Folder) path(name string) string { return filepath.Join(f.root, name[:fan], name[fan:]) }

// Put implements Store: the bytes, the name and the folder are on disk, in this
// order, before it returns.
func (f *Folder) Put(ctx context.Context, r io.Reader) (name string, size int64, err error) {
	name = newName()
	temporary := filepath.Join(f.unfinished(), name)
	if size, err = write(ctx, temporary, r); err == nil {
		err = f.publish(temporary, name)
	}
	if err != nil {
		return "", 0, errors.Join(fmt.Errorf("blob: put: %w", err), remove(temporary))
	}
	return name, size, nil
}

// write makes a new file of what r gives and waits until it is on disk.
func write(ctx context.Context, path string, r io.Reader) (int64, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(file, reader{ctx, r})
	return size, errors.Join(err, file.Sync(), file.Close())
}

func (f *Folder) publish(temporary, name string) error {
	path := f.path(name)
	if err := f.makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(path))
}

func (f *Folder) makeFolder(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.made[path] {
		return nil
	}
	if err := os.Mkdir(path, mine); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := disk.SyncFolder(f.root); err != nil {
		return err
	}
	f.made[path] = true
	return nil
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("blob: open: %w", err)
	}
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return file, nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, name string) error {
	if checkName(name) == nil {
		return remove(f.path(name))
	}
	return nil // there is no such blob
}

// Walk implements Store. What does not look like a blob is passed over.
func (f *Folder) Walk(ctx context.Context, fn func(Info) error) error {
	folders, err := os.ReadDir(f.root)
	if err != nil {
		return fmt.Errorf("blob: walk: %w", err)
	}
	for _, folder := range folders {
		if !folder.IsDir() || len(folder.Name()) != fan {
			continue
		}
		if err := f.walk(ctx, folder.Name(), fn); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) walk(ctx context.Context, folder string, fn func(Info) error) error {
	files, err := os.ReadDir(filepath.Join(f.root, folder))
	if err != nil {
		return fmt.Errorf("blob: walk: %w", err)
	}
	for _, file := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name := folder + file.Name()
		known, err := file.Info()
		if err != nil || checkName(name) != nil || !known.Mode().IsRegular() {
			continue // gone meanwhile, or not ours
		}
		if err := fn(Info{Name: name, Size: known.Size(), Written: known.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}
