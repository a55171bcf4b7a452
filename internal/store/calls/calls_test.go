package calls_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestWhatIsAddedIsRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := draft("1", 0)
		d.Read, d.From.Extension, d.Files = true, 77, []calls.File{sound("one"), sound("three")}
		w.add(t, w.ours, d)
		got := w.all(t, w.ours, calls.Query{Limit: 1})
		if diff := cmp.Diff([]calls.Call{d.Call}, got, cmpopts.IgnoreFields(calls.Call{}, "ID", "Recordings")); diff != "" {
			t.Fatal(diff)
		}
		if len(got[0].Recordings) != 2 {
			t.Fatal(got[0].Recordings)
		}
		one, err := w.Call(t.Context(), w.ours, got[0].ID)
		if diff := cmp.Diff(got[0], one); err != nil || diff != "" {
			t.Error(err, diff)
		}
		page, err := w.Recordings(t.Context(), w.ours, calls.RecordingQuery{Limit: 5, Ascending: true})
		if err != nil || page.More || len(page.Items) != 2 || !page.Items[0].Begun.Equal(d.Begun) {
			t.Error(page, err)
		}
		for _, r := range got[0].Recordings {
			_, file, err := w.Open(t.Context(), w.ours, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(file); err != nil || int64(len(text)) != r.Size {
				t.Errorf("%q %v", text, err)
			}
		}
	})
}

func TestACallIsAddedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b, c := draft("a", 0), draft("b", time.Second), draft("c", 2*time.Second)
		a.Files, b.Files = []calls.File{sound("a")}, []calls.File{sound("b")}
		w.add(t, w.ours, a)
		b.Source = "other" // the same id of another source is another call
		added, err := w.Add(t.Context(), w.ours, []calls.Draft{a, b, c, c, a})
		if err != nil || added != (calls.Added{New: 2, Known: 3}) {
			t.Fatal(added, err)
		}
		added, err = w.Add(t.Context(), w.ours, []calls.Draft{a, b, c})
		if err != nil || added != (calls.Added{Known: 3}) || len(w.files.kept) != 2 {
			t.Fatal(added, err, w.files.kept)
		}
		w.add(t, w.theirs, a)
		if n := len(w.all(t, w.ours, calls.Query{Limit: 2})); n != 3 {
			t.Error(n)
		}
	})
}

// Two that add the same calls at once find each other in the store alone.
func TestARaceOfTheSameCalls(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := draft("a", 0)
		d.ID = authority.NewID()
		d.Recordings = []calls.Recording{{ID: authority.NewID(), Call: d.ID, Begun: d.Begun, Media: calls.MP3, Blob: "x"}}
		a := calls.Addition{Account: w.ours.Account().ID, Calls: []calls.Call{d.Call}, Entry: w.ours.Entry("calls")}
		if known, err := w.store.AddCalls(t.Context(), a); err != nil || len(known) != 0 {
			t.Fatal(known, err)
		}
		again := a
		again.Calls = []calls.Call{d.Call}
		again.Calls[0].ID = authority.NewID()
		if known, err := w.store.AddCalls(t.Context(), again); err != nil || !known[d.Key()] {
			t.Fatal(known, err)
		}
		again.Calls[0].ID, again.Calls[0].SourceID = d.ID, "b"
		if _, err := w.store.AddCalls(t.Context(), again); !errors.Is(err, calls.ErrIDTaken) {
			t.Fatal(err)
		}
	})
}

func TestAnAccountIsAWall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := draft("1", 0)
		d.Files = []calls.File{sound("secret")}
		w.add(t, w.theirs, d)
		their := w.all(t, w.theirs, calls.Query{Limit: 10})[0]
		for _, q := range []calls.Query{{}, {Numbers: []string{"74951234567"}}, {Numbers: []string{"74951234567", "1"}}} {
			q.Limit = 10
			if got := w.all(t, w.ours, q); len(got) != 0 {
				t.Error(got)
			}
		}
		for name, err := range map[string]error{
			"call":      second(w.Call(t.Context(), w.ours, their.ID)),
			"recording": second(w.Recording(t.Context(), w.ours, their.Recordings[0].ID)),
			"delete":    w.DeleteRecording(t.Context(), w.ours, their.Recordings[0].ID),
			"missing":   w.DeleteRecording(t.Context(), w.theirs, authority.NewID()),
		} {
			if authority.CodeOf(err) != authority.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if page, err := w.Recordings(t.Context(), w.ours, calls.RecordingQuery{Limit: 1}); err != nil || len(page.Items) != 0 {
			t.Error(page, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestARecordingIsDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := draft("1", 0)
		d.Files = []calls.File{sound("a"), sound("b")}
		w.add(t, w.ours, d)
		call := w.all(t, w.ours, calls.Query{Limit: 1})[0]
		gone := call.Recordings[0]
		if err := w.DeleteRecording(t.Context(), w.ours, gone.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.DeleteRecording(t.Context(), w.ours, gone.ID); authority.CodeOf(err) != authority.NotFound {
			t.Error(err)
		}
		yes := true
		left := w.all(t, w.ours, calls.Query{Limit: 1, Recorded: &yes})
		if len(left) != 1 || len(left[0].Recordings) != 1 || left[0].Recordings[0] != call.Recordings[1] || len(w.files.kept) != 1 {
			t.Error(left, w.files.kept)
		}
		unknown, err := w.store.UnknownBlobs(t.Context(), []string{gone.Blob, call.Recordings[1].Blob})
		if err != nil || !slices.Equal(unknown, []string{gone.Blob}) {
			t.Error(unknown, err)
		}
	})
}

// Whatever a query asks for, page by page it gives what looking at every call
// gives.
func TestEveryQueryIsTrue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var drafts []calls.Draft
		for i := range 120 {
			drafts = append(drafts, various(i))
		}
		w.add(t, w.ours, drafts...)
		w.add(t, w.theirs, drafts[:40]...)
		everything := w.all(t, w.ours, calls.Query{Limit: 7})
		if len(everything) != len(drafts) {
			t.Fatal(len(everything))
		}
		rapid.Check(t, func(rt *rapid.T) {
			q := anyQuery(rt)
			got := w.all(t, w.ours, q)
			if diff := cmp.Diff(expected(everything, q), got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("%+v: %s", q, diff)
			}
		})
	})
}

