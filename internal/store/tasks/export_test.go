package tasks

import "propusk/internal/store"

// NewChunked makes a Store whose chunks hold size tasks, so that few tasks make
// many chunks.
func NewChunked(db *store.DB, size int64) *Store { return &Store{db: db, chunk: size} }
