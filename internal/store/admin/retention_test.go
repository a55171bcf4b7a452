package admin_test

import (
	"strconv"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/retention"
	"propusk/internal/store"
	rows "propusk/internal/store/admin"
	"propusk/internal/store/storetest"
)

// What an account has set says what leaves: old entries of its own, and nobody
// else's.
func TestOldAuditLeaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		ours, theirs := authority.NewID(), authority.NewID()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO stands (stand, epoch, issuer) VALUES ('test', 1, 'x') ON CONFLICT (stand) DO NOTHING`)
			if err != nil {
				return err
			}
			for id, settings := range map[authority.ID]string{ours: `{"retention":{"audit":30}}`, theirs: `{}`} {
				_, err := tx.Exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
					VALUES ($1, 'test', 'x', $2, $1, 0, $3, 0, 0)`, id, strconv.Itoa(int(id)), settings)
				if err != nil {
					return err
				}
				for _, age := range []int{40, 31, 29, 0} {
					e := authority.Entry{Time: now.AddDate(0, 0, -age), Stand: authority.Test, Account: id, Verb: "x", Outcome: authority.Done}
					if err := store.Audit(tx, e); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := rows.New(db, func([]authority.FeedEntry) {})
		p := retention.Purger{
			Accounts: s, Sources: map[retention.Kind]retention.Source{retention.Audit: rows.AgedAudit{Store: s}},
			Now: func() time.Time { return now },
		}
		if n, err := p.Purge(t.Context()); n != 2 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		for id, want := range map[authority.ID]int{ours: 3, theirs: 4} { // with the entry of the purge
			list, err := s.Entries(t.Context(), authority.Test, id, admin.AuditQuery{Size: 10})
			if err != nil || len(list) != want {
				t.Errorf("%d entries, want %d: %v", len(list), want, err)
			}
			if id == ours && (list[0].Verb != retention.VerbPurge || list[0].Count != 2 || list[0].Object != "audit") {
				t.Errorf("%+v", list[0])
			}
		}
	})
}
