package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

func TestWriteOrder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		letGo := hold(t, db)
		var ran, committed []int64
		var answers []<-chan error
		for i := range int64(5) {
			answers = append(answers, queued(t.Context(), t, db, func(tx *store.Tx) error {
				ran = append(ran, i)
				tx.AfterCommit(func() { committed = append(committed, i) })
				tx.AfterCommit(func() { committed = append(committed, -i) })
				return insert(i, fmt.Sprint(i))(tx)
			}))
		}
		if err := letGo(); err != nil {
			t.Fatal(err)
		}
		// The holder is answered after everybody's hooks: they share its commit.
		if diff := cmp.Diff([]int64{0, 0, 1, -1, 2, -2, 3, -3, 4, -4}, committed); diff != "" {
			t.Error(diff)
		}
		for _, a := range answers {
			if err := <-a; err != nil {
				t.Error(err)
			}
		}
		if !slices.IsSorted(ran) || len(ran) != 5 {
			t.Errorf("ran in order %v", ran)
		}
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, names(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

// ownFailure is what one caller does wrong and the code of its answer.
type ownFailure struct {
	fn   func(*store.Tx) error
	code authority.Code
	is   error // also found in the answer, unless nil
}

func run(query string, args ...any) func(*store.Tx) error {
	return func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }
}

func ownFailures() map[string]ownFailure {
	const both = `INSERT INTO items (id, name) VALUES ($1, $2)`
	twice := func(tx *store.Tx) error { return errors.Join(insert(50, "x")(tx), insert(51, "x")(tx)) }
	return map[string]ownFailure{
		"error":    {func(tx *store.Tx) error { return errors.Join(insert(50, "x")(tx), errOwn) }, authority.Internal, errOwn},
		"panic":    {func(tx *store.Tx) error { _ = insert(50, "x")(tx); panic("mine") }, authority.Internal, nil},
		"conflict": {twice, authority.Conflict, store.ErrConflict},
		"panic with rows open": {
			func(tx *store.Tx) error { _, _ = tx.Query(`SELECT id FROM items`); panic("mine") },
			authority.Internal, nil,
		},
		"conflict swallowed": {
			func(tx *store.Tx) error { _ = twice(tx); return nil },
			authority.Conflict, store.ErrConflict,
		},
		"bad SQL":    {run(`INSERT INTO nowhere (id) VALUES (1)`), authority.Internal, nil},
		"NUL":        {insert(50, "a\x00b"), authority.InvalidValue, nil},
		"not UTF-8":  {insert(50, "a\xffb"), authority.InvalidValue, nil},
		"not null":   {run(both, 50, nil), authority.Internal, nil},
		"wrong type": {run(both, "fifty", "x"), authority.Internal, nil},
	}
}

func (f ownFailure) check(t *testing.T, err error) {
	t.Helper()
	if authority.CodeOf(err) != f.code || (f.is != nil && !errors.Is(err, f.is)) {
		t.Errorf("failing caller got %v", err)
	}
}

// TestFailureIsOwn puts every kind of failure between the successes of one
// batch.
func TestFailureIsOwn(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		id := int64(100)
		for name, f := range ownFailures() {
			t.Run(name, func(t *testing.T) {
				before := len(names(t, db))
				letGo := hold(t, db)
				var answers []<-chan error
				for i := range 5 {
					fn := f.fn
					if i%2 == 1 {
						id++
						fn = insert(id, fmt.Sprint(id))
					}
					answers = append(answers, queued(t.Context(), t, db, fn))
				}
				if err := letGo(); err != nil {
					t.Fatal(err)
				}
				for i, a := range answers {
					err := <-a
					if i%2 == 1 && err != nil {
						t.Errorf("neighbour: %v", err)
					}
					if i%2 == 0 {
						f.check(t, err)
					}
				}
				if got := len(names(t, db)); got != before+2 {
					t.Errorf("%d rows more, want 2", got-before)
				}
			})
		}
	})
}

