package store

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

// AuditHead reads the newest end of the audit.
func (db *DB) AuditHead(ctx context.Context) (h audit.Head, err error) {
	err = db.ReadOne(ctx, func(tx *Tx) error { return scanHead(tx, &h) })
	if errors.Is(err, ErrNoRows) {
		err = errors.New("store: the row that says where the audit ends is missing")
	}
	return h, err
}

func scanHead(tx *Tx, h *audit.Head) error {
	var begun int64
	err := tx.QueryRow(`SELECT position, seal, begin_position, begun_ms, origin FROM audit_head WHERE id = 1`).
		Scan(&h.Position, &h.Seal, &h.Origin.Position, &begun, &h.Origin.Seal)
	h.Origin.Time = FromMillis(begun)
	return err
}

// AuditPage implements audit.Log.
func (db *DB) AuditPage(ctx context.Context, after authority.ID, limit int) (p audit.Page, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		if err := verifiedHead(tx, &p.Head, after); err != nil {
			return err
		}
		if err := readRows(tx, &p, after, limit); err != nil {
			return err
		}
		last := p.Head.Position
		if len(p.Rows) == limit {
			last = p.Rows[limit-1].ID
		} else if p.Head.Missing {
			last = math.MaxInt64
		}
		return readGone(tx, &p, after, last)
	})
	return p, err
}

func readRows(tx *Tx, p *audit.Page, after authority.ID, limit int) error {
	rows, err := Collect(tx, scanAuditRow, `SELECT id, at_ms, stand, account, actor, credential, grant_id, dialect, door, address,
		request_id, verb, object, outcome, reason, count, COALESCE(gather, ''), seal, tally
		FROM audit WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	p.Rows = rows
	return err
}

func scanAuditRow(row Scanner) (r audit.Row, err error) {
	var at int64
	err = row.Scan(&r.ID, &at, &r.Stand, &r.Account, &r.Actor, &r.Credential, &r.Grant, &r.Dialect, &r.Door, &r.AddressText,
		&r.RequestID, &r.Verb, &r.Object, &r.Outcome, &r.Reason, &r.Count, &r.Gather, &r.Seal, &r.Tally)
	r.Time = FromMillis(at)
	r.Address, _ = netip.ParseAddr(r.AddressText) // the seal is over the text
	return r, err
}

func readGone(tx *Tx, p *audit.Page, after, last authority.ID) error {
	rows, err := Collect(tx, scanGone, `SELECT first_position, last_position, entries, at_ms, account, actor, reason, runs, head, head_seal, seal
		FROM audit_gone WHERE last_position > $1 AND first_position <= $2 ORDER BY first_position`, after, last)
	p.Gone = rows
	return err
}

func scanGone(row Scanner) (g audit.Gone, err error) {
	var at int64
	err = row.Scan(&g.First, &g.Last, &g.Count, &at, &g.Account, &g.Actor, &g.Reason, &g.Runs,
		&g.Head, &g.HeadSeal, &g.Seal)
	g.Time = FromMillis(at)
	return g, err
}

// AuditSince implements audit.Log. Entries stand in the order of their times,
// but for those that go on counting within a minute, so that a few steps find
// the place.
func (db *DB) AuditSince(ctx context.Context, since time.Time) (authority.ID, error) {
	var h audit.Head
	err := db.ReadOne(ctx, func(tx *Tx) error { return scanHead(tx, &h) })
	if errors.Is(err, ErrNoRows) { // then everything is looked at
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	low, high := h.Origin.Position, h.Position // at low everything is before since, behind high nothing
	for low < high {
		middle := low + (high-low+1)/2
		id, at, err := db.firstFrom(ctx, middle)
		switch {
		case errors.Is(err, ErrNoRows):
			high = middle - 1
		case err != nil:
			return 0, err
		case at.Before(since):
			low = max(middle, id)
		default:
			high = middle - 1
		}
	}
	return low, nil
}

func (db *DB) firstFrom(ctx context.Context, position authority.ID) (id authority.ID, at time.Time, err error) {
	var ms int64
	err = db.ReadOne(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT id, at_ms FROM audit WHERE id >= $1 ORDER BY id LIMIT 1`, position).Scan(&id, &ms)
	})
	return id, FromMillis(ms), err
}

// AuditPurge says which entries of an account leave, who has them leave and why.
type AuditPurge struct {
	Account authority.ID
	Actor   authority.ID
	Reason  string
	IDs     []authority.ID // rising
}

// PurgeAudit deletes entries, and notes under seal that this is no tampering.
func PurgeAudit(tx *Tx, p AuditPurge) error {
	if err := tx.openChain(); err != nil {
		return err
	}
	g := audit.Gone{
		Time: FromMillis(Millis(tx.now())), Account: p.Account, Actor: p.Actor, Reason: p.Reason,
		Head: tx.chain.position, HeadSeal: tx.chain.seal,
	}
	var runs []audit.Run
	for _, id := range p.IDs {
		var seal []byte
		err := tx.QueryRow(`DELETE FROM audit WHERE id = $1 AND account = $2 RETURNING seal`, id, p.Account).Scan(&seal)
		if errors.Is(err, ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		if len(seal) > 0 { // else from before the chain
			runs = g.Add(runs, id, seal)
		}
	}
	if len(runs) == 0 || tx.sealer == nil {
		return nil
	}
	g.Write(runs)
	return tx.noteGone(g)
}

func (tx *Tx) noteGone(g audit.Gone) error {
	seal, err := tx.sealer.Gone(g)
	if err != nil {
		return unsealed(err)
	}
	_, err = tx.Exec(`INSERT INTO audit_gone (first_position, last_position, entries, at_ms, account, actor, reason, runs, head, head_seal, seal)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, g.First, g.Last, g.Count, Millis(g.Time), g.Account, g.Actor, g.Reason, g.Runs,
		g.Head, g.HeadSeal, seal)
	return err
}
