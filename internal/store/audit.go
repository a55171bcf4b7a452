package store

import (
	"errors"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

const insertEntry = `INSERT INTO audit (id, at_ms, stand, account, actor, credential, grant_id,
	dialect, door, address, request_id, verb, object, outcome, reason, count, seal`

const (
	insertAudit = insertEntry + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	insertGathered = insertEntry + `, gather, tally)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (gather) DO UPDATE SET count = audit.count + excluded.count,
			at_ms = excluded.at_ms, grant_id = excluded.grant_id, request_id = excluded.request_id
		RETURNING id, count`
)

// Audit appends e in the transaction of the change it describes: both are kept
// or neither. The position and the seal are given here; a zero Time is now, a
// zero Count is 1. An entry with a Gather key that is there already adds its
// Count to that one.
func Audit(tx *Tx, e authority.Entry) error {
	if e.Time.IsZero() {
		e.Time = tx.now()
	}
	e.Count = max(e.Count, 1)
	if err := tx.openChain(); err != nil {
		return err
	}
	e.ID = tx.chain.position + 1
	seal, err := tx.sealEntry(e)
	if err != nil {
		return err
	}
	address := ""
	if e.Address.IsValid() {
		address = e.Address.String()
	}
	args := []any{
		e.ID, Millis(e.Time), e.Stand, e.Account, e.Actor, e.Credential, e.Grant,
		e.Dialect, e.Door, address, e.RequestID, e.Verb, e.Object, e.Outcome, e.Reason, e.Count, seal,
	}
	if e.Gather != "" {
		return tx.gather(e, seal, args)
	}
	if _, err = tx.Exec(insertAudit, args...); err == nil {
		tx.chain.append(e.ID, seal)
	}
	return err
}

// gather writes an entry that goes on counting, or counts into it.
func (tx *Tx) gather(e authority.Entry, seal []byte, args []any) error {
	tally, err := tx.sealTally(e)
	if err != nil {
		return err
	}
	proposed := e.ID
	if err := tx.QueryRow(insertGathered, append(args, e.Gather, tally)...).Scan(&e.ID, &e.Count); err != nil {
		return err
	}
	if e.ID == proposed {
		tx.chain.append(e.ID, seal)
		return nil
	}
	if tx.sealer != nil {
		tx.tallies = append(tx.tallies, e)
	}
	return nil
}

// chain is the newest end of the audit, as a transaction sees it.
type chain struct {
	known    bool
	moved    bool
	position authority.ID
	seal     []byte
}

func (c *chain) append(position authority.ID, seal []byte) {
	c.position, c.seal, c.moved = position, seal, true
}

// openChain reads the end of the audit, once a batch, and keeps it from other
// writers until the commit.
func (tx *Tx) openChain() error {
	if tx.chain.known {
		return nil
	}
	tx.chain.known = true
	err := tx.QueryRow(tx.session.auditHead).Scan(&tx.chain.position, &tx.chain.seal)
	if errors.Is(err, ErrNoRows) {
		return unavailable("the audit cannot be written: the row that says where it ends is missing", err)
	}
	return err
}

// sealEntry gives the seal of e; nil where nothing seals.
func (tx *Tx) sealEntry(e authority.Entry) ([]byte, error) {
	if tx.sealer == nil {
		return nil, nil
	}
	seal, err := tx.sealer.Entry(tx.chain.seal, e)
	return seal, unsealed(err)
}

func (tx *Tx) sealTally(e authority.Entry) ([]byte, error) {
	if tx.sealer == nil {
		return nil, nil
	}
	tally, err := tx.sealer.Tally(e)
	return tally, unsealed(err)
}

// unsealed keeps what cannot be audited from happening.
func unsealed(err error) error {
	if err == nil {
		return nil
	}
	return unavailable("the audit cannot be sealed", err)
}

// closeChain writes what the callers of a batch have left to be written once.
func (b *batch) closeChain() error {
	for id, e := range b.tallies {
		tally, err := b.w.sealer.Load().Tally(e)
		if err == nil {
			err = b.exec(`UPDATE audit SET tally = $1 WHERE id = $2`, tally, id)
		}
		if err != nil {
			return err
		}
	}
	if !b.chain.moved {
		return nil
	}
	return b.exec(`UPDATE audit_head SET position = $1, seal = $2 WHERE id = 1`, b.chain.position, b.chain.seal)
}

func (b *batch) exec(query string, args ...any) error {
	if err := bind(args); err != nil {
		return err
	}
	_, err := b.w.session.exec(b.ctx, query, args)
	return err
}

// sealer makes the seals of what tx writes; nil in tests of other things.
type sealer = audit.Sealer
