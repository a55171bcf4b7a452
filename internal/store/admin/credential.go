package admin

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectCredentials = `SELECT c.id, c.account, c.principal, c.stand, c.kind, c.client_id, c.dialect, c.description,
	c.created_ms, c.expires_ms, c.allow_list, c.revoked, c.last_used_ms, c.last_address, c.ends_ms, p.kind
	FROM credentials c JOIN principals p ON p.id = c.principal `

func scanCredential(row store.Scanner) (admin.Credential, error) {
	var c admin.Credential
	var created, expires, revoked, used, ends int64
	var allow string
	err := row.Scan(&c.ID, &c.Account, &c.Principal, &c.Stand, &c.Kind, &c.ClientID, &c.Application, &c.Description,
		&created, &expires, &allow, &revoked, &used, &c.LastAddress, &ends, &c.Holder)
	if err != nil {
		return c, missing(err, "credential")
	}
	c.Created, c.Expires, c.LastUsed = store.FromMillis(created), store.FromMillis(expires), store.FromMillis(used)
	c.Revoked, c.Ends = revoked != 0, store.FromMillis(ends)
	err = json.Unmarshal([]byte(allow), &c.Allow)
	return c, err
}

// stored is the hashed half of a credential.
type stored struct {
	digest []byte
	pepper int
	hash   string
}

func insertCredential(tx *store.Tx, c authority.Credential, h stored) error {
	if c.Allow == nil {
		c.Allow = []netip.Prefix{}
	}
	allow, err := json.Marshal(c.Allow)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses, ends_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, 0, 0, 0, $14, 0, '', 0, 0)`,
		c.ID, c.Account, c.Principal, c.Stand, c.Kind, c.ClientID, c.Application, c.Description, h.digest,
		h.pepper, h.hash, store.Millis(c.Expires), string(allow), store.Millis(c.Created))
	return err
}

// maxLive bounds the unrevoked secrets of one kind that a principal has, and
// keepRevoked the revoked ones that stay to be looked at.
const (
	maxLive     = 100
	keepRevoked = 20
)

// AddCredential implements admin.Credentials.
func (s *Store) AddCredential(ctx context.Context, ch admin.Change, n admin.CredentialCreation) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		p, err := load(tx, ch.Account, n.Credential.Principal, n.Holder)
		if err != nil {
			return err
		}
		if err := within(tx, ch, p); err != nil {
			return err
		}
		if err := s.replace(tx, ch, n); err != nil {
			return err
		}
		return insertCredential(tx, n.Credential, stored{digest: n.Digest, pepper: n.Pepper})
	})
}

// replace does to the former secrets what n says.
func (s *Store) replace(tx *store.Tx, ch admin.Change, n admin.CredentialCreation) error {
	live, err := store.Collect(tx, scanCredential, selectCredentials+`WHERE c.principal = $1 AND c.kind = $2 AND c.revoked = 0`,
		n.Credential.Principal, n.Credential.Kind)
	if err != nil {
		return err
	}
	if !n.Former.Replaced {
		if len(live) >= maxLive {
			return authority.E(authority.Conflict, "there are too many secrets: revoke one first")
		}
		return nil
	}
	for _, former := range live {
		if err := s.supersede(tx, ch, former, n.Former); err != nil {
			return err
		}
	}
	return forgetRevoked(tx, n.Credential)
}

// supersede ends a former secret, now or when its overlap is over. While that
// lasts, nothing is issued from it that would outlive it.
func (s *Store) supersede(tx *store.Tx, ch admin.Change, former admin.Credential, f admin.Former) error {
	ends := f.Over(former.Ends)
	if ends.IsZero() {
		return s.end(tx, ch, former.ID)
	}
	expires := ends
	if !former.Expires.IsZero() && former.Expires.Before(ends) {
		expires = former.Expires
	}
	_, err := tx.Exec(`UPDATE credentials SET ends_ms = $1, expires_ms = $2 WHERE id = $3`,
		store.Millis(ends), store.Millis(expires), former.ID)
	if err != nil {
		return err
	}
	return s.changed(tx, ch, authority.ScopeCredential, former.ID)
}

// end refuses a secret and everything made from it.
func (s *Store) end(tx *store.Tx, ch admin.Change, id authority.ID) error {
	position, err := s.revoke(tx, ch, authority.ScopeCredential, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE credentials SET mark = $1, revoked = 1, ends_ms = 0 WHERE id = $2`, position, id)
	return err
}

