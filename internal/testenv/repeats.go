package testenv

import (
	"crypto/rand"
	"net/http"
	"testing"

	"propusk/internal/dialect"
)

// repeats sends a change twice under one Idempotency-Key: it is made once, and
// the second answer is the first. One that showed a secret is not shown again,
// and the key stands for no other request.
func (x *exam) repeats(t *testing.T) {
	call := x.fresh(t).With(dialect.OnceHeader, rand.Text())
	first, second := x.ask(t, call), x.ask(t, call)
	replayed := second.Header.Get(dialect.ReplayedHeader) != ""
	switch {
	case first.Status < 200 || first.Status > 299 || first.Header.Get(dialect.ReplayedHeader) != "":
		t.Fatalf("%d %s", first.Status, first.Body)
	case x.rt.Secret:
		if second.Status != http.StatusConflict || replayed {
			t.Errorf("a secret is asked for twice: %d, replayed: %t", second.Status, replayed)
		}
	case second.Status != first.Status || second.Body != first.Body || !replayed:
		t.Errorf("%d %s, then %d %s, replayed: %t", first.Status, first.Body, second.Status, second.Body, replayed)
	}
	x.together(t)
	for name, other := range map[string]Call{"another method's path": {Path: call.Path + "/", Body: call.Body}, "another body": {Path: call.Path, Body: call.Body + " "}} {
		other.Method, other.Header = call.Method, call.Header
		if a := x.ask(t, other); !x.rt.Repeats && a.Status < 400 {
			t.Errorf("%s under the same key: %d %s", name, a.Status, a.Body)
		}
	}
	for _, key := range []string{"", "два слова"} {
		if a := x.ask(t, x.fresh(t).With(dialect.OnceHeader, key)); a.Status < 400 || a.Status > 499 {
			t.Errorf("the key %q, which is none: %d", key, a.Status)
		}
	}
}

// together sends a change many times at once under one key: one of them makes it,
// the others get its answer or are told to wait.
func (x *exam) together(t *testing.T) {
	t.Helper()
	call := x.fresh(t).With(dialect.OnceHeader, rand.Text())
	const many = 6
	answers := make(chan Answer, many)
	for range many {
		go func() {
			a, err := x.Try(t, call)
			if err != nil {
				t.Error(err)
			}
			answers <- a
		}()
	}
	made := 0
	for range many {
		a := <-answers
		switch {
		case a.Status >= 200 && a.Status < 300:
			if a.Header.Get(dialect.ReplayedHeader) == "" {
				made++
			}
		case a.Status != http.StatusConflict:
			t.Errorf("one of many at once: %d %s", a.Status, a.Body)
		}
	}
	// What is gone may be deleted again: there is no effect to have twice.
	if made != 1 && x.rt.Method != http.MethodDelete {
		t.Errorf("made %d times", made)
	}
}
