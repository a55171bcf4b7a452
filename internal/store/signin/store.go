// Package signin keeps what internal/signin knows of people who sign in to the
// console: sessions, second factors, choices. It satisfies that package's ports;
// each writing method is one transaction. Grants are store/authority's.
package signin

import (
	"errors"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// Store satisfies the ports of internal/signin. Safe for concurrent use.
type Store struct{ db *store.DB }

// New makes a Store over db.
func New(db *store.DB) *Store { return &Store{db: db} }

// missing turns "no row" into NotFound.
func missing(err error, what string) error {
	if errors.Is(err, store.ErrNoRows) {
		return authority.E(authority.NotFound, "no such "+what)
	}
	return err
}