// forgetRevoked takes the oldest revoked secrets away that nothing was made
// from, so that a program that rotates each hour does not fill the table.
func forgetRevoked(tx *store.Tx, like authority.Credential) error {
	old, err := ids(tx, `SELECT c.id FROM credentials c WHERE c.principal = $1 AND c.kind = $2 AND c.revoked = 1
		AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.credential = c.id)
		ORDER BY c.created_ms DESC, c.id LIMIT 100 OFFSET $3`, like.Principal, like.Kind, keepRevoked)
	if err != nil {
		return err
	}
	for _, id := range old {
		if err := all(tx, id, `DELETE FROM credentials WHERE id = $1`); err != nil {
			return err
		}
	}
	return nil
}

// Credential implements admin.Credentials.
func (s *Store) Credential(ctx context.Context, account, id authority.ID) (c admin.Credential, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		c, err = scanCredential(tx.QueryRow(selectCredentials+`WHERE c.id = $1 AND c.account = $2`, id, account))
		return err
	})
	return c, err
}

// Credentials implements admin.Credentials.
func (s *Store) Credentials(ctx context.Context, account, principal authority.ID) (list []admin.Credential, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		_, err := scanPrincipal(tx.QueryRow(selectPrincipals+`WHERE id = $1 AND account = $2`, principal, account))
		if err != nil {
			return err
		}
		list, err = store.Collect(tx, scanCredential, selectCredentials+`WHERE c.principal = $1 ORDER BY c.created_ms DESC, c.id`, principal)
		return err
	})
	return list, err
}

// RevokeCredential implements admin.Credentials.
func (s *Store) RevokeCredential(ctx context.Context, ch admin.Change, id authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		c, err := scanCredential(tx.QueryRow(selectCredentials+`WHERE c.id = $1 AND c.account = $2`, id, ch.Account))
		if err != nil {
			return err
		}
		p, err := load(tx, ch.Account, c.Principal, c.Holder)
		if err != nil {
			return err
		}
		if err := within(tx, ch, p); err != nil {
			return err
		}
		return s.end(tx, ch, id)
	})
}

// endStep is how many overlaps one transaction ends.
const endStep = 100

// EndOverlaps implements admin.Credentials.
func (s *Store) EndOverlaps(ctx context.Context, ch admin.Change) (ended int, next time.Time, err error) {
	if ended, err = s.endOverlaps(ctx, ch); err != nil {
		return 0, next, err
	}
	var at int64
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MIN(ends_ms), 0) FROM credentials WHERE ends_ms > 0 AND ends_ms > $1`, store.Millis(ch.Now)).Scan(&at)
	})
	return ended, store.FromMillis(at), err
}

func (s *Store) endOverlaps(ctx context.Context, ch admin.Change) (ended int, err error) {
	due, err := s.due(ctx, ch)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	err = s.alone(ctx, func(tx *store.Tx) error {
		for _, c := range due {
			n, err := s.endDue(tx, ch, c)
			if err != nil {
				return err
			}
			ended += n
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return ended, nil
}

// due reads whose time has come: nearly always nobody's, so it is no write.
func (s *Store) due(ctx context.Context, ch admin.Change) ([]admin.Credential, error) {
	return store.CollectOne(ctx, s.db, scanCredential, selectCredentials+`WHERE c.ends_ms > 0 AND c.ends_ms <= $1 ORDER BY c.ends_ms LIMIT $2`,
		store.Millis(ch.Now), endStep)
}

// endDue ends c unless it was cut or taken away meanwhile.
func (s *Store) endDue(tx *store.Tx, ch admin.Change, c admin.Credential) (int, error) {
	var still int
	err := tx.QueryRow(`SELECT count(*) FROM credentials WHERE id = $1 AND ends_ms > 0 AND revoked = 0`, c.ID).Scan(&still)
	if err != nil || still == 0 {
		return 0, err
	}
	ch.Stand = c.Stand
	if err := s.end(tx, ch, c.ID); err != nil {
		return 0, err
	}
	e := ch.Entry
	e.Stand, e.Account, e.Credential, e.Object = c.Stand, c.Account, c.ID, admin.CredentialObject(c.ID)
	return 1, store.Audit(tx, e)
}
