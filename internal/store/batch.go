package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"propusk/internal/authority"
)

// The statements around callers of one batch.
const (
	savepoint  = "SAVEPOINT caller"
	release    = "RELEASE SAVEPOINT caller"
	rollbackTo = "ROLLBACK TO SAVEPOINT caller"
)

// batch is one transaction of the writer, shared by callers.
type batch struct {
	w      *writer
	ctx    context.Context
	cancel context.CancelFunc
	jobs   []*job
	begun  bool
	good   int  // callers whose changes the transaction holds
	held   bool // a savepoint is set
	fresh  bool // and nothing has changed since
	chain  chain
	broken bool // already answered; nothing may be done on the connection

	tallies map[authority.ID]authority.Entry // by position, as they are now
}

func newBatch(w *writer) *batch {
	b := &batch{w: w, ctx: context.Background(), cancel: func() {}}
	if w.session.limit > 0 {
		b.ctx, b.cancel = context.WithTimeout(b.ctx, w.session.limit)
	}
	return b
}

// run gives j its turn.
func (b *batch) run(j *job) {
	if !j.state.CompareAndSwap(waiting, running) {
		return
	}
	b.jobs = append(b.jobs, j)
	if err := b.guard(); err != nil {
		b.fail(err)
		return
	}
	tx := &Tx{ctx: b.ctx, session: b.w.session, now: b.w.now, writes: true, chain: b.chain, sealer: b.w.sealer.Load()}
	defer tx.leave()
	j.err = tx.end(call(j.fn, tx))
	if tx.broken {
		b.fail(tx.failed)
		return
	}
	if j.err == nil {
		j.hooks = tx.hooks
		b.keep(tx)
		b.good++
		b.fresh = false
		return
	}
	if err := b.undo(); err != nil {
		b.fail(err)
	}
}

// keep takes over where tx has left the audit.
func (b *batch) keep(tx *Tx) {
	b.chain = tx.chain
	for _, e := range tx.tallies {
		if b.tallies == nil {
			b.tallies = make(map[authority.ID]authority.Entry)
		}
		b.tallies[e.ID] = e
	}
}

// guard sets the point to which a failure of the next caller goes back. The
// first needs none: its failure takes the whole transaction, which is empty
// without it.
func (b *batch) guard() error {
	if !b.begun {
		if err := b.control("begin", b.w.session.beginWrite); err != nil {
			return err
		}
		b.begun = true
	}
	if b.good == 0 || b.fresh {
		return nil
	}
	text := savepoint
	if b.held {
		text = release + ";" + savepoint
	}
	b.held, b.fresh = true, true
	return b.control("savepoint", text)
}

// undo takes back what the last caller did.
func (b *batch) undo() error {
	if b.good == 0 {
		b.begun = false
		return b.control("rollback", "ROLLBACK")
	}
	b.fresh = true
	return b.control("rollback", rollbackTo)
}

// finish commits and answers.
func (b *batch) finish() {
	if b.broken {
		return
	}
	if b.begun {
		err := b.closeChain()
		if err == nil {
			err = b.control("commit", "COMMIT")
		}
		if err != nil {
			b.fail(err)
			return
		}
	}
	for _, j := range b.jobs {
		b.after(j)
	}
	b.w.session.tidy()
	b.answer(nil)
}

// after runs what j asked to have done once it is on disk.
func (b *batch) after(j *job) {
	for _, hook := range j.hooks {
		err := call(func(*Tx) error { hook(); return nil }, nil)
		if err != nil {
			b.w.log.Error("after commit", "error", err)
			j.err = err
		}
	}
}

// fail ends the batch: everybody in it is told that nothing is certain.
func (b *batch) fail(cause error) {
	b.broken = true
	b.w.lose(b, cause)
}

// answer tells each caller its own failure, or else err.
func (b *batch) answer(err error) {
	for _, j := range b.jobs {
		if err != nil {
			j.done <- err
		} else {
			j.done <- j.err
		}
	}
	b.jobs = nil
}

func (b *batch) control(point, text string) error {
	if err := b.w.inject(point); err != nil {
		return err
	}
	return b.w.session.control(b.ctx, b.w.session, text)
}

// call runs fn and turns a panic into an error, so that it stays the caller's
// own.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			cause := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			err = authority.Wrap(authority.Internal, "", cause)
		}
	}()
	return fn(tx)
}

var errNotCommitted = errors.New("store: the database answered COMMIT with ROLLBACK")
