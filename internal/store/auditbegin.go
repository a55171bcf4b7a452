package store

import (
	"context"
	"errors"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

// SealAudit has every audit entry sealed from now on. Where there never was a
// chain it notes where one begins. Where one was begun and its beginning is gone
// or is not what was written, no other is begun: it says so in the log, and every
// verification does. Call it before anything else writes.
func (db *DB) SealAudit(ctx context.Context, s *audit.Sealer) error {
	db.writer.sealer.Store(s)
	altered := false
	err := db.Write(ctx, func(tx *Tx) (err error) {
		altered, err = tx.beginChain(s)
		return err
	})
	if altered {
		db.config.Logger.ErrorContext(ctx, "the beginning of the audit was altered or taken away; look at it with: propusk audit verify")
	}
	return err
}

// beginChain begins the chain of a database that never had one.
func (tx *Tx) beginChain(s *audit.Sealer) (altered bool, err error) {
	var h audit.Head
	err = scanHead(tx, &h)
	switch {
	case errors.Is(err, ErrNoRows):
		return true, tx.replaceHead()
	case err != nil:
		return false, err
	case len(h.Origin.Seal) > 0:
		good, err := s.Begun(h.Origin)
		return !good, err
	}
	if begun, err := chainBegun(tx); begun || err != nil {
		return begun, err
	}
	o := audit.Origin{Position: h.Position, Time: FromMillis(Millis(tx.now()))}
	seal, err := s.Origin(o)
	if err != nil {
		return false, unsealed(err)
	}
	_, err = tx.Exec(`UPDATE audit_head SET begin_position = $1, begun_ms = $2, origin = $3, seal = NULL WHERE id = 1`,
		o.Position, Millis(o.Time), seal)
	return false, err
}

// chainBegun looks for traces of a chain whose beginning is gone: any seal, or
// an entry from after its key was made. The key alone is none: a start may have
// ended between the two.
func chainBegun(tx *Tx) (bool, error) {
	var traces int64
	err := tx.QueryRow(`SELECT CASE WHEN
		EXISTS (SELECT 1 FROM audit_head WHERE seal IS NOT NULL OR begun_ms <> 0)
		OR EXISTS (SELECT 1 FROM audit_gone)
		OR EXISTS (SELECT 1 FROM audit WHERE seal IS NOT NULL OR tally IS NOT NULL)
		OR EXISTS (SELECT 1 FROM audit WHERE at_ms > (SELECT MIN(created_ms) FROM keys WHERE use_name = 'audit'))
		THEN 1 ELSE 0 END`).Scan(&traces)
	return traces > 0, err
}

// replaceHead makes the row that somebody took away, so that work goes on behind
// what is there. It has no sealed beginning, and so tells for ever.
func (tx *Tx) replaceHead() error {
	_, err := tx.Exec(`INSERT INTO audit_head (id, position, seal, begin_position, begun_ms)
		SELECT 1, ends.position, (SELECT seal FROM audit WHERE id = ends.position), 0, CAST($1 AS BIGINT)
		FROM (SELECT COALESCE(MAX(one.position), 0) AS position FROM (
			SELECT MAX(id) AS position FROM audit
			UNION ALL SELECT MAX(last_position) FROM audit_gone
			UNION ALL SELECT MAX(head) FROM audit_gone) AS one) AS ends`, Millis(tx.now()))
	return err
}

// verifiedHead reads the head as a verification needs it. What is said of the
// whole log is looked for once, at its beginning.
func verifiedHead(tx *Tx, h *audit.Head, after authority.ID) error {
	err := scanHead(tx, h)
	if errors.Is(err, ErrNoRows) {
		h.Missing = true
		return nil
	}
	if err != nil || after > 0 || len(h.Origin.Seal) > 0 {
		return err
	}
	begun, err := chainBegun(tx)
	h.Unbegun = !begun
	return err
}
