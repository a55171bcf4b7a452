package calls_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// converter makes "mp3 of …" of a sound, and counts.
type converter struct {
	made int
	then func() // runs before the mp3 is given; nil = nothing does
}

func (c *converter) MP3(_ context.Context, wav io.Reader, _ int64) (io.ReadCloser, error) {
	text, err := io.ReadAll(wav)
	c.made++
	if c.then != nil {
		c.then()
	}
	return io.NopCloser(strings.NewReader("mp3 of " + string(text))), err
}

func wavSound(text string) calls.File {
	return calls.File{Media: calls.WAV, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(text))), nil
	}}
}

// heard reads a recording's mp3.
func heard(tb testing.TB, s *calls.Service, c authority.Caller, id authority.ID) string {
	tb.Helper()
	r, file, err := s.OpenMP3(tb.Context(), c, id)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil || r.Media != calls.MP3 || r.Size != int64(len(text)) {
		tb.Fatal(r, len(text), err)
	}
	return string(text)
}

// one gives the only recording of the account.
func (w *world) one(tb testing.TB) calls.Recording {
	tb.Helper()
	page, err := w.Recordings(tb.Context(), w.ours, calls.RecordingQuery{Limit: 10})
	if err != nil || len(page.Items) != 1 {
		tb.Fatal(page, err)
	}
	return page.Items[0]
}

// The mp3 of a wav is made once, is nobody else's, is known to the sweep, and
// leaves with its recording, however that leaves.
func TestTheMP3OfAWav(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, by := newWorld(t, db), &converter{}
		s := w.WithMP3(w.store, by)
		for round, leave := range []func(calls.Recording){
			func(r calls.Recording) {
				if err := s.DeleteRecording(t.Context(), w.ours, r.ID); err != nil {
					t.Error(err)
				}
			},
			func(calls.Recording) {
				p, _ := w.purger(t, authority.Retention{Calls: 1}, epoch.AddDate(0, 0, 5))
				if n, err := p.Purge(t.Context()); n == 0 || err != nil {
					t.Error(n, err)
				}
			},
		} {
			d := draft("wav", time.Duration(round)*time.Hour)
			d.SourceID += d.Begun.String()
			d.Files = []calls.File{wavSound("RIFF")}
			w.add(t, w.ours, d)
			r := w.one(t)
			for range 2 {
				if text := heard(t, s, w.ours, r.ID); text != "mp3 of RIFF" {
					t.Errorf("%q", text)
				}
			}
			if _, _, err := s.OpenMP3(t.Context(), w.theirs, r.ID); authority.CodeOf(err) != authority.NotFound {
				t.Error("another account:", err)
			}
			if r = w.one(t); r.Media != calls.WAV || r.Size != 4 || by.made != round+1 {
				t.Error(r, by.made)
			}
			if unknown, err := w.store.UnknownBlobs(t.Context(), []string{r.Blob, r.Copy.Blob, "stranger"}); err != nil || len(unknown) != 1 {
				t.Error(unknown, err)
			}
			leave(r)
			if len(w.files.kept) != 0 {
				t.Errorf("round %d: %d sounds are left", round, len(w.files.kept))
			}
		}
	})
}

// Of two askers the first one's is kept; a recording that leaves meanwhile takes
// the mp3 along.
func TestMP3Races(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := draft("wav", 0)
		d.Files = []calls.File{wavSound("RIFF")}
		w.add(t, w.ours, d)
		r := w.one(t)
		quick := w.WithMP3(w.store, &converter{})
		slow := w.WithMP3(w.store, &converter{then: func() { heard(t, quick, w.ours, r.ID) }})
		heard(t, slow, w.ours, r.ID)
		if len(w.files.kept) != 2 {
			t.Errorf("%d files", len(w.files.kept))
		}
		if err := w.DeleteRecording(t.Context(), w.ours, r.ID); err != nil {
			t.Fatal(err)
		}
		d.SourceID = "again"
		w.add(t, w.ours, d)
		r = w.one(t)
		late := w.WithMP3(w.store, &converter{then: func() { _ = w.DeleteRecording(t.Context(), w.ours, r.ID) }})
		if _, _, err := late.OpenMP3(t.Context(), w.ours, r.ID); authority.CodeOf(err) != authority.NotFound || len(w.files.kept) != 0 {
			t.Error(err, len(w.files.kept))
		}
	})
}
