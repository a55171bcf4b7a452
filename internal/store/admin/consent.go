package admin

import (
	"context"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const fromConsents = `FROM consents n JOIN principals u ON u.id = n.principal JOIN principals p ON p.id = n.application
	WHERE n.account = $1 AND (n.principal = $2 OR $2 = 0) AND (n.application = $3 OR $3 = 0)`

const selectConsents = `SELECT n.id, n.principal, n.application, n.scope, n.given_ms, n.last_used_ms, u.name, u.login, p.name,
	(SELECT count(*) FROM grants g JOIN credentials c ON c.id = g.credential
		WHERE g.principal = n.principal AND c.principal = n.application AND g.mark <= g.position AND g.gone_ms > $4),
	(SELECT COALESCE(max(g.last_used_ms), 0) FROM grants g JOIN credentials c ON c.id = g.credential
		WHERE g.principal = n.principal AND c.principal = n.application)
	` + fromConsents + ` ORDER BY n.given_ms DESC, n.id LIMIT $5 OFFSET $6`

// Consents implements admin.Consents.
func (s *Store) Consents(ctx context.Context, account authority.ID, q admin.ConsentQuery, p admin.Page, now time.Time) (list admin.List[admin.Consent], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(`SELECT count(*) `+fromConsents, account, q.User, q.Application).Scan(&list.Total)
		if err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanConsent, selectConsents, account, q.User, q.Application, store.Millis(now), p.Size, p.Offset)
		return err
	})
	return list, err
}

func scanConsent(rows store.Scanner) (admin.Consent, error) {
	var c admin.Consent
	var scope string
	var given, used, seen int64
	err := rows.Scan(&c.ID, &c.Principal, &c.Application, &scope, &given, &used, &c.User, &c.Login, &c.Name, &c.Grants, &seen)
	c.Given, c.LastUsed = store.FromMillis(given), store.FromMillis(max(used, seen))
	if scope != "" {
		for word := range strings.SplitSeq(scope, " ") {
			c.Scope = append(c.Scope, authority.Permission(word))
		}
	}
	return c, err
}

// WithdrawConsent implements admin.Consents. The consent's row comes first: an
// exchange that runs meanwhile has either made its grant, or finds it gone.
func (s *Store) WithdrawConsent(ctx context.Context, ch admin.Change, user, application authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		rows, err := tx.Exec(`DELETE FROM consents WHERE principal = $1 AND application = $2 AND account = $3`, user, application, ch.Account)
		if err != nil {
			return err
		}
		if rows == 0 {
			return notFound("consent")
		}
		whose, err := scanPrincipal(tx.QueryRow(selectPrincipals+`WHERE id = $1 AND account = $2`, user, ch.Account))
		if err != nil {
			return err
		}
		if err := withinOf(tx, ch, whose); err != nil {
			return err
		}
		return s.endInTheName(tx, ch, user, application)
	})
}

// endInTheName ends the grants and codes that an application has in a user's
// name.
func (s *Store) endInTheName(tx *store.Tx, ch admin.Change, user, application authority.ID) error {
	found, err := ids(tx, `SELECT g.id FROM grants g JOIN credentials c ON c.id = g.credential
		WHERE g.principal = $1 AND c.principal = $2`, user, application)
	if err != nil {
		return err
	}
	for _, id := range found {
		position, err := s.revoke(tx, ch, authority.ScopeGrant, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE grants SET mark = $1 WHERE id = $2`, position, id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`DELETE FROM codes WHERE principal = $1 AND application = $2 AND used_ms = 0`, user, application)
	return err
}
