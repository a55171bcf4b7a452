package authority

import (
	"context"
	"errors"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectCode = `SELECT k.digest, k.stand, k.account, k.principal, k.application, k.dialect, k.client_id,
	k.redirect_uri, k.redirect_sent, k.scope, k.challenge, k.consent, k.epoch, k.position, k.expires_ms, k.used_ms, k.grant_id,
	u.mark, p.mark, a.mark, s.epoch, (SELECT count(*) FROM consents n WHERE n.id = k.consent)
	FROM codes k JOIN principals u ON u.id = k.principal JOIN principals p ON p.id = k.application
	JOIN accounts a ON a.id = k.account JOIN stands s ON s.stand = k.stand
	WHERE k.digest = $1 AND k.stand = $2`

// readCode reads a code with the life of all it hangs on, and the stand's epoch.
func readCode(tx *store.Tx, stand authority.Stand, digest []byte) (c authority.AuthorizationCode, epoch uint64, err error) {
	var sent, expires, used, consented int64
	var user, app, account authority.Position
	var scope string
	err = tx.QueryRow(selectCode, digest, stand).Scan(&c.Digest, &c.Stand, &c.Account, &c.Principal, &c.Application, &c.Dialect,
		&c.ClientID, &c.Redirect, &sent, &scope, &c.Challenge, &c.Consent, &c.Epoch, &c.Position, &expires, &used, &c.Grant,
		&user, &app, &account, &epoch, &consented)
	if errors.Is(err, store.ErrNoRows) {
		return c, 0, notFound()
	}
	c.Sent, c.Scope, c.Consented = sent != 0, permissions(scope), consented > 0
	c.Expires, c.Used = store.FromMillis(expires), store.FromMillis(used)
	c.Mark = max(user, app, account)
	return c, epoch, err
}

// permissions reads a stored scope; "" is nil, "everything".
func permissions(scope string) (out []authority.Permission) {
	if scope == "" {
		return nil
	}
	for word := range strings.SplitSeq(scope, " ") {
		out = append(out, authority.Permission(word))
	}
	return out
}

func scopeText(scope []authority.Permission) string {
	words := make([]string, len(scope))
	for i, p := range scope {
		words[i] = string(p)
	}
	return strings.Join(words, " ")
}

// Code implements authority.AuthorizationCodes.
func (s *Store) Code(ctx context.Context, stand authority.Stand, digests [][]byte) (c authority.AuthorizationCode, err error) {
	err = notFound()
	for _, digest := range digests {
		err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
			c, _, err = readCode(tx, stand, digest)
			return err
		})
		if authority.CodeOf(err) != authority.NotFound {
			return c, err
		}
	}
	return c, err
}

// RedeemCode implements authority.AuthorizationCodes.
func (s *Store) RedeemCode(ctx context.Context, r authority.Redemption) (authority.Grant, error) {
	g := r.Grant
	reused := false
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		reused = false
		c, epoch, err := readCode(tx, g.Stand, r.Digest)
		if authority.CodeOf(err) == authority.NotFound {
			return &authority.RefusedError{Reason: "no_such_code"}
		}
		if err != nil {
			return err
		}
		reason := r.Refusal(c, epoch)
		if reason == "" {
			reason, err = takeCode(tx, r, &c)
		}
		switch {
		case err != nil:
			return err
		case reason == authority.CodeReused:
			reused = true // what it was exchanged for ends, and that is kept
			return s.endReused(tx, r, c)
		case reason != "":
			return &authority.RefusedError{Reason: reason}
		}
		if err := s.issue(tx, r.NewGrant, &g); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE codes SET grant_id = $1 WHERE digest = $2`, g.ID, r.Digest)
		return err
	})
	if err == nil && reused {
		return authority.Grant{}, &authority.RefusedError{Reason: authority.CodeReused}
	}
	return g, err
}

// takeCode marks a code as used. The consent's row comes first, here and where it
// is withdrawn: a grant is either made before that and ended by it, or not made.
func takeCode(tx *store.Tx, r authority.Redemption, c *authority.AuthorizationCode) (string, error) {
	rows, err := tx.Exec(`UPDATE consents SET last_used_ms = $1 WHERE id = $2`, store.Millis(r.Used), c.Consent)
	if err != nil {
		return "", err
	}
	if rows == 0 {
		return "consent_withdrawn", nil
	}
	rows, err = tx.Exec(`UPDATE codes SET used_ms = $1, gone_ms = $2 WHERE digest = $3 AND used_ms = 0`,
		store.Millis(r.Used), store.Millis(r.Gone), r.Digest)
	if err != nil || rows == 1 {
		return "", err
	}
	*c, _, err = readCode(tx, c.Stand, r.Digest) // another node was first
	return authority.CodeReused, err
}

// endReused ends the grant of a code that is presented again. RFC 6749 §4.1.2.
func (s *Store) endReused(tx *store.Tx, r authority.Redemption, c authority.AuthorizationCode) error {
	var living int
	err := tx.QueryRow(`SELECT count(*) FROM grants WHERE id = $1 AND mark <= position`, c.Grant).Scan(&living)
	if err != nil || living == 0 {
		return err
	}
	position, err := store.AppendFeed(tx, s.apply, authority.FeedEntry{
		Stand: c.Stand, Kind: authority.FeedRevoke, Until: r.Until,
		Target: authority.Target{Scope: authority.ScopeGrant, ID: c.Grant},
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE grants SET mark = $1 WHERE id = $2`, position, c.Grant); err != nil {
		return err
	}
	return store.Audit(tx, r.Reused)
}

