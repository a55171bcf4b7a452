package keys_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"propusk/internal/keys"
)

// slowSpecs are the keys of specs and two that take long to make.
func slowSpecs() []keys.Spec {
	return append(quick(),
		keys.Spec{Stand: prod, Use: "operator", Algorithm: keys.RS256},
		keys.Spec{Stand: prod, Use: "element", Algorithm: keys.RS512})
}

func openLater(t *testing.T, m *memory) *keys.Ring {
	t.Helper()
	r, err := keys.Open(t.Context(), keys.Config{
		Store: m, Sealer: sealer(t, keyText), Specs: slowSpecs(), Now: newClock().Now, Later: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKeysThatTakeLongAreMadeLater(t *testing.T) {
	m := &memory{}
	r := openLater(t, m)
	if _, err := r.Active(prod, "oauth"); err != nil {
		t.Errorf("a quick key was left out: %v", err)
	}
	for _, use := range []string{"operator", "element"} {
		if id, err := r.Active(prod, use); !errors.Is(err, keys.ErrUnknownKey) {
			t.Errorf("%s was made at once: %s, %v", use, id, err)
		}
	}
	type got struct {
		id  string
		err error
	}
	waiting := make(chan got, 2)
	for range cap(waiting) {
		go func() {
			id, err := r.Await(t.Context(), prod, "operator")
			waiting <- got{id, err}
		}()
	}
	if err := r.Complete(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := active(t, r, prod, "operator")
	for range cap(waiting) {
		if g := <-waiting; g.err != nil || g.id != want {
			t.Errorf("waited for %s, %v, want %s", g.id, g.err, want)
		}
	}
	sign(t, r, prod, "element", claims)
	before := len(r.Records())
	if err := r.Complete(t.Context()); err != nil || len(r.Records()) != before {
		t.Errorf("completed twice: %d keys, then %d, %v", before, len(r.Records()), err)
	}
	again := openLater(t, m)
	if id, err := again.Await(t.Context(), prod, "operator"); err != nil || id != want {
		t.Errorf("after a restart: %s, %v", id, err)
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openLater(t, &memory{})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		_, err := r.Await(ctx, prod, "operator")
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, keys.ErrUnknownKey) || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if _, err := r.Await(t.Context(), prod, "nobody's"); !errors.Is(err, keys.ErrUnknownKey) {
			t.Errorf("a key that nothing asks for: %v", err)
		}
	})
}
