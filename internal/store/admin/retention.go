package admin

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/retention"
	"propusk/internal/store"
)

var (
	_ retention.Accounts = (*Store)(nil)
	_ retention.Source   = AgedAudit{}
)

// Keeping implements retention.Accounts.
func (s *Store) Keeping(ctx context.Context) ([]authority.Account, error) {
	return store.CollectOne(ctx, s.db, scanAccount, selectAccounts+`WHERE settings LIKE '%"retention":%' ORDER BY id`)
}

// AgedAudit finds and deletes the audit entries that an account has kept long
// enough.
type AgedAudit struct{ *Store }

// archivedEntry is an audit entry as it is archived.
type archivedEntry struct {
	ID         authority.ID      `json:"id"`
	Time       time.Time         `json:"time"`
	Actor      authority.ID      `json:"actor,omitempty"`
	Credential authority.ID      `json:"credential,omitempty"`
	Grant      authority.ID      `json:"grant,omitempty"`
	Dialect    string            `json:"dialect,omitempty"`
	Door       string            `json:"door,omitempty"`
	Address    string            `json:"address,omitempty"`
	RequestID  string            `json:"request_id,omitempty"`
	Verb       string            `json:"verb"`
	Object     string            `json:"object,omitempty"`
	Outcome    authority.Outcome `json:"outcome"`
	Reason     string            `json:"reason,omitempty"`
	Count      int               `json:"count"`
}

// Old implements retention.Source. The oldest entries stand first, but for those
// that go on counting: only the first of all are looked at, so that a purge
// without work costs nothing.
func (s AgedAudit) Old(ctx context.Context, account authority.ID, before time.Time, limit int) ([]retention.Row, error) {
	return store.CollectOne(ctx, s.db, scanArchived, selectAudit+`id IN (SELECT id FROM audit WHERE account = $1 ORDER BY id LIMIT $3) AND at_ms < $2
		ORDER BY id`, account, store.Millis(before), limit)
}

func scanArchived(row store.Scanner) (retention.Row, error) {
	e, err := scanEntry(row)
	if err != nil {
		return retention.Row{}, err
	}
	return archive(e)
}

func archive(e authority.Entry) (retention.Row, error) {
	line := archivedEntry{
		ID: e.ID, Time: e.Time, Actor: e.Actor, Credential: e.Credential, Grant: e.Grant, Dialect: e.Dialect, Door: e.Door,
		RequestID: e.RequestID, Verb: e.Verb, Object: e.Object, Outcome: e.Outcome, Reason: e.Reason, Count: e.Count,
	}
	if e.Address.IsValid() {
		line.Address = e.Address.String()
	}
	text, err := json.Marshal(line)
	return retention.Row{Key: strconv.FormatInt(int64(e.ID), 10), Line: text}, err
}

// Drop implements retention.Source.
func (s AgedAudit) Drop(ctx context.Context, account authority.ID, keys []string, entry authority.Entry) error {
	list := make([]authority.ID, len(keys))
	for i, key := range keys {
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return err
		}
		list[i] = authority.ID(id)
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		err := store.PurgeAudit(tx, store.AuditPurge{Account: account, Actor: entry.Actor, Reason: "retention", IDs: list})
		if err != nil {
			return err
		}
		return store.Audit(tx, entry)
	})
}
