package authority

import (
	"context"
	"errors"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
)

const grantColumns = `g.id, g.stand, g.account, g.principal, g.credential, g.client_id, g.dialect,
	g.door, g.scope, g.epoch, g.position, g.created_ms, g.lifetime_ms, g.family_ends_ms,
	g.generation, g.issued_ms, g.access_expires_ms, g.refresh_expires_ms, g.gen_position, g.key_id,
	g.key_version, g.former_issued_ms, g.former_access_expires_ms, g.former_refresh_expires_ms,
	g.former_position, g.former_key_id, g.former_key_version, g.rotated_ms, g.used, g.mark, g.earlier,
	g.last_used_ms, g.last_address, COALESCE((SELECT c.principal FROM credentials c WHERE c.id = g.credential), 0)`

// grantRow is where the columns of a grant land.
type grantRow struct {
	g                                      authority.Grant
	scope                                  string
	created, lifetime, ends, rotated, used int64
	lastUsed                               int64
	holder                                 authority.ID // whose credential it is
	current, former                        [3]int64     // issued, access and refresh expiry
	earlier                                string       // see readEarlier
}

func (r *grantRow) dest() []any {
	g := &r.g
	return []any{
		&g.ID, &g.Stand, &g.Account, &g.Principal, &g.Credential, &g.ClientID, &g.Dialect,
		&g.Door, &r.scope, &g.Epoch, &g.Position, &r.created, &r.lifetime, &r.ends,
		&g.Current.Number, &r.current[0], &r.current[1], &r.current[2], &g.Current.Position, &g.Current.KeyID,
		&g.Current.KeyVersion, &r.former[0], &r.former[1], &r.former[2],
		&g.Former.Position, &g.Former.KeyID, &g.Former.KeyVersion, &r.rotated, &r.used, &g.Mark, &r.earlier,
		&r.lastUsed, &g.Address, &r.holder,
	}
}

// familyColumns are those of them that a rotation judges and writes on from.
// Every column costs, and these are read on the writer's own time.
const familyColumns = `g.account, g.principal, g.credential, g.client_id, g.dialect, g.door, g.scope,
	g.epoch, g.position, g.created_ms, g.lifetime_ms, g.family_ends_ms, g.generation, g.issued_ms, g.access_expires_ms,
	g.refresh_expires_ms, g.gen_position, g.key_id, g.key_version, g.rotated_ms, g.used, g.mark, g.earlier`

// family is where they land, and then more.
func (r *grantRow) family(more ...any) []any {
	g := &r.g
	return append([]any{
		&g.Account, &g.Principal, &g.Credential, &g.ClientID, &g.Dialect, &g.Door, &r.scope,
		&g.Epoch, &g.Position, &r.created, &r.lifetime, &r.ends, &g.Current.Number, &r.current[0], &r.current[1],
		&r.current[2], &g.Current.Position, &g.Current.KeyID, &g.Current.KeyVersion, &r.rotated, &r.used, &g.Mark, &r.earlier,
	}, more...)
}

func (r *grantRow) grant() (authority.Grant, error) {
	g := r.g
	var err error
	if g.Earlier, err = readEarlier(r.earlier); err != nil {
		return authority.Grant{}, err
	}
	if r.holder != g.Principal {
		g.Through = r.holder
	}
	if r.scope != "" {
		for _, word := range strings.Split(r.scope, " ") {
			g.Scope = append(g.Scope, authority.Permission(word))
		}
	}
	g.Created, g.FamilyEnds = store.FromMillis(r.created), store.FromMillis(r.ends)
	g.Lifetime = time.Duration(r.lifetime) * time.Millisecond
	g.Rotated, g.LastUsed, g.Used = store.FromMillis(r.rotated), store.FromMillis(r.lastUsed), r.used != 0
	times(&g.Current, r.current)
	times(&g.Former, r.former)
	if g.Current.Number > 0 {
		g.Former.Number = g.Current.Number - 1
	}
	return g, nil
}

func times(g *authority.Generation, ms [3]int64) {
	g.Issued, g.AccessExpires, g.RefreshExpires = store.FromMillis(ms[0]), store.FromMillis(ms[1]), store.FromMillis(ms[2])
}

