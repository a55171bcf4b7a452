// Package authority keeps the core's nouns: credentials, grants, revocations and
// what a principal may do. It satisfies the ports of internal/authority; the
// rules themselves (who is refused, what a refresh gets) are that package's pure
// functions, asked inside the transaction.
package authority

import (
	"propusk/internal/authority"
	"propusk/internal/store"
)

// Store satisfies every port of the core. Safe for concurrent use.
type Store struct {
	db    *store.DB
	apply func([]authority.FeedEntry)
}

// New makes a Store over db. apply hears of each feed entry after its commit and
// before the writer is answered.
func New(db *store.DB, apply func([]authority.FeedEntry)) *Store {
	return &Store{db: db, apply: apply}
}
