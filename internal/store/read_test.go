package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func count(tx *store.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT count(*) FROM items`).Scan(&n)
	return n, err
}

func TestReadIsOneSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		write(t, db, insert(1, "a"))
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			before, err := count(tx)
			if err != nil {
				return err
			}
			write(t, db, insert(2, "b"))
			after, err := count(tx)
			if before != 1 || after != 1 {
				t.Errorf("%d, then %d", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(names(t, db)); got != 2 {
			t.Error(got)
		}
	})
}

// TestWrongUse: what a slice does wrong fails alike on both engines, and the
// connection serves the next caller.
func TestWrongUse(t *testing.T) {
	one := func(tx *store.Tx) error { _, err := count(tx); return err }
	var kept *store.Tx
	uses := map[string]struct {
		run func(*store.DB, context.Context, func(*store.Tx) error) error
		fn  func(*store.Tx) error
	}{
		"write in Read":    {(*store.DB).Read, insert(9, "x")},
		"write in ReadOne": {(*store.DB).ReadOne, insert(9, "x")},
		"two in ReadOne":   {(*store.DB).ReadOne, func(tx *store.Tx) error { return errors.Join(one(tx), one(tx)) }},
		"hook in Read":     {(*store.DB).Read, func(tx *store.Tx) error { tx.AfterCommit(func() {}); return nil }},
		"rows open": {(*store.DB).Read, func(tx *store.Tx) error {
			if _, err := tx.Query(`SELECT id FROM items`); err != nil {
				return err
			}
			return one(tx)
		}},
		"rows open in Write": {(*store.DB).Write, func(tx *store.Tx) error {
			if _, err := tx.Query(`SELECT id FROM items`); err != nil {
				return err
			}
			return insert(9, "x")(tx)
		}},
		"after a failure": {(*store.DB).Write, func(tx *store.Tx) error {
			_, _ = tx.Exec(`INSERT INTO nowhere (id) VALUES (1)`)
			_ = one(tx)
			return nil
		}},
		"time as argument": {(*store.DB).Write, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO items (id, name) VALUES ($1, $2)`, time.Unix(0, 0), "x")
			return err
		}},
		"after the end": {(*store.DB).Read, func(*store.Tx) error { return one(kept) }},
	}
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		write(t, db, func(tx *store.Tx) error { kept = tx; return insert(1, "a")(tx) })
		for name, use := range uses {
			t.Run(name, func(t *testing.T) {
				if err := use.run(db, t.Context(), use.fn); err == nil {
					t.Error("no error")
				}
				if diff := cmp.Diff([]string{"a"}, names(t, db)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestRowsLeftOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		write(t, db, insert(1, "a"))
		leave := func(tx *store.Tx) error { _, err := tx.Query(`SELECT id FROM items`); return err }
		for range 100 {
			if err := errors.Join(db.Read(t.Context(), leave), db.ReadOne(t.Context(), leave), db.Write(t.Context(), leave)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestPanicInRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		for range 100 { // more than there are readers
			func() {
				defer func() { _ = recover() }()
				_ = db.Read(t.Context(), func(tx *store.Tx) error {
					_, _ = tx.Query(`SELECT id FROM items`)
					panic("in a reader")
				})
			}()
		}
		names(t, db)
	})
}

func TestNoRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		err := db.ReadOne(t.Context(), func(tx *store.Tx) error {
			var id int64
			return tx.QueryRow(`SELECT id FROM items WHERE id = $1`, 1).Scan(&id)
		})
		if !errors.Is(err, store.ErrNoRows) {
			t.Error(err)
		}
	})
}

// TestValues: what goes in comes out, whatever Go type it had.
func TestValues(t *testing.T) {
	type name string
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		id := authority.ID(1<<53 - 1)
		text, none := name("ёлка 𝔘"), (*string)(nil)
		write(t, db, func(tx *store.Tx) error {
			n, err := tx.Exec(`INSERT INTO items (id, name, note) VALUES ($1, $2, $3), ($4, $5, $6), ($7, $8, $9)`,
				id, text, []byte{0, 255}, true, "", []byte{}, uint8(2), "null", none)
			if n != 3 {
				t.Errorf("%d rows", n)
			}
			return err
		})
		var gotID authority.ID
		var gotText name
		var blob []byte
		var yes bool
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			query := `SELECT id, name, note FROM items WHERE id = $1 AND name >= $2`
			if err := tx.QueryRow(query, id, "").Scan(&gotID, &gotText, &blob); err != nil {
				return err
			}
			var rest []byte
			return tx.QueryRow(query, int8(1), "").Scan(&yes, new(string), &rest)
		})
		if err != nil || gotID != id || gotText != text || !cmp.Equal(blob, []byte{0, 255}) || !yes {
			t.Error(err, gotID, gotText, blob, yes)
		}
	})
}

// TestBytesOrder: text compares by bytes on both engines, so that pages have
// one order.
func TestBytesOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		for i, s := range []string{"я", "ё", "a b", "ab", "B", "a", "Я", "é", "z", "-"} {
			write(t, db, insert(int64(i), s))
		}
		var got []string
		err := db.ReadOne(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query(`SELECT name FROM items WHERE name > $1 ORDER BY name`, "-")
			if err != nil {
				return err
			}
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return err
				}
				got = append(got, s)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"B", "a", "a b", "ab", "z", "é", "Я", "я", "ё"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestCancelledReads is B48 at this level: callers that give up at any moment
// never leave a connection that answers another caller with their rows.
func TestCancelledReads(t *testing.T) {
	const callers, rounds = 16, 60
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		for i := range int64(callers) {
			write(t, db, insert(i, fmt.Sprint("item ", i)))
		}
		var group sync.WaitGroup
		for i := range int64(callers) {
			group.Go(func() {
				for round := range rounds {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(1500))*time.Microsecond)
					read := db.Read
					if round%2 == 0 {
						read = db.ReadOne
					}
					checkOwn(t, read(ctx, func(tx *store.Tx) error { return own(t, tx, i) }))
					cancel()
				}
			})
		}
		group.Wait()
		if got := len(names(t, db)); got != callers {
			t.Error(got)
		}
	})
}

func own(t *testing.T, tx *store.Tx, i int64) error {
	rows, err := tx.Query(`SELECT a.id, a.name FROM items a, items b, items c WHERE a.id = $1`, i)
	if err != nil {
		return err
	}
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		if id != i || name != fmt.Sprint("item ", i) {
			t.Errorf("caller %d got %d, %q", i, id, name)
		}
	}
	return rows.Err()
}

func checkOwn(t *testing.T, err error) {
	if err != nil && authority.CodeOf(err) != authority.Unavailable && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
