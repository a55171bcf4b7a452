package authority

import (
	"context"
	"errors"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// rotateTries bounds how often a rotation is judged again because another node
// moved the row in between.
const rotateTries = 8

// RotateGrant implements authority.Grants.
func (s *Store) RotateGrant(ctx context.Context, r authority.Rotation) (authority.Rotated, error) {
	var out authority.Rotated
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		for range rotateTries {
			before, judged, err := judgeRotation(tx, r)
			if err != nil {
				return err
			}
			done, err := s.carryOut(tx, r, before, &judged)
			if err != nil {
				return err
			}
			if done {
				out = judged
				return nil
			}
		}
		return authority.E(authority.Unavailable, "the grant is busy; try again")
	})
	return out, err
}

// lifeColumns are what Decide needs of a grant beside its own columns.
const lifeColumns = `c.principal, c.revoked, c.expires_ms, c.mark, p.disabled, p.mark, a.disabled, a.mark, s.epoch, h.position`

// judgeRotation reads the grant, the life of all it hangs on, the feed's
// position and the stand's epoch in one statement and asks the core.
func judgeRotation(tx *store.Tx, r authority.Rotation) (authority.Grant, authority.Rotated, error) {
	row := grantRow{g: authority.Grant{ID: r.Grant, Stand: r.Stand}}
	var revoked, expires, pDisabled, aDisabled int64
	var cMark, pMark, aMark, position authority.Position
	var epoch uint64
	err := tx.QueryRow(`SELECT `+familyColumns+`, `+lifeColumns+`
		FROM grants g JOIN credentials c ON c.id = g.credential JOIN principals p ON p.id = g.principal
		JOIN accounts a ON a.id = g.account JOIN stands s ON s.stand = g.stand, feed_head h
		WHERE g.id = $1 AND g.stand = $2 AND h.id = 1`, r.Grant, r.Stand).
		Scan(row.family(&row.holder, &revoked, &expires, &cMark, &pDisabled, &pMark, &aDisabled, &aMark, &epoch, &position)...)
	if errors.Is(err, store.ErrNoRows) {
		return authority.Grant{}, authority.Rotated{}, notFound()
	}
	if err != nil {
		return authority.Grant{}, authority.Rotated{}, err
	}
	g, err := row.grant()
	if err != nil {
		return authority.Grant{}, authority.Rotated{}, err
	}
	s := authority.Standing{
		Credential: authority.Credential{ID: g.Credential, Revoked: revoked != 0, Expires: store.FromMillis(expires)},
		Principal:  authority.Principal{ID: g.Principal, Disabled: pDisabled != 0},
		Account:    authority.Account{ID: g.Account, Disabled: aDisabled != 0},
		Mark:       max(cMark, pMark, aMark),
	}
	if g.Through != 0 {
		if err := throughLife(tx, g.Through, &s); err != nil {
			return authority.Grant{}, authority.Rotated{}, err
		}
	}
	out := r.Decide(g, s, epoch, position)
	if out.Fresh || out.Replayed {
		err = complete(tx, r, &out.Standing)
	}
	return g, out, err
}

// throughLife adds the life of the principal whose credential a grant came from
// to that of the one it acts as.
func throughLife(tx *store.Tx, through authority.ID, s *authority.Standing) error {
	var disabled int64
	var mark authority.Position
	err := tx.QueryRow(`SELECT disabled, mark FROM principals WHERE id = $1`, through).Scan(&disabled, &mark)
	if errors.Is(err, store.ErrNoRows) {
		return notFound()
	}
	s.Principal.Disabled = s.Principal.Disabled || disabled != 0
	s.Mark = max(s.Mark, mark)
	return err
}

// complete adds who the standing's principal is and what it may do.
func complete(tx *store.Tx, r authority.Rotation, s *authority.Standing) error {
	var who authority.Standing
	known := false
	if r.Known != nil {
		who, known = r.Known(s.Principal.ID)
	}
	if !known {
		if err := caller(tx, r.Stand, s.Principal.ID, &who); err != nil {
			return err
		}
	}
	s.Principal, s.Account, s.Permissions = who.Principal, who.Account, who.Permissions
	return nil
}

// carryOut writes what was judged and completes it with what only writing shows;
// false means that the row has moved since.
func (s *Store) carryOut(tx *store.Tx, r authority.Rotation, before authority.Grant, judged *authority.Rotated) (bool, error) {
	entry := r.Entry
	entry.Account, entry.Actor, entry.Credential = before.Account, before.Principal, before.Credential
	switch {
	case judged.Fresh:
		return s.advance(tx, r, before, &judged.Grant, entry)
	case judged.Reused:
		entry.Outcome, entry.Reason, entry.Gather = authority.Refused, "refresh_reused", ""
		err := s.killFamily(tx, r, before, entry)
		return true, err
	case judged.Replayed:
		entry.Reason = "replayed"
		return true, store.Audit(tx, entry)
	}
	return true, nil // refused: nothing is consumed
}

// advance writes the next generation over the row that was judged.
func (s *Store) advance(tx *store.Tx, r authority.Rotation, before authority.Grant, g *authority.Grant, entry authority.Entry) (bool, error) {
	if r.Single {
		position, err := store.AppendFeed(tx, s.apply, authority.FeedEntry{
			Stand: g.Stand, Kind: authority.FeedRevoke, Until: r.Until,
			Target: authority.Target{Scope: authority.ScopeGeneration, ID: g.ID, Generation: before.Current.Number},
		})
		if err != nil {
			return false, err
		}
		g.Current.Position = position
	}
	c, f := g.Current, g.Former
	earlier, err := earlierText(g.Earlier)
	if err != nil {
		return false, err
	}
	rows, err := tx.Exec(`UPDATE grants SET generation = $1, issued_ms = $2, access_expires_ms = $3,
		refresh_expires_ms = $4, gen_position = $5, key_id = $6, key_version = $7,
		former_issued_ms = $8, former_access_expires_ms = $9, former_refresh_expires_ms = $10,
		former_position = $11, former_key_id = $12, former_key_version = $13, rotated_ms = $14,
		used = 0, gone_ms = $15, last_used_ms = $14,
		earlier = $19 WHERE id = $16 AND generation = $17 AND mark = $18`,
		c.Number, store.Millis(c.Issued), store.Millis(c.AccessExpires), store.Millis(c.RefreshExpires),
		c.Position, c.KeyID, c.KeyVersion, store.Millis(f.Issued), store.Millis(f.AccessExpires),
		store.Millis(f.RefreshExpires), f.Position, f.KeyID, f.KeyVersion, store.Millis(g.Rotated),
		store.Millis(g.Gone()), g.ID, before.Current.Number, before.Mark, earlier)
	if err != nil || rows == 0 {
		return false, err
	}
	return true, store.Audit(tx, entry)
}

func (s *Store) killFamily(tx *store.Tx, r authority.Rotation, g authority.Grant, entry authority.Entry) error {
	position, err := store.AppendFeed(tx, s.apply, authority.FeedEntry{
		Stand: g.Stand, Kind: authority.FeedRevoke, Until: r.Until,
		Target: authority.Target{Scope: authority.ScopeGrant, ID: g.ID},
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE grants SET mark = $1 WHERE id = $2`, position, g.ID); err != nil {
		return err
	}
	return store.Audit(tx, entry)
}

// MarkUsed implements authority.Grants.
func (s *Store) MarkUsed(ctx context.Context, id authority.ID, generation uint32) {
	s.db.Queue(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE grants SET used = 1 WHERE id = $1 AND generation = $2 AND used = 0`, id, generation)
		return err
	})
}
