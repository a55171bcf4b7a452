package catalog_test

import (
	"testing"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// What one node adds while another ends the upload, or throws it away, is refused
// whole: the catalogue that others see is what End found.
func TestAddMeetsAnEndOnAnotherNode(t *testing.T) {
	config := storetest.Config(t, store.Postgres)
	for _, state := range []string{"closing", "current", "dead"} {
		t.Run(state, func(t *testing.T) {
			here := newWorld(t, storetest.OpenConfig(t, config))
			there := newWorld(t, storetest.OpenConfig(t, config))
			there.account = here.account
			ctx, c := t.Context(), here.system()
			here.must(here.uploads.Begin(ctx, c, catalog.Scheme{}))
			here.must(here.uploads.Add(ctx, c, generation(1, 10), nil))
			added := make(chan error, 1)
			here.must(here.db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`UPDATE catalog_version SET state = $1 WHERE account = $2 AND state = 'open'`, state, here.account.ID)
				if err != nil {
					return err
				}
				go func() { added <- there.uploads.Add(ctx, c, generation(2, 20), nil) }()
				waits := func() int {
					return storetest.Count(t, there.db, `SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`)
				}
				for waits() == 0 && len(added) == 0 { // until it has read the upload as open, and meets this row
				}
				return nil
			}))
			if err := <-added; authority.CodeOf(err) != authority.Conflict {
				t.Errorf("an addition that came too late: %v", err)
			}
			if n := storetest.Count(t, here.db, `SELECT COUNT(*) FROM catalog_product WHERE account = $1`, here.account.ID); n != 10 {
				t.Errorf("%d rows are there", n)
			}
		})
	}
}
