package store_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// The same request on two nodes at once has its effect once.
func TestNodesRememberOneAnswer(t *testing.T) {
	one, two := storetest.Nodes(t)
	now := time.Now()
	key := store.OnceKey{Account: 1, Principal: 2, Key: store.KeyPrefix + "k"}
	claim := func(tx *store.Tx, body string) error {
		if _, ok, err := store.Recall(tx, key, now); ok || err != nil {
			return err
		}
		return store.Remember(tx, key, store.Answer{Body: []byte(body)}, now, time.Hour)
	}
	err := storetest.Meet(t, one, two, func(tx *store.Tx) error { return claim(tx, "first") }, func() error {
		return two.Write(t.Context(), func(tx *store.Tx) error { return claim(tx, "second") })
	})
	if authority.CodeOf(err) != authority.Conflict {
		t.Errorf("the second: %v", err)
	}
	write(t, one, func(tx *store.Tx) error {
		a, ok, err := store.Recall(tx, key, now)
		if !ok || string(a.Body) != "first" {
			t.Errorf("%q, %v", a.Body, ok)
		}
		return err
	})
}
