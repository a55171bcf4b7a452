package admin

import (
	"context"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// Pages go by principal and grant, along the indexes that are there: one on the
// account's grants would cost every issue.
const selectLive = `SELECT g.id, g.dialect, g.door, g.client_id, g.principal, p.name, p.kind, g.credential,
	g.issued_ms, g.gone_ms, g.last_used_ms, g.last_address ` + fromLive + `
	ORDER BY g.principal, g.id LIMIT $8 OFFSET $9`

const fromLive = `FROM principals p JOIN grants g ON g.principal = p.id
	JOIN credentials c ON c.id = g.credential JOIN principals h ON h.id = c.principal JOIN accounts a ON a.id = p.account JOIN stands s ON s.stand = p.stand
	WHERE p.account = $1 AND g.gone_ms > $2 AND g.epoch = s.epoch
	AND g.mark <= g.position AND c.mark <= g.position AND p.mark <= g.position AND a.mark <= g.position
	AND h.mark <= g.position AND c.revoked = 0 AND p.disabled = 0 AND h.disabled = 0 AND a.disabled = 0
	AND (g.principal > $3 OR (g.principal = $3 AND g.id > $4))
	AND (p.id = $5 OR h.id = $5 OR $5 = 0) AND (c.id = $6 OR $6 = 0) AND (g.dialect = $7 OR $7 = '')`

// LiveGrants implements admin.Grants.
func (s *Store) LiveGrants(ctx context.Context, account authority.ID, q admin.GrantQuery, now time.Time) (list []admin.LiveGrant, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(selectLive, account, store.Millis(now), q.After.Principal, q.After.Grant,
			q.Principal, q.Credential, q.Dialect, q.Size, q.Skip)
		list, err = collect(rows, err, scanLive)
		return err
	})
	return list, err
}

// CountGrants implements admin.Grants.
func (s *Store) CountGrants(ctx context.Context, account authority.ID, q admin.GrantQuery, now time.Time) (n int, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT count(*) `+fromLive, account, store.Millis(now), 0, 0, q.Principal, q.Credential, q.Dialect).Scan(&n)
	})
	return n, err
}

func scanLive(rows *store.Rows) (admin.LiveGrant, error) {
	var g admin.LiveGrant
	var issued, gone, used int64
	err := rows.Scan(&g.ID, &g.Dialect, &g.Door, &g.ClientID, &g.Principal, &g.Holder, &g.HolderKind, &g.Credential,
		&issued, &gone, &used, &g.Address)
	g.Issued, g.Expires, g.LastUsed = store.FromMillis(issued), store.FromMillis(gone), store.FromMillis(used)
	return g, err
}

// Within implements admin.Grants.
func (s *Store) Within(ctx context.Context, ch admin.Change, t authority.Target) error {
	if t.Scope != authority.ScopePrincipal && t.Scope != authority.ScopeGrant {
		return nil
	}
	return s.db.Read(ctx, func(tx *store.Tx) error {
		concerned, err := concernedBy(tx, ch.Account, t)
		for _, p := range concerned {
			if err == nil {
				err = withinOf(tx, ch, p)
			}
		}
		return err
	})
}

// concernedBy lists a principal, or those that a grant acts as and comes from.
func concernedBy(tx *store.Tx, account authority.ID, t authority.Target) ([]authority.Principal, error) {
	where, id := `WHERE id = $1 AND account = $2`, t.ID
	if t.Scope == authority.ScopeGrant {
		where = `WHERE account = $2 AND (id IN (SELECT principal FROM grants WHERE id = $1) OR id IN
			(SELECT c.principal FROM credentials c JOIN grants g ON g.credential = c.id WHERE g.id = $1))`
	}
	rows, err := tx.Query(selectPrincipals+where, id, account)
	return collect(rows, err, func(r *store.Rows) (authority.Principal, error) { return scanPrincipal(r) })
}

// withinOf is within for a principal without its roles and areas.
func withinOf(tx *store.Tx, ch admin.Change, p authority.Principal) error {
	if p.ID == ch.Entry.Actor {
		return nil // one's own tokens
	}
	whole, err := load(tx, ch.Account, p.ID, p.Kind)
	if err != nil {
		return err
	}
	return within(tx, ch, whole)
}
