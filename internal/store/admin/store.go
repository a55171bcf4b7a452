// Package admin keeps what internal/admin changes: accounts, principals, roles,
// areas, secrets; and reads the live grants and the audit. It satisfies that
// package's ports: each writing method is one transaction that carries the
// change, its feed entries and its audit entry. The rules (who may give what,
// when a replaced secret dies) are that package's pure functions, asked inside
// the transaction.
package admin

import (
	"context"
	"errors"
	"slices"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// Store satisfies the ports of internal/admin. Safe for concurrent use.
type Store struct {
	db    *store.DB
	apply func([]authority.FeedEntry)
	files Files
}

// Files keeps the bytes of recordings; blob.Store does.
type Files interface {
	// Delete takes it away; one that is not there is no error.
	Delete(ctx context.Context, name string) error
}

// WithFiles gives a Store that deletes the recordings of deleted accounts too.
func (s *Store) WithFiles(files Files) *Store {
	c := *s
	c.files = files
	return &c
}

// New makes a Store over db. apply hears of each feed entry after its commit
// and before the writer is answered; nil = nobody listens in this process.
func New(db *store.DB, apply func([]authority.FeedEntry)) *Store {
	if apply == nil {
		apply = func([]authority.FeedEntry) {}
	}
	return &Store{db: db, apply: apply}
}

// change runs fn and writes the change's audit entry, in one transaction.
func (s *Store) change(ctx context.Context, ch admin.Change, fn func(tx *store.Tx) error) error {
	return s.alone(ctx, func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return store.Audit(tx, ch.Entry)
	})
}

// alone runs fn in a transaction that no other node's administration meets: what
// fn finds, the last administrator or who is disabled, is so when it writes.
func (s *Store) alone(ctx context.Context, fn func(tx *store.Tx) error) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if err := store.Alone(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// revoke refuses what was issued to target and gives the position for its row.
func (s *Store) revoke(tx *store.Tx, ch admin.Change, scope authority.Scope, id authority.ID) (authority.Position, error) {
	return s.feed(tx, authority.FeedEntry{
		Stand: ch.Stand, Kind: authority.FeedRevoke, Until: ch.Until, Target: authority.Target{Scope: scope, ID: id},
	})
}

// hearsay is how long a changed entry is kept for nodes that read the feed: it
// only drops what is remembered.
const hearsay = time.Hour

// changed has every node drop what it remembers of target.
func (s *Store) changed(tx *store.Tx, ch admin.Change, scope authority.Scope, id authority.ID) error {
	_, err := s.feed(tx, authority.FeedEntry{
		Stand: ch.Stand, Kind: authority.FeedChanged, Until: ch.Now.Add(hearsay), Target: authority.Target{Scope: scope, ID: id},
	})
	return err
}

func (s *Store) feed(tx *store.Tx, e authority.FeedEntry) (authority.Position, error) {
	return store.AppendFeed(tx, s.apply, e)
}

func notFound(what string) error { return authority.E(authority.NotFound, "no such "+what) }

// missing turns "no row" into NotFound.
func missing(err error, what string) error {
	if errors.Is(err, store.ErrNoRows) {
		return notFound(what)
	}
	return err
}

// taken says which unique value is taken.
func taken(err error, what string) error {
	if errors.Is(err, store.ErrConflict) {
		return authority.Wrap(authority.Conflict, "the "+what+" is already taken", err)
	}
	return err
}

// ids reads a column of ids.
func ids(tx *store.Tx, query string, args ...any) ([]authority.ID, error) {
	return store.Collect(tx, store.Column[authority.ID], query, args...)
}

// each runs a statement for every id, with first as $1.
func each(tx *store.Tx, query string, first authority.ID, list []authority.ID) error {
	for _, id := range list {
		if _, err := tx.Exec(query, first, id); err != nil {
			return err
		}
	}
	return nil
}

// all runs statements that take one id.
func all(tx *store.Tx, id authority.ID, queries ...string) error {
	for _, q := range queries {
		if _, err := tx.Exec(q, id); err != nil {
			return err
		}
	}
	return nil
}

// known is InvalidValue unless every id of list is among those that the query
// gives for the account.
func known(tx *store.Tx, query string, account authority.ID, list []authority.ID, what string) error {
	if len(list) == 0 {
		return nil
	}
	have, err := ids(tx, query, account)
	if err != nil {
		return err
	}
	for _, id := range list {
		if !slices.Contains(have, id) {
			return authority.E(authority.InvalidValue, "no such "+what).With("field", what+"s")
		}
	}
	return nil
}
