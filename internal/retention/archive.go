package retention

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"propusk/internal/disk"
)

// Archive is a folder that takes what leaves the database: for each account a
// folder named by its id, in it a file of JSON lines for each kind and month,
// such as calls-2026-11.ndjson, and the recordings. Safe for concurrent use;
// several processes need folders of their own.
type Archive struct {
	folder string
	now    func() time.Time
	mu     sync.Mutex
}

// OpenArchive makes the folder if it is missing. now says which month it is.
func OpenArchive(folder string, now func() time.Time) (*Archive, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the archive cannot be made: %w", err)
	}
	return &Archive{folder: folder, now: now}, nil
}

// add writes rows and their bytes; they are on disk when it returns.
func (a *Archive) add(ctx context.Context, of scope, rows []Row, files Files) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	folder := filepath.Join(a.folder, strconv.FormatInt(int64(of.account.ID), 10))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("retention: archive: %w", err)
	}
	var lines []byte
	for _, r := range rows {
		if r.Line != nil {
			lines = append(append(lines, r.Line...), '\n')
		}
		if r.Blob == "" {
			continue
		}
		if err := keepBytes(ctx, files, r, folder); err != nil {
			return fmt.Errorf("retention: archive: %w", err)
		}
	}
	name := string(of.kind) + a.now().UTC().Format("-2006-01") + ".ndjson"
	err := errors.Join(appendLines(filepath.Join(folder, name), lines), disk.SyncFolder(folder), disk.SyncFolder(a.folder))
	if err != nil {
		return fmt.Errorf("retention: archive: %w", err)
	}
	return nil
}

// keepBytes copies a recording. One whose bytes are gone already has nothing to
// keep.
func keepBytes(ctx context.Context, files Files, r Row, folder string) error {
	from, err := files.Open(ctx, r.Blob)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := os.OpenFile(filepath.Join(folder, filepath.Base(r.File)), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Sync(), to.Close())
}

// appendLines adds whole lines behind whatever a crash has left of others.
func appendLines(path string, lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end > 0 {
		last := make([]byte, 1)
		if _, err = f.ReadAt(last, end-1); err == nil && last[0] != '\n' {
			lines = append([]byte{'\n'}, lines...)
		}
	}
	if err == nil {
		_, err = f.Write(lines)
	}
	return errors.Join(err, f.Sync(), f.Close())
}
