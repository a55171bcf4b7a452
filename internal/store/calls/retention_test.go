package calls_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/retention"
	"propusk/internal/store"
	storecalls "propusk/internal/store/calls"
	"propusk/internal/store/storetest"
)

// keeping is one account with a retention.
type keeping struct {
	c authority.Caller
	r authority.Retention
}

func (k keeping) Keeping(context.Context) ([]authority.Account, error) {
	a := k.c.Account()
	a.Stand, a.Settings.Retention = authority.Test, k.r
	return []authority.Account{a}, nil
}

func (w *world) purger(tb testing.TB, r authority.Retention, now time.Time) (*retention.Purger, string) {
	tb.Helper()
	clock := func() time.Time { return now }
	folder := filepath.Join(tb.TempDir(), "archive")
	archive, err := retention.OpenArchive(folder, clock)
	if err != nil {
		tb.Fatal(err)
	}
	return &retention.Purger{
		Accounts: keeping{w.ours, r}, Files: w.files, Archive: archive, Now: clock,
		Sources: map[retention.Kind]retention.Source{
			retention.Calls: storecalls.Aged{Store: w.store}, retention.Recordings: storecalls.AgedRecordings{Store: w.store},
		},
	}, folder
}

// archived reads a file of the account's archive.
func (w *world) archived(tb testing.TB, folder, name string) string {
	tb.Helper()
	all, err := filepath.Glob(filepath.Join(folder, "*", name))
	if err != nil || len(all) != 1 {
		tb.Fatalf("%s: %v, %v", name, all, err)
	}
	text, err := os.ReadFile(all[0])
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestOldCallsLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const day = 24 * time.Hour
		for i := range 450 { // more than one step
			w.add(t, w.ours, draft("old "+time.Duration(i).String(), time.Duration(i)*time.Second))
		}
		with := draft("with sound", day/2)
		with.Files = []calls.File{sound("ID3 old")}
		fresh := draft("fresh", 20*day)
		fresh.Files = []calls.File{sound("ID3 fresh")}
		w.add(t, w.ours, with, fresh)
		w.add(t, w.theirs, draft("theirs", 0))
		p, folder := w.purger(t, authority.Retention{Calls: 10}, epoch.Add(11*day))
		n, err := p.Purge(t.Context())
		if err != nil || n != 450+1+1 {
			t.Fatalf("%d rows, %v", n, err)
		}
		if left := w.all(t, w.ours, calls.Query{Limit: 100}); len(left) != 1 || left[0].SourceID != "fresh" || len(left[0].Recordings) != 1 {
			t.Errorf("left: %+v", left)
		}
		if left := w.all(t, w.ours, calls.Query{Limit: 100, Numbers: []string{"79120001122"}}); len(left) != 1 {
			t.Errorf("by number: %d", len(left))
		}
		if left := w.all(t, w.theirs, calls.Query{Limit: 100}); len(left) != 1 {
			t.Errorf("theirs: %d", len(left))
		}
		if len(w.files.kept) != 1 {
			t.Errorf("%d sounds are left", len(w.files.kept))
		}
		lines := strings.Split(strings.TrimSpace(w.archived(t, folder, "calls-2024-05.ndjson")), "\n")
		var first struct{ SourceID, From string }
		if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != 451 || first.From != "+7 495 123-45-67" {
			t.Errorf("%d lines, %+v, %v", len(lines), first, err)
		}
		if sound := w.archived(t, folder, "*.mp3"); sound != "ID3 old" {
			t.Errorf("%q", sound)
		}
		if n, err := p.Purge(t.Context()); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}

// Sounds may leave before their calls; what a crash has left of a line does not
// spoil the next.
func TestOldRecordingsLeaveAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		with := draft("with sound", 0)
		with.Files = []calls.File{sound("ID3 old")}
		w.add(t, w.ours, with)
		now := epoch.AddDate(0, 0, 3)
		p, folder := w.purger(t, authority.Retention{Calls: 30, Recordings: 2}, now)
		torn := filepath.Join(folder, fmt.Sprint(int64(w.ours.Account().ID)))
		if err := os.MkdirAll(torn, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(torn, "recordings-2024-05.ndjson"), []byte(`{"id":"torn`), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := p.Purge(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		left := w.all(t, w.ours, calls.Query{Limit: 10})
		if len(left) != 1 || len(left[0].Recordings) != 0 || len(w.files.kept) != 0 {
			t.Errorf("%+v, %d sounds", left, len(w.files.kept))
		}
		lines := strings.Split(w.archived(t, folder, "recordings-2024-05.ndjson"), "\n")
		if len(lines) != 3 || lines[0] != `{"id":"torn` || !json.Valid([]byte(lines[1])) || lines[2] != "" {
			t.Errorf("%q", lines)
		}
	})
}

// Answers may leave before their time.
func TestOldResultsLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		now := epoch
		results := calls.NewResults(w.store, 1<<20, func() time.Time { return now })
		for key := range byte(3) {
			if err := results.Keep(t.Context(), w.ours, calls.ResultKey{key}, calls.Result{Body: []byte("answer")}); err != nil {
				t.Fatal(err)
			}
			now = now.Add(24 * time.Hour)
		}
		p, _ := w.purger(t, authority.Retention{Results: 2}, now)
		p.Sources[retention.Results] = storecalls.AgedResults{Store: w.store}
		if n, err := p.Purge(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		for key, want := range []authority.Code{authority.NotFound, "", ""} {
			if _, err := results.Find(t.Context(), w.ours, calls.ResultKey{byte(key)}); authority.CodeOf(err) != want {
				t.Errorf("%d: %v", key, err)
			}
		}
		if n := count(t, db, `SELECT CAST(SUM(bytes) AS BIGINT) FROM phone_result_total`); n != 2*int64(len("answer")) {
			t.Errorf("%d bytes are charged", n)
		}
	})
}
