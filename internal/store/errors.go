package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"time"

	"propusk/internal/authority"
)

// ErrNoRows is what Row.Scan returns when the statement gave no row.
var ErrNoRows = sql.ErrNoRows

// ErrConflict is what a statement returns, wrapped in an *authority.Error with
// Code Conflict, when a unique value is taken.
var ErrConflict = errors.New("store: unique value taken")

// errDefect marks wrong use of this package: a second statement while rows are
// open, a value of a type that no column takes.
var errDefect = errors.New("store: wrong use")

// retryAfter is what a client is told when storage is away.
const retryAfter = time.Second

// trouble says what a driver's error means for the connection it came from.
type trouble uint8

const (
	plain    trouble = iota // a defect in the statement; the connection is fine
	conflict                // a unique value is taken
	badValue                // the database refuses the value itself
	busy                    // this transaction cannot be done now; the connection is fine
	broken                  // the connection must not be used again
)

// wrap gives err the form that leaves this package.
func (t trouble) wrap(err error) error {
	switch t {
	case conflict:
		return authority.Wrap(authority.Conflict, "the value is already taken", errors.Join(ErrConflict, err))
	case badValue:
		return authority.Wrap(authority.InvalidValue, "the text cannot be stored", err)
	case busy, broken:
		return unavailable("storage is not available", err)
	case plain:
	}
	return err
}

func unavailable(message string, cause error) *authority.Error {
	e := authority.Wrap(authority.Unavailable, message, cause)
	e.RetryAfter = retryAfter
	return e
}

// cancelled is the answer to a caller that gave up before its turn.
func cancelled(ctx context.Context) error {
	return authority.Wrap(authority.Unavailable, "the request was cancelled", context.Cause(ctx))
}

// lost reports the errors of a connection that is gone, whatever the engine.
func lost(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.As(err, &network) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