// Grant implements authority.Grants.
func (s *Store) Grant(ctx context.Context, stand authority.Stand, id authority.ID) (authority.Grant, error) {
	var r grantRow
	err := s.db.ReadOne(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(`SELECT `+grantColumns+` FROM grants g WHERE g.id = $1 AND g.stand = $2`, id, stand).
			Scan(r.dest()...)
		if errors.Is(err, store.ErrNoRows) {
			return notFound()
		}
		return err
	})
	if err != nil {
		return authority.Grant{}, err
	}
	return r.grant()
}

const insertGrant = `INSERT INTO grants (id, stand, account, principal, credential, client_id, dialect,
	door, scope, epoch, position, created_ms, lifetime_ms, family_ends_ms, generation, issued_ms,
	access_expires_ms, refresh_expires_ms, gen_position, key_id, key_version, former_issued_ms,
	former_access_expires_ms, former_refresh_expires_ms, former_position, former_key_id,
	former_key_version, rotated_ms, used, mark, last_used_ms, last_address, gone_ms)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $16, $17, $11, $18,
	$19, 0, 0, 0, 0, '', 0, 0, 0, 0, $20, $21, $22) ON CONFLICT (id) DO NOTHING`

// IssueGrant implements authority.Grants.
func (s *Store) IssueGrant(ctx context.Context, n authority.NewGrant) (authority.Grant, error) {
	g := n.Grant
	err := s.db.Write(ctx, func(tx *store.Tx) error { return s.issue(tx, n, &g) })
	return g, err
}

// issue judges the credential and writes the grant g of n.
func (s *Store) issue(tx *store.Tx, n authority.NewGrant, g *authority.Grant) error {
	live, err := judge(tx, n, g)
	if err != nil {
		return err
	}
	if n.Single {
		err = s.endFormer(tx, n, g)
	} else if live > n.MaxLive {
		err = s.endUnused(tx, n, live-n.MaxLive)
	}
	if err != nil {
		return err
	}
	if err := insert(tx, g); err != nil {
		return err
	}
	n.Entry.Grant, n.Entry.Object = g.ID, "grant/"+authority.EncodeGrant(g.ID)
	return store.Audit(tx, n.Entry)
}

// judgeAndCount reads the credential, the feed's position and the stand's epoch
// in one statement, so that a revocation is either seen or has the higher
// position; the same statement counts the grant that is about to be written. A
// refusal takes the count back with the transaction.
const judgeAndCount = `UPDATE credentials SET live_grants = live_grants + 1, uses = uses + 1,
	last_used_ms = $2, last_address = $3 WHERE id = $1
	RETURNING revision, revoked, expires_ms, live_grants,
	(SELECT CASE WHEN p.keys_off = 1 AND credentials.kind = 'access_key' THEN 1 ELSE p.disabled END
		FROM principals p WHERE p.id = credentials.principal),
	(SELECT a.disabled FROM accounts a WHERE a.id = credentials.account),
	(SELECT s.epoch FROM stands s WHERE s.stand = credentials.stand),
	(SELECT h.position FROM feed_head h WHERE h.id = 1)`

// judge asks the core about the rows and gives how many grants there are, the
// new one included.
func judge(tx *store.Tx, n authority.NewGrant, g *authority.Grant) (live int, err error) {
	var s authority.Standing
	var revoked, expires, pDisabled, aDisabled int64
	err = tx.QueryRow(judgeAndCount, n.Grant.Credential, store.Millis(n.Now), n.Grant.Address).
		Scan(&s.Revision, &revoked, &expires, &live, &pDisabled, &aDisabled, &g.Epoch, &g.Position)
	if errors.Is(err, store.ErrNoRows) {
		return 0, &authority.RefusedError{Reason: "credential_gone"}
	}
	if err != nil {
		return 0, err
	}
	s.Credential.Revoked, s.Credential.Expires = revoked != 0, store.FromMillis(expires)
	s.Principal.Disabled, s.Account.Disabled = pDisabled != 0, aDisabled != 0
	reason := n.Refusal(s)
	if reason == "" && g.Through != 0 {
		reason, err = ownerRefusal(tx, g)
	}
	if err != nil {
		return 0, err
	}
	if reason != "" {
		return 0, &authority.RefusedError{Reason: reason}
	}
	g.Current.Position = g.Position
	return live, nil
}

