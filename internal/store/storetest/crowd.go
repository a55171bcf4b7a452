package storetest

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// crowdStep is how many rows of each kind one transaction adds.
const crowdStep = 10_000

// Crowd adds to an account n users, n service users and n applications, n service
// tokens with a living grant each, and n audit entries, written as one who measures
// pages needs them: straight into the tables. The account must have a living hubex
// grant already, of which the others are copies.
func Crowd(tb testing.TB, db *store.DB, account authority.ID, n int) {
	tb.Helper()
	now := time.Now()
	for from := 0; from < n; from += crowdStep {
		err := db.Write(tb.Context(), func(tx *store.Tx) error {
			return crowd(tx, account, from, min(from+crowdStep, n), store.Millis(now))
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	if db.Driver() == store.SQLite {
		return
	}
	// A server does this by itself, in its own time.
	if err := db.Write(tb.Context(), func(tx *store.Tx) error { _, err := tx.Exec(`ANALYZE`); return err }); err != nil {
		tb.Fatal(err)
	}
}

// crowdID gives ids that are as scattered as real ones are: for each n another,
// and apart from those of other kinds.
func crowdID(kind int) string {
	return fmt.Sprintf("%d + (n * CAST(2654435761 AS BIGINT)) %% 4294967296", int64(kind)<<48)
}

// numbers gives the rows that a statement makes others of: from $2, up to $3.
const numbers = `WITH RECURSIVE seq(n) AS (SELECT CAST($2 AS BIGINT) + 1 UNION ALL SELECT n + 1 FROM seq WHERE n < $3)`

func crowd(tx *store.Tx, account authority.ID, from, to int, now int64) error {
	for i, kind := range []authority.PrincipalKind{authority.User, authority.ServiceUser, authority.Application} {
		login, key := `''`, `NULL`
		if kind == authority.User {
			login, key = `'crowd-' || n`, `'crowd-' || n`
		}
		_, err := tx.Exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark,
			created_ms, list_of, keys_off, traits, search)
			`+numbers+` SELECT `+crowdID(i+1)+`, a.id, a.stand, '`+string(kind)+`', 'Crowd ' || n, `+login+`, `+key+`, '', 0, 1, 0,
			CAST($4 AS BIGINT) - n, 0, 0, '{}', 'crowd ' || n || CAST($5 AS TEXT) || `+login+` FROM seq, accounts a WHERE a.id = $1`, account, from, to, now, "\n")
		if err != nil {
			return err
		}
	}
	return errors.Join(crowdSecrets(tx, account, from, to, now), crowdAudit(tx, account, from, to, now))
}

func crowdAudit(tx *store.Tx, account authority.ID, from, to int, now int64) error {
	for n := from; n < to; n++ {
		err := store.Audit(tx, authority.Entry{
			Time: store.FromMillis(now), Stand: authority.Production, Account: account, Dialect: "hubex", Door: "service_token",
			Address: netip.MustParseAddr("192.0.2.7"), Verb: authority.VerbIssue, Object: fmt.Sprintf("grant/crowd-%d", n), Outcome: authority.Done, Count: 1,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func crowdSecrets(tx *store.Tx, account authority.ID, from, to int, now int64) error {
	_, err := tx.Exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest, pepper, hash,
		revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		`+numbers+` SELECT `+crowdID(4)+`, a.id, `+crowdID(2)+`, a.stand, 'service_token', '', 'hubex', 'Crowd', NULL, 1, '', 1, 0, '[]', 0, 0, 1,
		CAST($4 AS BIGINT) - n, CAST($4 AS BIGINT) - n, '192.0.2.7', 1 FROM seq, accounts a WHERE a.id = $1`, account, from, to, now)
	if err != nil {
		return err
	}
	const same = `epoch, position, created_ms, lifetime_ms, family_ends_ms, generation, issued_ms, access_expires_ms, refresh_expires_ms, gen_position,
		key_id, key_version, former_issued_ms, former_access_expires_ms, former_refresh_expires_ms, former_position, former_key_id,
		former_key_version, rotated_ms, used, mark`
	_, err = tx.Exec(`INSERT INTO grants (id, stand, account, principal, credential, client_id, dialect, door, scope, `+same+`, last_used_ms, last_address, gone_ms)
		`+numbers+` SELECT `+crowdID(5)+`, stand, account, `+crowdID(2)+`, `+crowdID(4)+`, client_id, dialect, door, scope, `+same+`,
		CAST($4 AS BIGINT) - n, '192.0.2.7', gone_ms FROM seq, (SELECT * FROM grants WHERE account = $1 AND dialect = 'hubex' ORDER BY gone_ms DESC LIMIT 1) g`,
		account, from, to, now)
	return err
}
