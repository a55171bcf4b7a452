package store

import "propusk/internal/authority"

const insertAudit = `INSERT INTO audit (at_ms, stand, account, actor, credential, grant_id,
	dialect, door, address, request_id, verb, object, outcome, reason, count, gather)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
	ON CONFLICT (gather) DO UPDATE SET count = audit.count + excluded.count,
		at_ms = excluded.at_ms, grant_id = excluded.grant_id, request_id = excluded.request_id`

// Audit appends e in the transaction of the change it describes: both are kept
// or neither. The position is given by the database; a zero Time is now, a zero
// Count is 1. An entry with a Gather key that is there already adds its Count to
// that one.
func Audit(tx *Tx, e authority.Entry) error {
	if e.Time.IsZero() {
		e.Time = tx.now()
	}
	address := ""
	if e.Address.IsValid() {
		address = e.Address.String()
	}
	var gather any // NULL never meets itself
	if e.Gather != "" {
		gather = e.Gather
	}
	_, err := tx.Exec(insertAudit, Millis(e.Time), e.Stand, e.Account, e.Actor, e.Credential, e.Grant,
		e.Dialect, e.Door, address, e.RequestID, e.Verb, e.Object, e.Outcome, e.Reason, max(e.Count, 1), gather)
	return err
}
