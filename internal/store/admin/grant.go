package admin

import (
	"context"
	"strconv"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

const liveColumns = `g.id, g.dialect, g.door, g.client_id, g.principal, p.name, p.kind, g.credential,
	g.issued_ms, g.gone_ms, g.last_used_ms, g.last_address `

const fromLive = `FROM principals p JOIN grants g ON g.principal = p.id
	JOIN credentials c ON c.id = g.credential JOIN principals h ON h.id = c.principal JOIN accounts a ON a.id = p.account JOIN stands s ON s.stand = p.stand
	WHERE g.gone_ms > $2 AND g.epoch = s.epoch
	AND g.mark <= g.position AND c.mark <= g.position AND p.mark <= g.position AND a.mark <= g.position
	AND h.mark <= g.position AND c.revoked = 0 AND p.disabled = 0 AND h.disabled = 0 AND a.disabled = 0`

// A whole account is gone through by its principals, in the order of their ids. A
// few grants are found by themselves: the + keeps the engine from going through the
// account for them.
const (
	liveOfAll = ` AND p.account = $1 AND p.id >= $3 AND (p.id > $3 OR g.id > $4)`
	liveOfFew = ` AND +p.account = $1 AND (g.principal > $3 OR (g.principal = $3 AND g.id > $4))`
)

// liveOf gives what stands behind the columns of a query, with its arguments.
func liveOf(tx *store.Tx, account authority.ID, q admin.GrantQuery, now time.Time) (from string, args []any, err error) {
	few, err := fewHolders(tx, account, q.Holder)
	if err != nil {
		return "", nil, err
	}
	from = fromLive + liveOfAll
	if few || q.Narrow() {
		from = fromLive + liveOfFew
	}
	args = []any{account, store.Millis(now), q.After.Principal, q.After.Grant}
	next := func(arg any) string {
		args = append(args, arg)
		return "$" + strconv.Itoa(len(args))
	}
	// A filter that is not asked for is left out: with it in, no index would be used.
	if q.Principal != 0 {
		of := next(q.Principal)
		from += " AND g.id IN (SELECT id FROM grants WHERE principal = " + of +
			" UNION SELECT o.id FROM credentials k JOIN grants o ON o.credential = k.id WHERE k.principal = " + of + ")"
	}
	if q.Credential != 0 {
		from += " AND g.credential = " + next(q.Credential)
	}
	if q.Dialect != "" {
		from += " AND g.dialect = " + next(q.Dialect)
	}
	if q.Holder != "" {
		key := spelling.Fold(q.Holder)
		name := "p.name >= " + next(q.Holder) + " AND p.name < " + next(q.Holder+beyond)
		login := "p.login_key >= " + next(key) + " AND p.login_key < " + next(key+beyond)
		if few {
			from += " AND g.principal IN (" + holders(name, login) + ")"
		} else {
			from += " AND ((" + name + ") OR (" + login + "))"
		}
	}
	if len(q.IDs) > 0 {
		list := make([]string, len(q.IDs))
		for i, id := range q.IDs {
			list[i] = next(id)
		}
		from += " AND g.id IN (" + strings.Join(list, ", ") + ")"
	}
	return from, args, nil
}

// countedHolders is how many holders are few: more are met soon enough on the way
// through the account.
const countedHolders = 5000

// fewHolders tells whether a filter by holder finds so few that their grants are
// found by them.
func fewHolders(tx *store.Tx, account authority.ID, prefix string) (bool, error) {
	if prefix == "" {
		return false, nil
	}
	var n int
	key := spelling.Fold(prefix)
	err := tx.QueryRow("SELECT count(*) FROM ("+holders("p.name >= $2 AND p.name < $3", "p.login_key >= $4 AND p.login_key < $5")+" LIMIT $6) AS f",
		account, prefix, prefix+beyond, key, key+beyond, countedHolders+1).Scan(&n)
	return n <= countedHolders, err
}

// holders selects the account's principals by each of two conditions, each along
// an index of its own.
func holders(name, login string) string {
	return `SELECT p.id FROM principals p WHERE p.account = $1 AND p.kind IN ('user', 'service_user', 'application', 'integration') AND ` + name +
		` UNION ALL SELECT p.id FROM principals p WHERE p.stand = (SELECT stand FROM accounts WHERE id = $1) AND +p.account = $1 AND ` + login
}

// beyond is behind every text that a name can go on with.
const beyond = "\U0010FFFF"

// LiveGrants implements admin.Grants. Pages go by principal and grant, along the
// account's index of principals: one on its grants would cost every issue.
func (s *Store) LiveGrants(ctx context.Context, account authority.ID, q admin.GrantQuery, now time.Time) (list []admin.LiveGrant, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		list, err = liveGrants(tx, "p.id, g.id", account, q, now)
		return err
	})
	return list, err
}

func liveGrants(tx *store.Tx, order string, account authority.ID, q admin.GrantQuery, now time.Time) ([]admin.LiveGrant, error) {
	from, args, err := liveOf(tx, account, q, now)
	if err != nil {
		return nil, err
	}
	n := len(args)
	return store.Collect(tx, scanLive, "SELECT "+liveColumns+from+" ORDER BY "+order+" LIMIT $"+strconv.Itoa(n+1)+" OFFSET $"+strconv.Itoa(n+2),
		append(args, q.Size, q.Skip)...)
}

// CountGrants implements admin.Grants.
func (s *Store) CountGrants(ctx context.Context, account authority.ID, q admin.GrantQuery, now time.Time) (n int, err error) {
	q.After = admin.GrantCursor{}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		from, args, err := liveOf(tx, account, q, now)
		if err != nil {
			return err
		}
		return tx.QueryRow("SELECT count(*) "+from, args...).Scan(&n)
	})
	return n, err
}

// GrantEffect implements admin.Grants.
func (s *Store) GrantEffect(ctx context.Context, account authority.ID, q admin.GrantQuery, now time.Time) (e admin.GrantEffect, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		from, args, err := liveOf(tx, account, q, now)
		if err != nil {
			return err
		}
		found := "SELECT g.principal " + from
		if !q.Narrow() {
			found += " LIMIT " + strconv.Itoa(admin.CountedGrants+1)
		}
		err = tx.QueryRow("SELECT count(*), count(DISTINCT principal) FROM ("+found+") AS f", args...).Scan(&e.Grants, &e.Holders)
		if err != nil {
			return err
		}
		if !q.Narrow() && e.Grants > admin.CountedGrants {
			e = admin.GrantEffect{Grants: admin.CountedGrants, More: true}
			return nil
		}
		e.Latest, err = liveGrants(tx, "g.last_used_ms DESC, g.id", account, q, now)
		return err
	})
	return e, err
}

func scanLive(rows store.Scanner) (admin.LiveGrant, error) {
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
	return store.Collect(tx, scanPrincipal, selectPrincipals+where, id, account)
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
