// Package blob keeps the bytes of files that are too large for the database,
// such as recordings, under names that it makes itself: no name from outside
// ever reaches a disk or a bucket. What a file is, whose it is and what it was
// called is known by whoever stored it.
//
// Folder keeps them on a disk; Store is what another place, such as an S3
// bucket, has to do. It knows neither HTTP nor SQL.
package blob

import (
	"context"
	"crypto/rand"
	"io"
	"io/fs"
	"strings"
	"time"
)

// Store keeps blobs. A blob never changes. Safe for concurrent use.
type Store interface {
	// Put writes what r gives, durably when it returns, and tells its new name
	// and its size. On an error nothing is there.
	Put(ctx context.Context, r io.Reader) (name string, size int64, err error)
	// Open reads a blob; fs.ErrNotExist for none. Seeking costs nothing before
	// the next Read: a store behind a network asks for that range then. A blob
	// that is deleted while it is open may be read to its end.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete takes a blob away; one that is not there is no error.
	Delete(ctx context.Context, name string) error
	// Walk calls fn for every blob, in no order, until fn fails.
	Walk(ctx context.Context, fn func(Info) error) error
}

// Info is what a Store knows of a blob.
type Info struct {
	Name    string
	Size    int64
	Written time.Time
}

// nameChars is the length of a name: 130 random bits in base 32.
const nameChars = 26

// newName makes a name: lower-case letters and digits, so that it is the same on
// every file system.
func newName() string { return strings.ToLower(rand.Text()) }

// checkName refuses what newName cannot have made, before it is part of a path.
func checkName(name string) error {
	if len(name) != nameChars || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return fs.ErrNotExist
	}
	return nil
}
