package admin

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectAudit = `SELECT id, at_ms, stand, account, actor, credential, grant_id, dialect, door, address,
	request_id, verb, object, outcome, reason, count FROM audit WHERE `

// Entries implements admin.Audit.
func (s *Store) Entries(ctx context.Context, stand authority.Stand, account authority.ID, q admin.AuditQuery) (list []authority.Entry, err error) {
	where, args := picked(stand, account, q)
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(selectAudit+where, args...)
		list, err = collect(rows, err, scanEntry)
		return err
	})
	return list, err
}

// picked writes only the conditions that are asked, so that the account's index
// is used where there is an account.
func picked(stand authority.Stand, account authority.ID, q admin.AuditQuery) (string, []any) {
	var conditions []string
	var args []any
	add := func(asked bool, condition string, value any) {
		if asked {
			args = append(args, value)
			conditions = append(conditions, fmt.Sprintf(condition, len(args)))
		}
	}
	add(true, "stand = $%d", stand)
	add(account != 0, "account = $%d", account)
	add(q.Before != 0, "id < $%d", q.Before)
	add(q.After != 0, "id > $%d", q.After)
	begins := func(column, text string, mark byte) {
		if n := len(text) - 1; n >= 0 && text[n] == mark {
			args = append(args, text, text[:n]+string(mark+1)) // both engines compare bytes
			conditions = append(conditions, fmt.Sprintf("%s >= $%d AND %s < $%d", column, len(args)-1, column, len(args)))
			return
		}
		add(text != "", column+" = $%d", text)
	}
	begins("verb", q.Verb, '.')
	begins("object", q.Object, '/')
	add(q.Grant != 0, "grant_id = $%d", q.Grant)
	add(q.Dialect != "", "dialect = $%d", q.Dialect)
	add(q.Door != "", "door = $%d", q.Door)
	add(q.Address.IsValid(), "address = $%d", q.Address.String())
	add(q.RequestID != "", "request_id = $%d", q.RequestID)
	add(q.Actor != 0, "actor = $%d", q.Actor)
	add(q.Credential != 0, "credential = $%d", q.Credential)
	add(q.Outcome != "", "outcome = $%d", q.Outcome)
	add(!q.Since.IsZero(), "at_ms >= $%d", store.Millis(q.Since))
	add(!q.Until.IsZero(), "at_ms < $%d", store.Millis(q.Until))
	args = append(args, q.Size)
	return strings.Join(conditions, " AND ") + fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(args)), args
}

func scanEntry(rows *store.Rows) (authority.Entry, error) {
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