func TestFirstOfBatchFails(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			return errors.Join(insert(1, "a")(tx), errOwn)
		})
		if !errors.Is(err, errOwn) {
			t.Fatal(err)
		}
		write(t, db, insert(2, "b"))
		if diff := cmp.Diff([]string{"b"}, names(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCancelled(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		ctx, cancel := context.WithCancel(t.Context())
		letGo := hold(t, db)
		waiting := queued(ctx, t, db, insert(1, "waited"))
		other := queued(t.Context(), t, db, insert(2, "other"))
		cancel()
		err := <-waiting
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		wantCode(t, err, authority.Unavailable)
		if err := errors.Join(letGo(), <-other); err != nil {
			t.Fatal(err)
		}
		wantCode(t, db.Write(ctx, insert(3, "late")), authority.Unavailable)

		ctx, cancel = context.WithCancel(t.Context())
		err = db.Write(ctx, func(tx *store.Tx) error { cancel(); return insert(4, "running")(tx) })
		if err != nil {
			t.Errorf("a write that runs is finished: %v", err)
		}
		if diff := cmp.Diff([]string{"other", "running"}, names(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestGoexit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		letGo := hold(t, db)
		leaving := queued(t.Context(), t, db, func(tx *store.Tx) error {
			_, _ = tx.Query(`SELECT id FROM items`)
			runtime.Goexit()
			return nil
		})
		wantCode(t, letGo(), authority.Unavailable)
		wantCode(t, <-leaving, authority.Unavailable)
		write(t, db, insert(1, "after"))
	})
}

func TestAfterCommitPanics(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			tx.AfterCommit(func() { panic("in the hook") })
			return insert(1, "kept")(tx)
		})
		wantCode(t, err, authority.Internal)
		write(t, db, insert(2, "next"))
		if diff := cmp.Diff([]string{"kept", "next"}, names(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestParallelWriters(t *testing.T) {
	const callers, rounds = 64, 20
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		write(t, db, insert(0, "0"))
		var order []int64
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				for range rounds {
					err := db.Write(t.Context(), func(tx *store.Tx) error {
						var next int64
						if err := tx.QueryRow(`SELECT max(id) + 1 FROM items`).Scan(&next); err != nil {
							return err
						}
						tx.AfterCommit(func() { order = append(order, next) })
						return insert(next, fmt.Sprint(next))(tx)
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if len(order) != callers*rounds || !slices.IsSorted(order) || order[len(order)-1] != callers*rounds {
			t.Errorf("%d hooks, last %d", len(order), order[len(order)-1])
		}
		if got := len(names(t, db)); got != callers*rounds+1 {
			t.Errorf("%d rows", got)
		}
	})
}

func TestBigBatch(t *testing.T) {
	const callers = 1000
	each(t, func(t *testing.T, db *store.DB) {
		items(t, db)
		letGo := hold(t, db)
		var group sync.WaitGroup
		for i := range int64(callers) {
			group.Go(func() {
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					if err := insert(i, fmt.Sprint(i))(tx); err != nil {
						return err
					}
					if i%3 == 0 {
						return errOwn
					}
					return nil
				})
				if (i%3 == 0) != errors.Is(err, errOwn) {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		eventually(t, func() bool { return db.Waiting() == callers })
		if err := letGo(); err != nil {
			t.Error(err)
		}
		group.Wait()
		if got, want := len(names(t, db)), callers-callers/3-1; got != want {
			t.Errorf("%d rows, want %d", got, want)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	config := patient(t, store.SQLite)
	config.Queue = 2
	db := storetest.OpenConfig(t, config)
	letGo := hold(t, db)
	nothing := func(*store.Tx) error { return nil }
	first := queued(t.Context(), t, db, nothing)
	second := queued(t.Context(), t, db, nothing)
	err := db.Write(t.Context(), nothing)
	wantCode(t, err, authority.Unavailable)
	var refused *authority.Error
	if errors.As(err, &refused); refused.RetryAfter == 0 {
		t.Error("no RetryAfter")
	}
	if err := errors.Join(letGo(), <-first, <-second); err != nil {
		t.Error(err)
	}
}

func TestCloseDrains(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			config := patient(t, driver)
			db := storetest.OpenConfig(t, config)
			items(t, db)
			letGo := hold(t, db)
			accepted := queued(t.Context(), t, db, insert(1, "accepted"))
			closed := make(chan error, 1)
			go func() { closed <- db.Close() }()
			eventually(t, db.Closing)
			wantCode(t, db.Write(t.Context(), insert(2, "late")), authority.Unavailable)
			if err := errors.Join(letGo(), <-accepted, <-closed); err != nil {
				t.Fatal(err)
			}
			wantCode(t, db.Read(t.Context(), func(*store.Tx) error { return nil }), authority.Unavailable)
			wantCode(t, db.Ping(t.Context()), authority.Unavailable)
			again := storetest.OpenConfig(t, config)
			if diff := cmp.Diff([]string{"accepted"}, names(t, again)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
