package store

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// firstPause and longestPause bound the wait between attempts to reopen.
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// job is one call of Write.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	state atomic.Int32
	done  chan error // takes one answer without blocking
	hooks []func()   // what to run after the commit
	err   error      // fn's own failure
}

// The states of a job. The writer and the waiting caller race for the first
// step away from waiting.
const (
	waiting int32 = iota
	running
	abandoned
)

// writer owns the one connection that changes rows, on a goroutine of its own.
type writer struct {
	engine engine
	log    *slog.Logger
	now    func() time.Time
	slice  time.Duration
	queue  chan *job
	ended  chan struct{}
	fault  atomic.Pointer[func(point string) error] // tests only
	sealer atomic.Pointer[sealer]                   // nil until SealAudit

	mu     sync.RWMutex // guards closed against sends on queue
	closed bool

	// The rest belongs to the writer's goroutine.
	session *session // nil while storage is away
	current *batch
	pause   time.Duration
	retry   time.Time
}

func newWriter(config Config, e engine, first *session) *writer {
	w := &writer{
		engine: e, log: config.Logger, now: config.Now, slice: config.Slice, session: first,
		queue: make(chan *job, config.Queue), ended: make(chan struct{}),
	}
	go w.loop()
	return w
}

func (w *writer) write(ctx context.Context, fn func(*Tx) error) error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	j := &job{ctx: ctx, fn: fn, done: make(chan error, 1)}
	if err := w.enqueue(j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, abandoned) {
			return cancelled(ctx)
		}
		return <-j.done
	}
}

func (w *writer) enqueue(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed()
	}
	select {
	case w.queue <- j:
		return nil
	default:
		return unavailable("too many changes are waiting", nil)
	}
}

// close lets the queue run empty and ends the goroutine.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) loop() {
	finished := false
	defer func() { w.exit(finished) }()
	for j := range w.queue {
		w.serve(j)
	}
	finished = true
}

// exit ends the goroutine, or starts another one when a caller's function has
// ended this one (runtime.Goexit, as testing's FailNow does): nobody else may
// wait for ever because of it.
func (w *writer) exit(finished bool) {
	if !finished {
		w.lose(w.current, errDefect)
		go w.loop()
		return
	}
	if w.session != nil {
		w.session.drop()
	}
	close(w.ended)
}

// serve runs one batch that begins with first.
func (w *writer) serve(first *job) {
	if err := w.ensure(); err != nil {
		w.refuse(first, err)
		return
	}
	w.current = newBatch(w)
	defer w.current.cancel()
	until := time.Now().Add(w.slice)
	for j := first; j != nil && !w.current.broken; j = w.next(until) {
		w.current.run(j)
	}
	w.current.finish()
}

// next gives a job that has already arrived, or nil when the batch should end.
func (w *writer) next(until time.Time) *job {
	if w.current.broken || len(w.current.jobs) >= w.session.batch || time.Now().After(until) {
		return nil
	}
	select {
	case j := <-w.queue: // nil when closed
		return j
	default:
		return nil
	}
}

func (w *writer) refuse(j *job, err error) {
	if j.state.CompareAndSwap(waiting, running) {
		j.done <- err
	}
}

// ensure makes sure that there is a connection. While storage is away it tries
// again on demand, with growing pauses, and callers are refused at once.
func (w *writer) ensure() error {
	if w.session != nil {
		return nil
	}
	if time.Now().Before(w.retry) {
		return unavailable("storage is not available", nil)
	}
	err := w.inject("reopen")
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), longestPause)
		defer cancel()
		w.session, err = w.engine.writer(ctx)
	}
	if err != nil {
		w.pause = min(max(2*w.pause, firstPause), longestPause)
		w.retry = time.Now().Add(w.pause)
		w.log.Error("storage cannot be reopened", "driver", w.engine.name(), "error", err, "next_try_ms", w.pause.Milliseconds())
		return unavailable("storage is not available", err)
	}
	w.pause = 0
	w.log.Info("storage reopened", "driver", w.engine.name())
	return nil
}

// lose drops the connection and answers everybody in b: after a failed commit
// nothing may be acknowledged on that handle again, whatever it says later.
func (w *writer) lose(b *batch, cause error) {
	if w.session != nil {
		w.session.drop()
		w.session = nil
	}
	w.log.Error("storage failed; the connection is closed", "driver", w.engine.name(), "error", cause)
	if b != nil {
		b.answer(unavailable("storage is not available", cause))
	}
}

// inject is where tests put faults; it is nil in the product.
func (w *writer) inject(point string) error {
	if f := w.fault.Load(); f != nil {
		return (*f)(point)
	}
	return nil
}
