// Package calls keeps telephone calls and what their history is asked for: it
// satisfies the ports of internal/calls with SQL that both engines read.
//
// A history is read along one index of (account, beginning, id), whose entries
// hold what can be filtered by. The calls of certain numbers or of an extension
// are found through phone_party, which has a row for each side of a call: the
// newest of each number, merged. Both begin at the page's first row, whatever
// the account has besides.
package calls

import (
	"propusk/internal/calls"
	"propusk/internal/store"
)

// Store keeps calls in a database. Safe for concurrent use.
type Store struct{ db *store.DB }

var (
	_ calls.Store  = (*Store)(nil)
	_ calls.Copies = (*Store)(nil)
)

// New makes a Store over db, which has been migrated.
func New(db *store.DB) *Store { return &Store{db: db} }
