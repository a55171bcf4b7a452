//go:build linux

package torture_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// ledger is what the drivers know, on disk: one JSON line an event. Whoever
// looks into a failure finds there what was asked for and what was answered.
type ledger struct {
	tb   testing.TB
	file *os.File

	mu      sync.Mutex // guards file and written
	written int64

	syncing sync.Mutex // guards synced
	synced  int64

	intents, acks, doubts, checks atomic.Int64
}

// event is a line of the ledger.
type event struct {
	Time   time.Time `json:"time"`
	Driver int       `json:"driver"`
	Event  string    `json:"event"` // intent, ack, doubt, crash, check
	ID     string    `json:"id,omitempty"`
	What   string    `json:"what"`
	Status int       `json:"status,omitempty"`
	Answer string    `json:"answer,omitempty"`
}

func newLedger(tb testing.TB, folder string) *ledger {
	tb.Helper()
	f, err := os.OpenFile(filepath.Join(folder, "ledger.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return &ledger{tb: tb, file: f}
}

// write appends e and gives its number.
func (l *ledger) write(e event) int64 {
	e.Time = time.Now()
	line, err := json.Marshal(e)
	if err != nil {
		l.tb.Error(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		l.tb.Error(err)
	}
	l.written++
	return l.written
}

// sync returns once event n is on disk; those who wait together share it.
func (l *ledger) sync(n int64) {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if l.synced >= n {
		return
	}
	l.mu.Lock()
	last := l.written
	l.mu.Unlock()
	if err := l.file.Sync(); err != nil {
		l.tb.Error(err)
	}
	l.synced = last
}

func (l *ledger) intent(e event) {
	e.Event = "intent"
	l.intents.Add(1)
	l.write(e)
}

// outcome notes what became of an intent, before anything builds on it.
func (l *ledger) outcome(e event, r reply) {
	e.Status, e.Answer, e.Event = r.status, string(r.body), "ack"
	if r.vague() {
		e.Event, e.Answer = "doubt", r.trouble()
		l.doubts.Add(1)
	} else {
		l.acks.Add(1)
	}
	l.sync(l.write(e))
}
