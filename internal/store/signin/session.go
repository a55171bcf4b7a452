package signin

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/store"
)

const selectSessions = `SELECT s.grant_id, s.account, s.principal, s.method, s.created_ms, s.seen_ms, s.proven_ms,
	s.ends_ms, s.address, s.agent, COALESCE(c.language, ''), COALESCE(c.theme, '')
	FROM signin_session s LEFT JOIN signin_choice c ON c.principal = s.principal `

func scanSession(row store.Scanner) (signin.Session, error) {
	var s signin.Session
	var created, seen, proven, ends int64
	err := row.Scan(&s.Grant, &s.Account, &s.Principal, &s.Method, &created, &seen, &proven,
		&ends, &s.Address, &s.Agent, &s.Language, &s.Theme)
	s.Created, s.Seen = store.FromMillis(created), store.FromMillis(seen)
	s.Proven, s.Ends = store.FromMillis(proven), store.FromMillis(ends)
	return s, missing(err, "session")
}

// Of a user's sessions those leave that have ended by themselves or whose grant
// has left.
const endedSessions = `DELETE FROM signin_session WHERE principal = $1 AND (ends_ms <= $2
	OR NOT EXISTS (SELECT 1 FROM grants g WHERE g.id = signin_session.grant_id AND g.mark <= g.position))`

// CreateSession implements signin.Sessions.
func (s *Store) CreateSession(ctx context.Context, stand authority.Stand, n signin.Session) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(endedSessions, n.Principal, store.Millis(n.Created)); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO signin_session (grant_id, stand, account, principal, method, created_ms,
			seen_ms, proven_ms, ends_ms, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			n.Grant, stand, n.Account, n.Principal, n.Method, store.Millis(n.Created),
			store.Millis(n.Seen), store.Millis(n.Proven), store.Millis(n.Ends), n.Address, n.Agent)
		return err
	})
}

// Session implements signin.Sessions.
func (s *Store) Session(ctx context.Context, grant authority.ID) (found signin.Session, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		found, err = scanSession(tx.QueryRow(selectSessions+`WHERE s.grant_id = $1`, grant))
		return err
	})
	return found, err
}

// A session lives as long as its grant does: the conditions are those of the list of
// live grants in store/admin/grant.go, which people compare it with.
const liveSessions = selectSessions + `JOIN grants g ON g.id = s.grant_id JOIN credentials k ON k.id = g.credential
	JOIN principals p ON p.id = s.principal JOIN accounts a ON a.id = s.account JOIN stands t ON t.stand = s.stand
	WHERE s.principal = $1 AND s.ends_ms > $2 AND g.gone_ms > $2 AND g.epoch = t.epoch AND g.mark <= g.position
	AND k.mark <= g.position AND k.revoked = 0 AND p.mark <= g.position AND a.mark <= g.position
	AND p.disabled = 0 AND a.disabled = 0 ORDER BY s.created_ms DESC, s.grant_id`

// Sessions implements signin.Sessions.
func (s *Store) Sessions(ctx context.Context, principal authority.ID, now time.Time) ([]signin.Session, error) {
	return store.CollectOne(ctx, s.db, scanSession, liveSessions, principal, store.Millis(now))
}

// ProveSession implements signin.Sessions.
func (s *Store) ProveSession(ctx context.Context, grant authority.ID, at time.Time) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE signin_session SET seen_ms = $1, proven_ms = $1 WHERE grant_id = $2`, store.Millis(at), grant)
		return found(n, err, "session")
	})
}

// NoteSession implements signin.Sessions.
func (s *Store) NoteSession(ctx context.Context, grant authority.ID, at time.Time) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE signin_session SET seen_ms = $1 WHERE grant_id = $2 AND seen_ms < $1`, store.Millis(at), grant)
		return err
	})
}

// Choose implements signin.Sessions.
func (s *Store) Choose(ctx context.Context, c signin.Choice) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO signin_choice (principal, account, language, theme) VALUES ($1, $2, $3, $4)
			ON CONFLICT (principal) DO UPDATE SET
			language = CASE WHEN excluded.language = '' THEN signin_choice.language ELSE excluded.language END,
			theme = CASE WHEN excluded.theme = '' THEN signin_choice.theme ELSE excluded.theme END`,
			c.Principal, c.Account, c.Language, c.Theme)
		return err
	})
}
