// Package directory keeps telephone extensions and who wants to hear of their
// calls: it satisfies the ports of internal/directory with SQL that both engines
// read.
package directory

import (
	"context"
	"errors"

	"propusk/internal/authority"
	"propusk/internal/directory"
	"propusk/internal/store"
)

// Store keeps extensions in a database. Safe for concurrent use.
type Store struct{ db *store.DB }

var (
	_ directory.Store  = (*Store)(nil)
	_ directory.Events = (*Store)(nil)
)

// New makes a Store over db, which has been migrated.
func New(db *store.DB) *Store { return &Store{db: db} }

// A user who is gone has no extension.
const columns = `e.id, e.number, e.kind, e.label, e.team, e.blocked,
	COALESCE((SELECT p.id FROM principals p WHERE p.id = e.principal AND p.account = e.account), 0), e.created_ms`

func scan(from store.Scanner) (directory.Extension, error) {
	var e directory.Extension
	var blocked, created int64
	err := from.Scan(&e.ID, &e.Number, &e.Kind, &e.Label, &e.Group, &blocked, &e.User, &created)
	e.Blocked, e.Created = blocked == 1, store.FromMillis(created)
	return e, err
}

func missing(err error) error {
	if errors.Is(err, store.ErrNoRows) {
		return directory.Missing()
	}
	return err
}

// Extensions implements directory.Store.
func (s *Store) Extensions(ctx context.Context, account authority.ID, q directory.Query) ([]directory.Extension, error) {
	text := new(store.Statement).Add("SELECT "+columns+" FROM phone_extension e WHERE e.account = ?", account)
	if q.Kind != "" {
		text.Add(" AND e.kind = ?", string(q.Kind))
	}
	if q.Blocked != nil {
		text.Add(" AND e.blocked = ?", *q.Blocked)
	}
	text.Add(" ORDER BY e.number LIMIT ? OFFSET ?", q.Limit, q.Offset)
	return store.CollectOne(ctx, s.db, scan, text.String(), text.Args()...)
}

// Extension implements directory.Store.
func (s *Store) Extension(ctx context.Context, account, id authority.ID) (e directory.Extension, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		e, err = find(tx, account, id)
		return err
	})
	return e, err
}

func find(tx *store.Tx, account, id authority.ID) (directory.Extension, error) {
	e, err := scan(tx.QueryRow("SELECT "+columns+" FROM phone_extension e WHERE e.id = $1 AND e.account = $2", id, account))
	return e, missing(err)
}

// ExtensionOf implements directory.Store.
func (s *Store) ExtensionOf(ctx context.Context, account, user authority.ID) (e directory.Extension, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		e, err = scan(tx.QueryRow("SELECT "+columns+` FROM phone_extension e
			WHERE e.principal = $1 AND e.account = $2 AND e.principal <> 0 ORDER BY e.number LIMIT 1`, user, account))
		return missing(err)
	})
	return e, err
}
