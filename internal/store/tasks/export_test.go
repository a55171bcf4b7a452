package tasks

import (
	"context"

	"propusk/internal/store"
	"propusk/internal/tasks"
)

// NewChunked makes a Store whose chunks hold size tasks, so that few tasks make
// many chunks.
func NewChunked(db *store.DB, size int64) *Store { return &Store{db: db, chunk: size} }

// Naive reads a page as one would without counts: COUNT(*), LIMIT and OFFSET.
func (s *Store) Naive(ctx context.Context, r tasks.Reach, f tasks.Filter) (page tasks.Page, err error) {
	g, _ := groupOf(r, f)
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		ids, total, err := scannedPage(tx, g, f)
		if err != nil {
			return err
		}
		page.Total = total
		page.Items, err = byIDs(tx, ids)
		return err
	})
	return page, err
}
