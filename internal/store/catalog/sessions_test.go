package catalog_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// event is a step of a session in an upload: what docs/dialects/smarts.md §4 says
// of it is told of all that came before.
type event struct {
	session int
	what    string // begin, add, end, reset
	refused bool
}

// current gives where the upload that is under way was begun; -1 for none.
func current(past []event) int {
	at := -1
	for i, e := range past {
		switch {
		case e.refused:
		case e.what == "begin":
			at = i
		case e.what != "add":
			at = -1
		}
	}
	return at
}

// stale reports whether a session has begun an upload that another has begun anew
// since, and has begun none after it.
func stale(past []event, session int) bool {
	begun := -1
	for i, e := range past {
		if e.what == "begin" && e.session == session {
			begun = i
		}
	}
	if begun < 0 {
		return false
	}
	for _, e := range past[begun+1:] {
		switch {
		case e.what == "begin":
			return true
		case e.what != "add" && !e.refused:
			return false // its own has ended, by whomever
		}
	}
	return false
}

// allowed says what is to become of the next step.
func allowed(past []event, e event) bool {
	switch at := current(past); {
	case e.what == "begin", e.what == "reset" && at < 0:
		return true
	case at < 0:
		return false
	}
	return !stale(past, e.session)
}

// step takes a step in the store. What is added carries the step's number.
func (w *world) step(n int, e event) error {
	who := catalog.Uploader{Account: w.account.ID, Principal: 1, Grant: authority.ID(100 + e.session), At: w.now}
	ctx, entry := w.tb.Context(), w.system().Entry("catalog")
	switch e.what {
	case "begin":
		if err := w.store.BeginUpload(ctx, who, catalog.Scheme{}, entry); err != nil {
			return err
		}
		return w.store.AddProducts(ctx, who, nil) // so that it may end at once
	case "add":
		p := numbered(n)
		p.ID = fmt.Sprint(n)
		return w.store.AddProducts(ctx, who, []catalog.Product{p})
	case "reset":
		return w.store.ResetUpload(ctx, who, entry)
	}
	_, err := w.store.EndUpload(ctx, who, entry)
	return err
}

// follow takes a step and compares it with what is to become of it.
func (w *world) follow(past []event, session int, what string) ([]event, error) {
	e := event{session: session, what: what}
	err := w.step(len(past), e)
	if want := allowed(past, e); want != (err == nil) || err != nil && authority.CodeOf(err) != authority.Conflict {
		return past, fmt.Errorf("after %v: %s of %d is allowed: %t; got %w", past, what, session, want, err)
	}
	e.refused = err != nil
	return append(past, e), nil
}

// added gives the ids of what the last upload that was ended holds.
func added(past []event) (out []string) {
	var open []string
	for i, e := range past {
		switch {
		case e.refused:
		case e.what == "begin":
			open = nil
		case e.what == "add":
			open = append(open, fmt.Sprint(i))
		case e.what == "end":
			out, open = open, nil
		}
	}
	return out
}

// Three sessions of one user, in any order: a session whose upload another has
// begun anew does nothing to that, and what is ended is what was added to it.
func TestSessionsOfOneUser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(t, db)
			steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event {
				return event{session: rapid.IntRange(1, 3).Draw(t, "session"), what: rapid.SampledFrom([]string{"begin", "add", "end", "reset"}).Draw(t, "what")}
			}), 1, 10).Draw(rt, "steps")
			var past []event
			for _, s := range steps {
				var err error
				if past, err = w.follow(past, s.session, s.what); err != nil {
					rt.Fatal(err)
				}
			}
			w.sees(catalogOf(added(past))...)
		})
	})
}

func catalogOf(ids []string) (out []catalog.Product) {
	for _, id := range ids {
		out = append(out, catalog.Product{ID: id})
	}
	return out
}

// Each order in which three sessions begin, then each step of each of them.
func TestEveryOrderOfThreeSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, order := range [][]int{{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1}, {1, 2, 1}, {1, 1, 2}, {1, 2}, {1}} {
			for session := range 3 {
				for _, what := range []string{"add", "end", "reset"} {
					w := newWorld(t, db)
					var past []event
					var err error
					for _, s := range order {
						if past, err = w.follow(past, s, "begin"); err != nil {
							t.Fatal(err)
						}
					}
					if _, err = w.follow(past, session+1, what); err != nil {
						t.Error(err)
					}
				}
			}
		}
	})
}
