package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"propusk/internal/authority"
)

// Tx runs statements inside one transaction. It lives as long as the function
// it was given to, and has one user at a time. A statement that fails ends it:
// every later statement returns the first error again.
type Tx struct {
	ctx     context.Context // what statements run on
	session *session
	now     func() time.Time
	writes  bool
	single  bool // one statement only
	count   int  // statements run
	open    *Rows
	failed  error // first failure; the transaction is rolled back
	broken  bool  // the connection must not be used again
	over    bool  // the function has returned
	hooks   []func()

	chain   chain             // the end of the audit, if this or a former caller has asked
	sealer  *sealer           // nil = the audit is not sealed
	tallies []authority.Entry // entries that were counted into
}

// Exec runs a statement and gives how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if err := tx.ready(args); err != nil {
		return 0, err
	}
	n, err := tx.session.exec(tx.ctx, query, args)
	if err != nil {
		return 0, tx.fail(err)
	}
	return n, nil
}

// Query runs a statement that gives rows. Close them before the next statement.
func (tx *Tx) Query(query string, args ...any) (*Rows, error) {
	if err := tx.ready(args); err != nil {
		return nil, err
	}
	rows, err := tx.session.query(tx.ctx, query, args)
	if err != nil {
		return nil, tx.fail(err)
	}
	tx.open = &Rows{tx: tx, rows: rows}
	return tx.open, nil
}

// QueryRow runs a statement that gives one row at most. Its error comes from
// Row.Scan.
func (tx *Tx) QueryRow(query string, args ...any) *Row {
	rows, err := tx.Query(query, args...)
	return &Row{rows: rows, err: err}
}

// AfterCommit has fn run once the transaction is on disk: in the order of the
// transactions, one at a time, before any caller of the batch has its answer.
// fn must be short and must not call Write. It does not run when the
// transaction fails.
func (tx *Tx) AfterCommit(fn func()) {
	if !tx.writes {
		_ = tx.defect("AfterCommit in a read") // the transaction keeps it
		return
	}
	tx.hooks = append(tx.hooks, fn)
}

// ready checks that a statement may run now.
func (tx *Tx) ready(args []any) error {
	switch {
	case tx.failed != nil:
		return tx.failed
	case tx.over:
		return fmt.Errorf("%w: statement after the transaction", errDefect)
	case tx.open != nil:
		return tx.defect("statement while rows are open")
	case tx.single && tx.count > 0:
		return tx.defect("second statement in ReadOne")
	}
	tx.count++
	if err := bind(args); err != nil {
		tx.failed = err
		return err
	}
	return nil
}

func (tx *Tx) defect(what string) error {
	tx.failed = fmt.Errorf("%w: %s", errDefect, what)
	return tx.failed
}

// fail keeps the first failure in the form that callers see.
func (tx *Tx) fail(err error) error {
	t := tx.session.judge(err)
	if tx.ctx.Err() != nil {
		t = broken
	}
	if t == broken {
		tx.broken = true
	}
	if tx.failed == nil {
		tx.failed = t.wrap(err)
	}
	return tx.failed
}

// leave closes what the function left open, also after a panic: a connection
// cannot be dropped under open rows.
func (tx *Tx) leave() {
	if tx.open != nil {
		_ = tx.open.Close()
	}
	tx.over = true
}

// end gives the error of the whole.
func (tx *Tx) end(err error) error {
	tx.leave()
	if err == nil || tx.broken {
		return tx.failed
	}
	return err
}

// Rows are the rows of one statement.
type Rows struct {
	tx   *Tx
	rows *sql.Rows
	err  error
}

// Next goes to the next row. At the end it closes the rows and is false; ask
// Err whether it was the end.
func (r *Rows) Next() bool {
	if r.err != nil {
		return false
	}
	if r.rows.Next() {
		return true
	}
	if err := r.rows.Err(); err != nil {
		r.err = r.tx.fail(err)
	}
	// When the context has ended, Next says so before the rows are closed beside
	// it; their connection must not be dropped until they are.
	if err := r.rows.Close(); err != nil && r.err == nil {
		r.err = r.tx.fail(err)
	}
	r.release()
	return false
}

// Scan copies the columns of the current row into dest.
func (r *Rows) Scan(dest ...any) error { return r.tx.session.scan.row(r.rows, dest) }

// Err is why Next ended early; nil at the end of the rows.
func (r *Rows) Err() error { return r.err }

// Close lets go of the rows. Closing twice is fine.
func (r *Rows) Close() error {
	if err := r.rows.Close(); err != nil && r.err == nil {
		r.err = r.tx.fail(err)
	}
	r.release()
	return r.err
}

func (r *Rows) release() {
	if r.tx.open == r {
		r.tx.open = nil
	}
}

// Row is the first row of a statement.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the columns into dest and closes the row. It returns ErrNoRows
// when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		_ = r.rows.Close()
		return err
	}
	return r.rows.Close()
}
