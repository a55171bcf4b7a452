package calls

import (
	"context"
	"errors"
	"io"

	"propusk/internal/authority"
)

// ErrIDTaken says that a random id met an existing one; try others.
var ErrIDTaken = errors.New("calls: id taken")

// Store keeps calls. Each method is one transaction, durable when it returns; on
// an error nothing has happened. What is of another account is NotFound and in
// no list. Safe for concurrent use.
type Store interface {
	// Calls reads a page. Numbers in q are keys of NumberKey.
	Calls(ctx context.Context, account authority.ID, q Query) (Page, error)
	// Call reads one call.
	Call(ctx context.Context, account, id authority.ID) (Call, error)
	// Recordings reads a page.
	Recordings(ctx context.Context, account authority.ID, q RecordingQuery) (RecordingPage, error)
	// Recording reads one recording.
	Recording(ctx context.Context, account, id authority.ID) (Recording, error)
	// KnownCalls tells which of the source's ids the account has already.
	KnownCalls(ctx context.Context, account authority.ID, keys []SourceKey) (map[SourceKey]bool, error)
	// AddCalls writes those calls of a that the account does not have yet, with
	// their recordings, and gives the others' keys. ErrIDTaken when an id is.
	AddCalls(ctx context.Context, a Addition) (known map[SourceKey]bool, err error)
	// DeleteRecording takes a recording away and gives what it was.
	DeleteRecording(ctx context.Context, r Removal) (Recording, error)
}

// SourceKey names a call by what told of it.
type SourceKey struct{ Source, ID string }

// Key is what c is known by where it comes from.
func (c Call) Key() SourceKey { return SourceKey{c.Source, c.SourceID} }

// Addition asks for calls to be written. Every id in it is new.
type Addition struct {
	Account authority.ID
	Calls   []Call
	Entry   authority.Entry
}

// Removal asks for a recording to be deleted.
type Removal struct {
	Account, ID authority.ID
	Entry       authority.Entry
}

// Files keeps the bytes of recordings under names of its own; blob.Store does. A
// name that it does not have is fs.ErrNotExist.
type Files interface {
	// Put writes what r gives, durably, and tells its name and size.
	Put(ctx context.Context, r io.Reader) (name string, size int64, err error)
	// Open reads it.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete takes it away; one that is not there is no error.
	Delete(ctx context.Context, name string) error
}
