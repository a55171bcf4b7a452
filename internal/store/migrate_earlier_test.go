package store_test

import (
	"slices"
	"testing"

	"propusk/internal/store/storetest"
)

// The former generation of a family that was refreshed before the upgrade is
// proved by its row afterwards, where short tokens are.
func TestShortTokensOutliveTheUpgrade(t *testing.T) {
	const old = `INSERT INTO grants (id, stand, account, principal, credential, client_id, dialect,
		door, scope, epoch, position, created_ms, lifetime_ms, family_ends_ms, generation, issued_ms,
		access_expires_ms, refresh_expires_ms, gen_position, key_id, key_version, former_issued_ms,
		former_access_expires_ms, former_refresh_expires_ms, former_position, former_key_id,
		former_key_version, rotated_ms, used, mark, last_used_ms, last_address, gone_ms)
		SELECT n, 'test', 1, 1, 1, '', dialect, '', '', 1, 0, 0, 0, 0, generation, 9, 9, 9, 9, '', 9, 7000,
			8000, 0, 0, '', 3, 0, 0, 0, 0, '', 0
		FROM (SELECT 1 AS n, 'ringme' AS dialect, 5 AS generation UNION SELECT 2, 'ringme', 0 UNION SELECT 3, 'hubex', 5) g`
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			db := upgraded(t, driver, "0025", old)
			got := texts(t, db, `SELECT id || ' ' || earlier FROM grants ORDER BY id`)
			if want := []string{"1 [[4,7000,8000,3]]", "2 ", "3 "}; !slices.Equal(got, want) {
				t.Error(got)
			}
		})
	}
}
