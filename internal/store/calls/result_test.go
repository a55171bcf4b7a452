package calls_test

import (
	"bytes"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestResults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		now := epoch
		results := calls.NewResults(w.store, 300_000, func() time.Time { return now })
		body := bytes.Repeat([]byte("0123456789abcdef"), 10_000) // three parts
		keep := func(c authority.Caller, key byte, r calls.Result) {
			t.Helper()
			if err := results.Keep(t.Context(), c, calls.ResultKey{key}, r); err != nil {
				t.Fatal(err)
			}
		}
		find := func(c authority.Caller, key byte) (calls.Result, authority.Code) {
			r, err := results.Find(t.Context(), c, calls.ResultKey{key})
			return r, authority.CodeOf(err)
		}
		keep(w.ours, 1, calls.Result{Method: "history", Body: body})
		keep(w.ours, 2, calls.Result{Method: "file", Recording: 7, Prefix: []byte("a"), Suffix: []byte("b")})
		if r, code := find(w.ours, 1); code != "" || r.Method != "history" || !bytes.Equal(r.Body, body) {
			t.Error(code, len(r.Body))
		}
		if r, code := find(w.ours, 2); code != "" || r.Recording != 7 || string(r.Prefix)+string(r.Suffix) != "ab" || len(r.Body) != 0 {
			t.Error(code, r)
		}
		for key, c := range map[byte]authority.Caller{1: w.theirs, 9: w.ours} {
			if _, code := find(c, key); code != authority.NotFound {
				t.Errorf("%d: %s", key, code)
			}
		}
		now = now.Add(time.Hour)
		keep(w.theirs, 3, calls.Result{Body: body}) // takes nothing from us
		keep(w.ours, 4, calls.Result{Body: body})   // our oldest leaves
		if _, code := find(w.ours, 1); code != authority.NotFound {
			t.Error(code)
		}
		if _, code := find(w.ours, 4); code != "" {
			t.Error(code)
		}
		now = now.Add(calls.ResultLife)
		if _, code := find(w.ours, 4); code != authority.NotFound {
			t.Error("lives on", code)
		}
		keep(w.theirs, 5, calls.Result{})
		if n := count(t, db, `SELECT (SELECT COUNT(*) FROM phone_result) * 100 + (SELECT COUNT(*) FROM phone_result_part)`); n != 100 {
			t.Errorf("%d", n)
		}
		if n := count(t, db, `SELECT CAST(SUM(bytes) AS BIGINT) FROM phone_result_total`); n != 0 {
			t.Errorf("%d bytes are charged for nothing", n)
		}
	})
}

func count(t *testing.T, db *store.DB, query string) (n int64) {
	t.Helper()
	if err := db.ReadOne(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}
