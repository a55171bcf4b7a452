package calls_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
	storecalls "propusk/internal/store/calls"
)

var epoch = time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)

// world is a service over a real database, with two accounts.
type world struct {
	*calls.Service

	store  *storecalls.Store
	files  *files
	ours   authority.Caller
	theirs authority.Caller
}

func newWorld(tb testing.TB, db *store.DB) *world {
	tb.Helper()
	w := &world{store: storecalls.New(db), files: &files{kept: map[string][]byte{}}}
	w.Service = calls.New(w.store, w.files, func() time.Time { return epoch })
	w.ours, w.theirs = account(tb, db), account(tb, db)
	return w
}

func account(tb testing.TB, db *store.DB) authority.Caller {
	tb.Helper()
	id := authority.NewID()
	err := db.Write(tb.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO stands (stand, epoch, issuer) VALUES ('test', 1, 'x') ON CONFLICT (stand) DO NOTHING`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
			VALUES ($1, 'test', 'Ромашка', $2, $1, 0, '{}', 0, 0)`, id, fmt.Sprint(id))
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return authority.System(authority.Test, authority.Account{ID: id}, "call.add", "test")
}

// add adds drafts, which must all be new.
func (w *world) add(tb testing.TB, c authority.Caller, drafts ...calls.Draft) {
	tb.Helper()
	added, err := w.Add(tb.Context(), c, drafts)
	if err != nil || added.New != len(drafts) {
		tb.Fatal(added, err)
	}
}

// all reads the whole list page by page.
func (w *world) all(tb testing.TB, c authority.Caller, q calls.Query) []calls.Call {
	tb.Helper()
	var out []calls.Call
	for {
		page, err := w.Calls(tb.Context(), c, q)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, page.Items...)
		if !page.More {
			return out
		}
		q.After, q.Offset = page.Next(), 0
	}
}

func draft(id string, at time.Duration) calls.Draft {
	return calls.Draft{Call: calls.Call{
		Source: "test", SourceID: id, Direction: calls.Outgoing, Disposition: calls.Answered,
		From: calls.Party{Number: "+7 495 123-45-67", Name: "Иванов"}, To: calls.Party{Number: "8 (912) 000-11-22"},
		Begun: epoch.Add(at), Answered: epoch.Add(at + 3*time.Second), Duration: 10 * time.Second, Talk: 7 * time.Second,
	}}
}

func sound(text string) calls.File {
	return calls.File{Media: calls.MP3, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(text))), nil
	}}
}

// files keeps blobs in memory.
type files struct {
	mu   sync.Mutex
	kept map[string][]byte
	next int
}

func (f *files) Put(_ context.Context, r io.Reader) (string, int64, error) {
	text, err := io.ReadAll(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	name := fmt.Sprint("blob", f.next)
	f.kept[name] = text
	return name, int64(len(text)), err
}

func (f *files) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, ok := f.kept[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader(text), io.NopCloser(nil)}, nil
}

func (f *files) Delete(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.kept, name)
	return nil
}