// AddCode implements authority.AuthorizationCodes.
func (s *Store) AddCode(ctx context.Context, n authority.NewCode) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		c := n.Code
		if err := judgeApproval(tx, &c); err != nil {
			return err
		}
		id, err := s.consent(tx, n)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO codes (digest, stand, account, principal, application, dialect, client_id, redirect_uri,
			redirect_sent, scope, challenge, consent, epoch, position, expires_ms, used_ms, grant_id, gone_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, $16)`,
			c.Digest, c.Stand, c.Account, c.Principal, c.Application, c.Dialect, c.ClientID, c.Redirect,
			c.Sent, scopeText(c.Scope), c.Challenge, id, c.Epoch, c.Position, store.Millis(c.Expires), store.Millis(n.Gone))
		if err != nil {
			return err
		}
		return store.Audit(tx, n.Entry)
	})
}

// judgeApproval reads the feed's position and the stand's epoch with the life of
// the two, so that a revocation is either seen or has the higher position.
func judgeApproval(tx *store.Tx, c *authority.AuthorizationCode) error {
	var user, app, account int64
	err := tx.QueryRow(`SELECT u.disabled, p.disabled, a.disabled, s.epoch, h.position
		FROM principals u, principals p, accounts a, stands s, feed_head h
		WHERE u.id = $1 AND u.account = $3 AND p.id = $2 AND p.account = $3 AND a.id = $3 AND s.stand = $4 AND h.id = 1`,
		c.Principal, c.Application, c.Account, c.Stand).Scan(&user, &app, &account, &c.Epoch, &c.Position)
	if errors.Is(err, store.ErrNoRows) {
		return &authority.RefusedError{Reason: "principal_gone"}
	}
	if err == nil && user+app+account > 0 {
		return &authority.RefusedError{Reason: "principal_disabled"}
	}
	return err
}

// consent gives the consent that a code stands on, written where the user has
// just given it.
func (s *Store) consent(tx *store.Tx, n authority.NewCode) (authority.ID, error) {
	for {
		there, err := readConsent(tx, n.Code.Principal, n.Code.Application)
		if err != nil && authority.CodeOf(err) != authority.NotFound {
			return 0, err
		}
		to, changed, reason := n.Consent(there)
		if reason != "" {
			return 0, &authority.RefusedError{Reason: reason}
		}
		if !changed {
			return to.ID, nil
		}
		done, err := writeConsent(tx, n, to)
		if err != nil {
			return 0, err
		}
		if done {
			e := n.Entry
			e.Verb, e.Gather = authority.VerbConsent, ""
			return to.ID, store.Audit(tx, e)
		}
	}
}

// writeConsent reports false where another node has just written it.
func writeConsent(tx *store.Tx, n authority.NewCode, to authority.Consent) (bool, error) {
	rows, err := tx.Exec(`INSERT INTO consents (id, stand, account, principal, application, scope, given_ms, last_used_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
		ON CONFLICT (principal, application) DO UPDATE SET scope = excluded.scope, given_ms = excluded.given_ms
		WHERE consents.id = excluded.id`,
		to.ID, n.Code.Stand, n.Code.Account, to.Principal, to.Application, scopeText(to.Scope), store.Millis(to.Given))
	return rows > 0, err
}

// Consent implements authority.AuthorizationCodes.
func (s *Store) Consent(ctx context.Context, user, application authority.ID) (c authority.Consent, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		c, err = readConsent(tx, user, application)
		return err
	})
	return c, err
}

func readConsent(tx *store.Tx, user, application authority.ID) (authority.Consent, error) {
	c := authority.Consent{Principal: user, Application: application}
	var scope string
	var given int64
	err := tx.QueryRow(`SELECT id, scope, given_ms FROM consents WHERE principal = $1 AND application = $2`, user, application).
		Scan(&c.ID, &scope, &given)
	if errors.Is(err, store.ErrNoRows) {
		return authority.Consent{}, notFound()
	}
	c.Scope, c.Given = permissions(scope), store.FromMillis(given)
	return c, err
}

// purgeCodes takes codes away that nobody can use any longer.
func purgeCodes(tx *store.Tx, now int64) (int, error) {
	n, err := tx.Exec(`DELETE FROM codes WHERE digest IN (SELECT digest FROM codes WHERE gone_ms < $1 ORDER BY gone_ms LIMIT $2)`,
		now, purgeRows)
	return int(n), err
}
