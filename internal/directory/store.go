package directory

import (
	"context"
	"errors"

	"propusk/internal/authority"
)

// ErrIDTaken says that a random id met an existing one; try others.
var ErrIDTaken = errors.New("directory: id taken")

// Bounds of what an account may have.
const (
	MaxPage       = 1000 // rows of one page
	MaxExtensions = 10_000
	MaxEvents     = 50 // of an extension
)

// Query says which extensions a list holds, sorted by their numbers, and which
// page of it is wanted. The zero value of each filter finds everything.
type Query struct {
	Kind    Kind
	Blocked *bool
	Offset  int
	Limit   int // 1–MaxPage
}

// Store keeps extensions. Each method is one transaction, durable when it
// returns; on an error nothing has happened. What is of another account is
// NotFound and in no list. Safe for concurrent use.
type Store interface {
	// Extensions reads a page.
	Extensions(ctx context.Context, account authority.ID, q Query) ([]Extension, error)
	// Extension reads one.
	Extension(ctx context.Context, account, id authority.ID) (Extension, error)
	// ExtensionOf finds the first that is a user's; NotFound for none.
	ExtensionOf(ctx context.Context, account, user authority.ID) (Extension, error)
	// PutExtension writes ch.Extension's row: a new one, or with Rule what that
	// makes of the row. Conflict when the number is taken or there are too many,
	// Unprocessable when the user is none of the account.
	PutExtension(ctx context.Context, ch Change) (Extension, error)
	// DeleteExtension takes one away with its events. Calls keep its id.
	DeleteExtension(ctx context.Context, ch Change) error
}

// Events keeps who wants to hear of an extension's calls.
type Events interface {
	// Events reads those of an extension, oldest first.
	Events(ctx context.Context, account, extension authority.ID) ([]Event, error)
	// AddEvent writes one. Conflict when there is the same already, or too many.
	AddEvent(ctx context.Context, ch Change, e Event) error
	// DeleteEvent takes one of an extension away.
	DeleteEvent(ctx context.Context, ch Change, e Event) error
}

// Change asks for something of an account to be written, with its audit entry.
type Change struct {
	Account   authority.ID
	Extension Extension
	Rule      func(Extension) (Extension, error) // nil = Extension is new
	Entry     authority.Entry
}