// ownerRefusal says why the principal that g acts as, though its credential is
// another's, may not be acted as. It is read after the feed's position: whatever
// ends him later has a higher one.
func ownerRefusal(tx *store.Tx, g *authority.Grant) (string, error) {
	var disabled int64
	err := tx.QueryRow(`SELECT disabled FROM principals WHERE id = $1 AND account = $2`, g.Principal, g.Account).Scan(&disabled)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return "owner_principal_gone", nil
	case disabled != 0:
		return "owner_principal_disabled", err
	}
	return "", err
}

// insert writes g; a taken id gets another.
func insert(tx *store.Tx, g *authority.Grant) error {
	words := make([]string, len(g.Scope))
	for i, p := range g.Scope {
		words[i] = string(p)
	}
	for {
		rows, err := tx.Exec(insertGrant, g.ID, g.Stand, g.Account, g.Principal, g.Credential, g.ClientID,
			g.Dialect, g.Door, strings.Join(words, " "), g.Epoch, g.Position, store.Millis(g.Created),
			g.Lifetime.Milliseconds(), store.Millis(g.FamilyEnds), store.Millis(g.Current.Issued),
			store.Millis(g.Current.AccessExpires), store.Millis(g.Current.RefreshExpires),
			g.Current.KeyID, g.Current.KeyVersion, store.Millis(g.LastUsed), g.Address, store.Millis(g.Gone()))
		if err != nil || rows == 1 {
			return err
		}
		g.ID = authority.NewGrantID()
	}
}

// endFormer kills the credential's other grants and moves g behind that.
func (s *Store) endFormer(tx *store.Tx, n authority.NewGrant, g *authority.Grant) error {
	position, err := store.AppendFeed(tx, s.apply, authority.FeedEntry{
		Stand: g.Stand, Kind: authority.FeedRevoke, Until: n.Until,
		Target: authority.Target{Scope: authority.ScopeCredential, ID: g.Credential},
	})
	if err != nil {
		return err
	}
	g.Position, g.Current.Position = position, position
	if _, err := tx.Exec(`DELETE FROM grants WHERE credential = $1`, g.Credential); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE credentials SET mark = $1, live_grants = 1 WHERE id = $2`, position, g.Credential)
	return err
}

// endUnused ends what has expired first and then the longest unused grants of
// the credential, with an entry that says so.
func (s *Store) endUnused(tx *store.Tx, n authority.NewGrant, surplus int) error {
	ended := 0
	for range surplus {
		var id authority.ID
		var gone int64
		err := tx.QueryRow(`SELECT id, gone_ms FROM grants WHERE credential = $1
			ORDER BY last_used_ms, id LIMIT 1`, n.Grant.Credential).Scan(&id, &gone)
		if errors.Is(err, store.ErrNoRows) {
			break
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM grants WHERE id = $1`, id); err != nil {
			return err
		}
		ended++
		if gone <= store.Millis(n.Now) {
			continue
		}
		if err := s.evict(tx, n, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE credentials SET live_grants = live_grants - $1 WHERE id = $2`, ended, n.Grant.Credential)
	return err
}

func (s *Store) evict(tx *store.Tx, n authority.NewGrant, id authority.ID) error {
	_, err := store.AppendFeed(tx, s.apply, authority.FeedEntry{
		Stand: n.Grant.Stand, Kind: authority.FeedRevoke, Until: n.Until,
		Target: authority.Target{Scope: authority.ScopeGrant, ID: id},
	})
	if err != nil {
		return err
	}
	e := n.Entry
	e.Verb, e.Reason, e.Grant, e.Object = "grant.evict", "too_many_grants", id, "grant/"+authority.EncodeGrant(id)
	if e.Gather != "" {
		e.Gather += "/evict"
	}
	return store.Audit(tx, e)
}
