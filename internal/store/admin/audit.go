package admin

import (
	"context"
	"net/netip"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectAudit = `SELECT id, at_ms, stand, account, actor, credential, grant_id, dialect, door, address,
	request_id, verb, object, outcome, reason, count FROM audit WHERE `

// Entries implements admin.Audit.
func (s *Store) Entries(ctx context.Context, stand authority.Stand, account authority.ID, q admin.AuditQuery) ([]authority.Entry, error) {
	st := picked(stand, account, q)
	return store.CollectOne(ctx, s.db, scanEntry, st.String(), st.Args()...)
}

// picked writes the statement. What is of an account and what is of none lie in
// two indexes: each gives a page at most, of which the newest are taken.
func picked(stand authority.Stand, account authority.ID, q admin.AuditQuery) *store.Statement {
	s := new(store.Statement)
	own := func() { s.Add(selectAudit+"stand = ? AND account = ?", stand, account); page(s, q) }
	nobodys := func() { s.Add(selectAudit+"stand = ? AND account = 0", stand); page(s, q) }
	switch {
	case q.Whose == admin.NobodysEntries:
		nobodys()
	case account == 0:
		s.Add(selectAudit+"stand = ?", stand)
		page(s, q)
	case q.Whose == admin.OwnEntries:
		own()
	default:
		s.Add("SELECT * FROM (")
		own()
		s.Add(") own UNION ALL SELECT * FROM (")
		nobodys()
		s.Add(") nobodys ORDER BY id DESC LIMIT ?", q.Size)
	}
	return s
}

// page writes only the conditions that are asked, so that an index gives the
// order.
func page(s *store.Statement, q admin.AuditQuery) {
	add := func(asked bool, condition string, value any) {
		if asked {
			s.Add(" AND "+condition, value)
		}
	}
	begins := func(column, text string, mark byte) {
		if n := len(text) - 1; n >= 0 && text[n] == mark {
			s.Add(" AND "+column+" >= ? AND "+column+" < ?", text, text[:n]+string(mark+1)) // both engines compare bytes
			return
		}
		add(text != "", column+" = ?", text)
	}
	add(q.Before != 0, "id < ?", q.Before)
	add(q.After != 0, "id > ?", q.After)
	begins("verb", q.Verb, '.')
	begins("object", q.Object, '/')
	add(q.Grant != 0, "grant_id = ?", q.Grant)
	add(q.Dialect != "", "dialect = ?", q.Dialect)
	add(q.Door != "", "door = ?", q.Door)
	add(q.Address.IsValid(), "address = ?", q.Address.String())
	add(q.RequestID != "", "request_id = ?", q.RequestID)
	add(q.Actor != 0, "actor = ?", q.Actor)
	add(q.Credential != 0, "credential = ?", q.Credential)
	add(q.Outcome != "", "outcome = ?", q.Outcome)
	add(!q.Since.IsZero(), "at_ms >= ?", store.Millis(q.Since))
	add(!q.Until.IsZero(), "at_ms < ?", store.Millis(q.Until))
	s.Add(" ORDER BY id DESC LIMIT ?", q.Size)
}

func scanEntry(rows store.Scanner) (authority.Entry, error) {
	var e authority.Entry
	var at int64
	var address string
	err := rows.Scan(&e.ID, &at, &e.Stand, &e.Account, &e.Actor, &e.Credential, &e.Grant, &e.Dialect, &e.Door, &address,
		&e.RequestID, &e.Verb, &e.Object, &e.Outcome, &e.Reason, &e.Count)
	e.Time = store.FromMillis(at)
	if address != "" && err == nil {
		e.Address, err = netip.ParseAddr(address)
	}
	return e, err
}
