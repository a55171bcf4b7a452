package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"
)

// The bounds of a LineWriter.
const (
	flushEvery = 100 * time.Millisecond
	flushAt    = 32 << 10 // bytes that are written on at once
	holdAtMost = 1 << 20  // bytes; past it Write waits for the sink
)

// LineWriter gathers log lines and writes them on a little later, many in one
// write. No line is lost or split while the program runs its course: Close
// writes the rest. When the sink is slow, Write waits. Safe for concurrent use.
type LineWriter struct {
	sink io.Writer
	stop chan struct{}
	done chan struct{}
	wake chan struct{}

	flushing sync.Mutex // held by the one that writes to sink

	mu     sync.Mutex
	room   *sync.Cond
	buf    []byte
	spare  []byte
	err    error // of the last write to the sink
	closed bool
}

// NewLineWriter writes to sink until Close.
func NewLineWriter(sink io.Writer) *LineWriter {
	l := &LineWriter{sink: sink, stop: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1)}
	l.room = sync.NewCond(&l.mu)
	go l.run()
	return l
}

// Write implements io.Writer. After Close it writes at once. An error is that of
// an earlier line: there is nobody else to tell.
func (l *LineWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.buf) > holdAtMost && !l.closed {
		l.room.Wait()
	}
	if l.closed {
		return l.sink.Write(line)
	}
	l.buf = append(l.buf, line...)
	if len(l.buf) >= flushAt {
		select {
		case l.wake <- struct{}{}:
		default: // already woken
		}
	}
	return len(line), l.err
}

// Close writes what is left.
func (l *LineWriter) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.room.Broadcast()
	l.mu.Unlock()
	close(l.stop)
	<-l.done
	return l.flush()
}

func (l *LineWriter) run() {
	defer close(l.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.wake:
		case <-l.stop:
			return
		}
		_ = l.flush() // kept for the next Write
	}
}

// Flush writes what has gathered.
func (l *LineWriter) Flush() error { return l.flush() }

func (l *LineWriter) flush() error {
	l.flushing.Lock()
	defer l.flushing.Unlock()
	l.mu.Lock()
	out := l.buf
	l.buf = l.spare[:0]
	l.mu.Unlock()
	var err error
	if len(out) > 0 {
		_, err = l.sink.Write(out)
	}
	l.mu.Lock()
	l.spare, l.err = out, err
	l.room.Broadcast()
	l.mu.Unlock()
	return err
}

// Urgent has h, which writes to l, write warnings and errors on at once: who
// looks for them may be looking after a crash.
func (l *LineWriter) Urgent(h slog.Handler) slog.Handler { return urgent{h, l} }

type urgent struct {
	slog.Handler

	lines *LineWriter
}

// Handle implements slog.Handler.
func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		err = errors.Join(err, u.lines.Flush())
	}
	return err
}

// WithAttrs implements slog.Handler.
func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.lines}
}

// WithGroup implements slog.Handler.
func (u urgent) WithGroup(name string) slog.Handler {
	return urgent{u.Handler.WithGroup(name), u.lines}
}
