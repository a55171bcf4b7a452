package tasks

import (
	"context"
	"iter"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/tasks"
)

// Slices of a load. The writer is everybody's: a slice that took longer than
// loadSlice is followed by a smaller one.
const (
	loadSlice = 30 * time.Millisecond
	loadBatch = 64 // rows of one statement
	loadFirst = loadBatch
	loadMost  = 32 * loadBatch
)

// Load writes many tasks of an account, in slices that leave the writer to
// others in between; what an earlier slice wrote stays if a later one fails.
// Numbers are given in the order of all; ids and stamps where they are missing.
// What a task refers to is taken as it is: Stage must be of the account. e is
// written once at the end, standing for all. It gives how many were written.
func (s *Store) Load(ctx context.Context, account authority.ID, e authority.Entry, all iter.Seq[tasks.Task]) (int, error) {
	next, stop := iter.Pull(all)
	defer stop()
	written := 0
	for size := loadFirst; ; {
		slice := fill(next, size)
		if len(slice) == 0 {
			break
		}
		var took time.Duration
		err := s.db.Write(ctx, func(tx *store.Tx) error {
			start := time.Now()
			defer func() { took = time.Since(start) }()
			return s.load(tx, account, slice)
		})
		if err != nil {
			return written, err
		}
		written += len(slice)
		size = resize(size, took)
	}
	e.Count = written
	return written, s.db.Write(ctx, func(tx *store.Tx) error { return store.Audit(tx, e) })
}

// resize aims at loadSlice, in whole batches.
func resize(size int, took time.Duration) int {
	switch {
	case took > loadSlice:
		size /= 2
	case took < loadSlice/2:
		size *= 2
	}
	return min(max(size/loadBatch*loadBatch, loadBatch), loadMost)
}

func fill(next func() (tasks.Task, bool), size int) []tasks.Task {
	slice := make([]tasks.Task, 0, size)
	for len(slice) < size {
		t, ok := next()
		if !ok {
			break
		}
		if t.ID == 0 {
			t.ID = authority.NewID()
		}
		if t.Stamp == "" {
			t.Stamp = tasks.NewStamp()
		}
		slice = append(slice, t)
	}
	return slice
}

func (s *Store) load(tx *store.Tx, account authority.ID, slice []tasks.Task) error {
	number, err := allot(tx, account, len(slice))
	if err != nil {
		return err
	}
	for i := range slice {
		slice[i].Number = number + int64(i)
	}
	for batch := range slices.Chunk(slice, loadBatch) {
		if err := insert(tx, account, batch); err != nil {
			return err
		}
	}
	// In the order of keys the ledger finds each chunk once.
	slices.SortFunc(slice, func(a, b tasks.Task) int { return keyOf(a).compare(keyOf(b)) })
	counts := s.ledger(tx, account)
	for _, t := range slice {
		if err := counts.insert(t); err != nil {
			return err
		}
	}
	return counts.flush()
}
