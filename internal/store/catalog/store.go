// Package catalog keeps products, documents and what they refer to: it satisfies
// the ports of internal/catalog with SQL that both engines read.
//
// A query's tree becomes SQL in one place (render.go), out of column names of our
// own and parameters alone; what it finds is what catalog/query finds in memory.
// Pages go on from the last row's values, not from a count of rows, so that a deep
// one is as quick as the first.
//
// Every product row belongs to a version of its account's catalogue. Readers read
// the version that is current within their own snapshot, so a switch is one
// update of two rows of catalog_version; the rows of the former leave later, in
// steps (Purge).
package catalog

import (
	"propusk/internal/catalog"
	"propusk/internal/store"
)

// Store keeps catalogues in a database. Safe for concurrent use.
type Store struct{ db *store.DB }

var (
	_ catalog.Store       = (*Store)(nil)
	_ catalog.UploadStore = (*Store)(nil)
	_ catalog.DocStore    = (*Store)(nil)
)

// New makes a Store over db, which has been migrated.
func New(db *store.DB) *Store { return &Store{db} }
