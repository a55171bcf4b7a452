// Package imports keeps what internal/imports knows of files that users have sent
// to be imported. It satisfies that package's port; each writing method is one
// transaction. The files themselves are on disk, for as long as they are read.
package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"propusk/internal/authority"
	"propusk/internal/imports"
	"propusk/internal/store"
)

// Store satisfies imports.Store. Safe for concurrent use.
type Store struct{ db *store.DB }

var _ imports.Store = (*Store)(nil)

// New makes a Store over db.
func New(db *store.DB) *Store { return &Store{db: db} }

// BeginJob implements imports.Store.
func (s *Store) BeginJob(ctx context.Context, j imports.Job) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM import_jobs WHERE account = $1 AND state <> $2 AND id NOT IN
			(SELECT id FROM import_jobs WHERE account = $1 ORDER BY began_ms DESC, id DESC LIMIT $3)`,
			j.Account, imports.Running, imports.Kept-1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO import_jobs (id, account, principal, kind, file, file_bytes, only_try, replaces, state,
			passed, rows_read, added, same, changed, bad, other, line, held, refused, code, why, began_ms, ended_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, 0, 0, 0, 0, '[]', '', '', $10, 0)`,
			j.ID, j.Account, j.Principal, j.Kind, j.File, j.Size, j.Try, j.Replace, j.State, store.Millis(j.Began))
		return err
	})
}

// NoteJob implements imports.Store.
func (s *Store) NoteJob(ctx context.Context, j imports.Job) error {
	refused, err := json.Marshal(j.Refused)
	if err != nil {
		return fmt.Errorf("imports: %w", err)
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE import_jobs SET state = $2, passed = $3, rows_read = $4, added = $5, same = $6, changed = $7,
			bad = $8, other = $9, line = $10, held = $11, refused = $12, code = $13, why = $14, ended_ms = $15 WHERE id = $1`,
			j.ID, j.State, j.Passed, j.Read, j.Added, j.Same, j.Changed, j.Bad, j.Other, j.Line, j.Held,
			string(refused), j.Code, j.Why, store.Millis(j.Ended))
		return err
	})
}

// CutJobs implements imports.Store.
func (s *Store) CutJobs(ctx context.Context, at time.Time) (n int, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		cut, err := tx.Exec(`UPDATE import_jobs SET state = $1, ended_ms = $2 WHERE state = $3`, imports.Cut, store.Millis(at), imports.Running)
		n = int(cut)
		return err
	})
	return n, err
}

const selectJobs = `SELECT id, account, principal, kind, file, file_bytes, only_try, replaces, state, passed, rows_read, added,
	same, changed, bad, other, line, held, refused, code, why, began_ms, ended_ms FROM import_jobs `

func scanJob(row store.Scanner) (j imports.Job, err error) {
	var refused string
	var began, ended int64
	err = row.Scan(&j.ID, &j.Account, &j.Principal, &j.Kind, &j.File, &j.Size, &j.Try, &j.Replace, &j.State, &j.Passed, &j.Read, &j.Added,
		&j.Same, &j.Changed, &j.Bad, &j.Other, &j.Line, &j.Held, &refused, &j.Code, &j.Why, &began, &ended)
	if err != nil {
		return j, err
	}
	j.Began, j.Ended = store.FromMillis(began), store.FromMillis(ended)
	if err := json.Unmarshal([]byte(refused), &j.Refused); err != nil {
		return j, fmt.Errorf("imports: %w", err)
	}
	return j, nil
}

// Job implements imports.Store.
func (s *Store) Job(ctx context.Context, account, id authority.ID) (j imports.Job, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		j, err = scanJob(tx.QueryRow(selectJobs+`WHERE id = $1 AND account = $2`, id, account))
		if errors.Is(err, store.ErrNoRows) {
			return authority.E(authority.NotFound, "no such import")
		}
		return err
	})
	return j, err
}

// Jobs implements imports.Store.
func (s *Store) Jobs(ctx context.Context, account authority.ID, kind imports.Kind, size int) ([]imports.Job, error) {
	return store.CollectOne(ctx, s.db, scanJob, selectJobs+`WHERE account = $1 AND kind = $2
		ORDER BY began_ms DESC, id DESC LIMIT $3`, account, kind, size)
}
