package keys_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"propusk/internal/keys"
	"propusk/internal/store"
	storekeys "propusk/internal/store/keys"
	"propusk/internal/store/storetest"
)

var _ keys.Store = (*storekeys.Store)(nil)

func record(id string, version int, state keys.State) keys.Record {
	return keys.Record{
		ID: id, Stand: "test", Use: "oauth", Algorithm: keys.RS256, Version: version, State: state,
		Created: time.UnixMilli(1_700_000_000_123).UTC(), Sealed: []byte{0, 1, 255}, Public: []byte("der"),
	}
}

func TestRecords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := storekeys.New(db)
		symmetric := record("b", 2, keys.Next)
		symmetric.Public = nil
		want := []keys.Record{record("a", 1, keys.Active), symmetric}
		for _, r := range slices.Backward(want) {
			if err := s.AddKey(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		for name, r := range map[string]keys.Record{
			"id taken":      {ID: "a", Stand: "production", Use: "oauth", Version: 1, State: keys.Next},
			"version taken": record("c", 2, keys.Next),
			"second active": record("c", 3, keys.Active),
		} {
			if err := s.AddKey(t.Context(), r); !errors.Is(err, keys.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantKeys(t, s, want)
	})
}

func TestMoveKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := storekeys.New(db)
		former, next := record("a", 1, keys.Active), record("b", 2, keys.Next)
		for _, r := range []keys.Record{former, next} {
			if err := s.AddKey(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		retires := time.UnixMilli(1_800_000_000_000).UTC()
		rotation := []keys.Transition{
			{ID: "b", From: keys.Next, To: keys.Active},
			{ID: "a", From: keys.Active, To: keys.Former, Retires: retires},
		}
		for name, moves := range map[string][]keys.Transition{
			"two active":   rotation[:1],
			"wrong state":  {{ID: "a", From: keys.Active, To: keys.Retired}, {ID: "b", From: keys.Former, To: keys.Active}},
			"unknown key":  {{ID: "a", From: keys.Active, To: keys.Retired}, {ID: "z", From: keys.Next, To: keys.Active}},
			"second moves": append(slices.Clone(rotation), rotation...),
		} {
			if err := s.MoveKeys(t.Context(), moves); !errors.Is(err, keys.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
			wantKeys(t, s, []keys.Record{former, next})
		}
		if err := s.MoveKeys(t.Context(), rotation); err != nil {
			t.Fatal(err)
		}
		former.State, former.Retires, next.State = keys.Former, retires, keys.Active
		wantKeys(t, s, []keys.Record{former, next})
	})
}

func wantKeys(t *testing.T, s *storekeys.Store, want []keys.Record) {
	t.Helper()
	got, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