var numbers = []string{"74951234567", "79120001122", "79120001133", "101", "102", ""}

// various makes calls that differ in everything that is asked for; some begin at
// the same moment.
func various(i int) calls.Draft {
	d := draft(fmt.Sprint(i), time.Duration(i/3)*time.Minute)
	d.From = calls.Party{Number: numbers[i%len(numbers)], Extension: authority.ID(i % 3)}
	d.To = calls.Party{Number: numbers[i/7%len(numbers)], Extension: authority.ID(i / 5 % 3)}
	d.Direction = calls.Directions()[i%3]
	d.Duration, d.Talk = time.Duration(i%5)*30*time.Second, 0
	d.Read = i%2 == 0
	if i%4 == 0 {
		d.Files = []calls.File{sound("x")}
	}
	return d
}

func anyQuery(t *rapid.T) calls.Query {
	moment := func(name string) time.Time {
		if n := rapid.IntRange(-1, 45).Draw(t, name); n >= 0 {
			return epoch.Add(time.Duration(n) * time.Minute)
		}
		return time.Time{}
	}
	either := func(name string) *bool { return rapid.Ptr(rapid.Bool(), true).Draw(t, name) }
	q := calls.Query{
		Period:      calls.Range{From: moment("from"), Till: moment("till")},
		Numbers:     rapid.SliceOfN(rapid.SampledFrom(append(numbers[:5:5], "8 495 123 45 67", "999")), 0, 4).Draw(t, "numbers"),
		Directions:  rapid.SliceOfN(rapid.SampledFrom(calls.Directions()), 0, 2).Draw(t, "directions"),
		MinDuration: time.Duration(rapid.IntRange(0, 2).Draw(t, "min")) * 30 * time.Second,
		Results:     rapid.SliceOfN(rapid.SampledFrom(calls.Dispositions()), 0, 2).Draw(t, "results"),
		Recorded:    either("recorded"), Read: either("read"), Ascending: rapid.Bool().Draw(t, "ascending"),
		Extension: authority.ID(rapid.IntRange(0, 2).Draw(t, "extension")),
		Offset:    rapid.IntRange(0, 5).Draw(t, "offset"), Limit: rapid.IntRange(1, 60).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "bounded") {
		most := time.Duration(rapid.IntRange(0, 4).Draw(t, "max")) * 30 * time.Second
		q.MaxDuration = &most
	}
	return q
}

// expected looks at every call of a list that is sorted newest first.
func expected(all []calls.Call, q calls.Query) []calls.Call {
	var out []calls.Call
	for _, c := range all {
		if fits(c, q) {
			out = append(out, c)
		}
	}
	if q.Ascending {
		slices.Reverse(out)
	}
	return out[min(q.Offset, len(out)):]
}

func fits(c calls.Call, q calls.Query) bool {
	party := len(q.Numbers) == 0
	for _, n := range q.Numbers {
		key := calls.NumberKey(n)
		party = party || calls.NumberKey(c.From.Number) == key || calls.NumberKey(c.To.Number) == key
	}
	return party && (q.Extension == 0 || c.From.Extension == q.Extension || c.To.Extension == q.Extension) &&
		!c.Begun.Before(q.Period.From) && (q.Period.Till.IsZero() || c.Begun.Before(q.Period.Till)) &&
		(len(q.Directions) == 0 || slices.Contains(q.Directions, c.Direction)) &&
		(len(q.Results) == 0 || slices.Contains(q.Results, c.Disposition)) &&
		c.Duration >= q.MinDuration && (q.MaxDuration == nil || c.Duration <= *q.MaxDuration) &&
		(q.Recorded == nil || *q.Recorded == (len(c.Recordings) > 0)) && (q.Read == nil || *q.Read == c.Read)
}
