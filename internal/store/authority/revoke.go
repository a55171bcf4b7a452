package authority

import (
	"cmp"
	"context"
	"errors"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// Revoke implements authority.Revocations.
func (s *Store) Revoke(ctx context.Context, r authority.Revocation) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		entries := make([]authority.FeedEntry, len(r.Targets))
		for i, t := range r.Targets {
			entries[i] = authority.FeedEntry{Stand: r.Stand, Kind: cmp.Or(r.Kind, authority.FeedRevoke), Target: t, Until: r.Until}
		}
		last, err := store.AppendFeed(tx, s.apply, entries...)
		if err != nil {
			return err
		}
		for _, t := range r.Targets {
			if err := mark(tx, r, t, last); err != nil {
				return err
			}
		}
		return store.Audit(tx, r.Entry)
	})
}

// mark writes the position to the row that t names, and thereby asks whether it
// lies in the account. The row keeps the mark when the entry has left the feed.
func mark(tx *store.Tx, r authority.Revocation, t authority.Target, position authority.Position) error {
	if t.Scope == authority.ScopeToken || t.Scope == authority.ScopeGeneration {
		return inAccount(tx, r, t.ID) // the grant lives on: only the feed knows
	}
	query, ok := marks(t.Scope)
	if !ok {
		return nil // keys and stands have no row of an account
	}
	rows, err := tx.Exec(query, position, t.ID, r.Stand, r.Account)
	if err == nil && rows == 0 {
		err = notFound()
	}
	return err
}

func inAccount(tx *store.Tx, r authority.Revocation, grant authority.ID) error {
	var found int
	err := tx.QueryRow(`SELECT 1 FROM grants WHERE id = $1 AND stand = $2 AND (account = $3 OR $3 = 0)`,
		grant, r.Stand, r.Account).Scan(&found)
	if errors.Is(err, store.ErrNoRows) {
		return notFound()
	}
	return err
}

func marks(scope authority.Scope) (string, bool) {
	switch scope {
	case authority.ScopeGrant:
		return `UPDATE grants SET mark = $1 WHERE id = $2 AND stand = $3 AND (account = $4 OR $4 = 0)`, true
	case authority.ScopeCredential:
		return `UPDATE credentials SET mark = $1, revoked = 1 WHERE id = $2 AND stand = $3 AND (account = $4 OR $4 = 0)`, true
	case authority.ScopePrincipal:
		return `UPDATE principals SET mark = $1 WHERE id = $2 AND stand = $3 AND (account = $4 OR $4 = 0)`, true
	case authority.ScopeAccount:
		return `UPDATE accounts SET mark = $1 WHERE id = $2 AND stand = $3 AND (id = $4 OR $4 = 0)`, true
	case authority.ScopeToken, authority.ScopeGeneration, authority.ScopeKey, authority.ScopeStand:
	}
	return "", false
}

// WriteAudit implements authority.Auditor. What was gathered of an account that
// is gone meanwhile is dropped: nothing of it stays behind.
func (s *Store) WriteAudit(ctx context.Context, entries []authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		gone := map[authority.ID]bool{0: false} // 0: of no account
		for _, e := range entries {
			if _, asked := gone[e.Account]; !asked {
				there, err := hasAccount(tx, e.Account)
				if err != nil {
					return err
				}
				gone[e.Account] = !there
			}
			if gone[e.Account] {
				continue
			}
			if err := store.Audit(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func hasAccount(tx *store.Tx, id authority.ID) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM accounts WHERE id = $1`, id).Scan(&n)
	return n > 0, err
}

// touchSlice keeps one transaction of marks short.
const touchSlice = 200

// Touch implements authority.Grants.
func (s *Store) Touch(ctx context.Context, marks []authority.Touch) error {
	for len(marks) > 0 {
		n := min(len(marks), touchSlice)
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return touch(tx, marks[:n]) }); err != nil {
			return err
		}
		marks = marks[n:]
	}
	return nil
}

func touch(tx *store.Tx, marks []authority.Touch) error {
	for _, m := range marks {
		at := store.Millis(m.At)
		_, err := tx.Exec(`UPDATE grants SET last_used_ms = $1, last_address = $2
			WHERE id = $3 AND last_used_ms < $1`, at, m.Address, m.Grant)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE credentials SET last_used_ms = $1, last_address = $2, uses = uses + $3
			WHERE id = $4 AND last_used_ms <= $1`, at, m.Address, m.Count, m.Credential)
		if err != nil {
			return err
		}
	}
	return nil
}

// purgeRows is how many expired grants one step takes away.
const purgeRows = 500

// Purge takes expired grants and codes away in one small step and reports how
// many left.
func (s *Store) Purge(ctx context.Context) (int, error) {
	left := 0
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		now := store.Millis(s.db.Now())
		codes, err := purgeCodes(tx, now)
		if err != nil {
			return err
		}
		gone, err := expired(tx, now)
		if err != nil {
			return err
		}
		perCredential := make(map[authority.ID]int)
		for id, credential := range gone {
			if _, err := tx.Exec(`DELETE FROM grants WHERE id = $1`, id); err != nil {
				return err
			}
			perCredential[credential]++
		}
		for credential, n := range perCredential {
			if _, err := tx.Exec(`UPDATE credentials SET live_grants = live_grants - $1 WHERE id = $2`, n, credential); err != nil {
				return err
			}
		}
		left = len(gone) + codes
		return nil
	})
	return left, err
}

func expired(tx *store.Tx, now int64) (map[authority.ID]authority.ID, error) {
	pairs, err := store.Collect(tx, store.Pair[authority.ID],
		`SELECT id, credential FROM grants WHERE gone_ms < $1 ORDER BY gone_ms LIMIT $2`, now, purgeRows)
	gone := make(map[authority.ID]authority.ID, len(pairs))
	for _, pair := range pairs {
		gone[pair[0]] = pair[1]
	}
	return gone, err
}
