package store_test

import (
	"errors"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// The effect of a request and the claim of its key are on disk together or not
// at all; what comes under the key later changes nothing.
func TestOneEffectPerKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		effects := 0
		send := func(digest byte, fail error) (*authority.Once, error) {
			o := &authority.Once{Account: 1, Principal: 2, Key: "k", Digest: [32]byte{digest}}
			ctx := authority.WithOnce(t.Context(), o)
			err := db.Write(ctx, func(*store.Tx) error {
				effects++
				return fail
			})
			if err == nil { // what the same request changes further belongs to it
				err = db.Write(ctx, func(*store.Tx) error { return nil })
			}
			return o, err
		}
		refused := errors.New("refused")
		if o, err := send(1, refused); !errors.Is(err, refused) || o.Claimed() {
			t.Fatalf("claimed by a change that failed: %v", err)
		}
		first, err := send(1, nil)
		if err != nil || !first.Claimed() {
			t.Fatal(err)
		}
		if o, err := send(2, nil); authority.CodeOf(err) != authority.Unprocessable || o.Claimed() {
			t.Errorf("another request: %v", err)
		}
		former := func(o *authority.Once) authority.Answer {
			a, ok, err := db.Answer(t.Context(), o)
			if !ok || err != nil {
				t.Errorf("%v, %v", ok, err)
			}
			return a
		}
		if o, err := send(1, nil); authority.CodeOf(err) != authority.Conflict || o.Claimed() || former(o).Status != 0 {
			t.Errorf("without an answer yet: %v", err)
		}
		if err := db.KeepAnswer(t.Context(), first, authority.Answer{Status: 201, Text: []byte("made")}); err != nil {
			t.Fatal(err)
		}
		if o, err := send(1, nil); err == nil || former(o).Status != 201 || string(former(o).Text) != "made" {
			t.Errorf("with its answer: %v", err)
		}
		other := &authority.Once{Account: 1, Principal: 3, Key: "k", Digest: first.Digest}
		if _, ok, err := db.Answer(t.Context(), other); ok || err != nil {
			t.Errorf("somebody else's key: %v, %v", ok, err)
		}
		if effects != 2 {
			t.Errorf("%d effects, want the refused one and one more", effects)
		}
	})
}
