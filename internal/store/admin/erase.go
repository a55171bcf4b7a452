package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// workRows is how many tasks, and grants, leave in one transaction: about 50 ms
// of work.
const workRows = 500

// work lists, in order, how the rows of the slices leave: each statement takes
// the account and the most rows of one step away, and is repeated while it
// finds some. A slice adds its tables here; a test over the schema finds what
// is missing.
func work() []string {
	const tasks = `(SELECT id FROM task WHERE account = $1 ORDER BY number LIMIT $2)`
	const calls = `(SELECT id FROM phone_call WHERE account = $1 ORDER BY begun_ms, id LIMIT $2)`
	const results = `(SELECT digest FROM phone_result WHERE account = $1 ORDER BY expires_ms LIMIT $2)`
	return []string{
		`DELETE FROM grants WHERE id IN (SELECT g.id FROM principals p JOIN grants g ON g.principal = p.id
			WHERE p.account = $1 LIMIT $2)`,
		`DELETE FROM codes WHERE digest IN (SELECT digest FROM codes WHERE account = $1 LIMIT $2)`,
		`DELETE FROM consents WHERE id IN (SELECT id FROM consents WHERE account = $1 LIMIT $2)`,
		`DELETE FROM usage_hours WHERE account = $1 AND $2 > 0`,
		`DELETE FROM traffic_hours WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_move WHERE task IN ` + tasks + ` AND $2 > 0`,
		`DELETE FROM task_comment WHERE task IN ` + tasks + ` AND $2 > 0`,
		`DELETE FROM task WHERE id IN ` + tasks,
		`DELETE FROM task_stage_next WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_stage WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_employee WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_sequence WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_chunk WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_count WHERE account = $1 AND $2 > 0`,
		`DELETE FROM task_total WHERE account = $1 AND $2 > 0`,
		`DELETE FROM phone_party WHERE (account, party, begun_ms, phone_call) IN (SELECT account, party, begun_ms, phone_call
			FROM phone_party WHERE account = $1 LIMIT $2)`,
		`DELETE FROM phone_recording WHERE phone_call IN ` + calls + ` AND $2 > 0`,
		`DELETE FROM phone_call WHERE id IN ` + calls,
		`DELETE FROM phone_event WHERE id IN (SELECT id FROM phone_event WHERE account = $1 LIMIT $2)`,
		`DELETE FROM phone_extension WHERE id IN (SELECT id FROM phone_extension WHERE account = $1 LIMIT $2)`,
		`DELETE FROM phone_result_part WHERE digest IN ` + results + ` AND $2 > 0`,
		`DELETE FROM phone_result WHERE digest IN ` + results,
		`DELETE FROM phone_result_total WHERE account = $1 AND $2 > 0`,
		`DELETE FROM catalog_product WHERE account = $1 AND (version, id) IN
			(SELECT version, id FROM catalog_product WHERE account = $1 LIMIT $2)`,
		`DELETE FROM catalog_version WHERE account = $1 AND $2 > 0`,
		`DELETE FROM catalog_session WHERE account = $1 AND $2 > 0`,
		`DELETE FROM catalog_doc WHERE account = $1 AND id IN (SELECT id FROM catalog_doc WHERE account = $1 LIMIT $2)`,
		`DELETE FROM catalog_doc_type WHERE account = $1 AND $2 > 0`,
		`DELETE FROM catalog_warehouse WHERE account = $1 AND $2 > 0`,
		`DELETE FROM signin_session WHERE account = $1 AND $2 > 0`,
		`DELETE FROM signin_choice WHERE account = $1 AND $2 > 0`,
		`DELETE FROM signin_totp WHERE account = $1 AND $2 > 0`,
		`DELETE FROM signin_passkey WHERE account = $1 AND $2 > 0`,
		`DELETE FROM signin_recovery WHERE account = $1 AND $2 > 0`,
		`DELETE FROM import_jobs WHERE account = $1 AND $2 > 0`,
		`DELETE FROM idempotency WHERE account = $1 AND $2 > 0`,
	}
}

// eraseWork takes what the slices keep of the account away, step by step.
func (s *Store) eraseWork(ctx context.Context, ch admin.Change) error {
	for {
		var gone int64
		var files []string
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			if files, err = recordings(tx, ch.Account); err != nil {
				return err
			}
			for _, query := range work() {
				n, err := tx.Exec(query, ch.Account, workRows)
				if err != nil {
					return err
				}
				gone += n
			}
			n, err := eraseAudit(tx, ch)
			gone += int64(n)
			return err
		})
		if err == nil {
			err = s.forget(ctx, files)
		}
		if err != nil || gone == 0 {
			return err
		}
	}
}

// eraseAudit takes a step of the account's entries away.
func eraseAudit(tx *store.Tx, ch admin.Change) (int, error) {
	list, err := ids(tx, `SELECT id FROM audit WHERE account = $1 ORDER BY id LIMIT $2`, ch.Account, workRows)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), store.PurgeAudit(tx, store.AuditPurge{
		Account: ch.Account, Actor: ch.Entry.Actor, Reason: "account.delete", IDs: list,
	})
}

// recordings names the files of the calls that leave in the next step.
func recordings(tx *store.Tx, account authority.ID) ([]string, error) {
	pairs, err := store.Collect(tx, store.Pair[string], `SELECT blob_name, mp3_blob FROM phone_recording WHERE phone_call IN
		(SELECT id FROM phone_call WHERE account = $1 ORDER BY begun_ms, id LIMIT $2)`, account, workRows)
	var names []string
	for _, pair := range pairs {
		if names = append(names, pair[0]); pair[1] != "" {
			names = append(names, pair[1])
		}
	}
	return names, err
}

// forget deletes files whose rows have left. One that stays because of a crash
// is an orphan, and swept.
func (s *Store) forget(ctx context.Context, files []string) error {
	for _, name := range files {
		if s.files == nil {
			return nil
		}
		if err := s.files.Delete(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
