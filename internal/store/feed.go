package store

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// purgeStep is how many dead feed rows leave with each append.
const purgeStep = 8

// AppendFeed gives entries their positions and writes them in the transaction
// of the change they tell of. apply hears of them once they are on disk and
// before anybody is answered. It returns the position of the last entry.
func AppendFeed(tx *Tx, apply func([]authority.FeedEntry), entries ...authority.FeedEntry) (authority.Position, error) {
	var last int64
	err := tx.QueryRow(`UPDATE feed_head SET position = position + $1 WHERE id = 1 RETURNING position`,
		len(entries)).Scan(&last)
	if err != nil {
		return 0, err
	}
	now := tx.now()
	for i := range entries {
		entries[i].Position = authority.Position(last - int64(len(entries)-1-i))
		if err := insertFeed(tx, entries[i], now); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(`DELETE FROM feed WHERE position IN
		(SELECT position FROM feed WHERE until_ms < $1 ORDER BY until_ms LIMIT $2)`, Millis(now), purgeStep)
	if err != nil {
		return 0, err
	}
	tx.AfterCommit(func() { apply(entries) })
	return authority.Position(last), nil
}

// Alone has no other node come so far until tx ends: what is read behind it stays
// so until it is written. SQLite has one writer at a time anyway. Take it before
// any row.
func Alone(tx *Tx) error {
	_, err := tx.Exec(`UPDATE feed_head SET position = position WHERE id = 1`)
	return err
}

// Hold keeps other nodes from a row of the account until tx ends: what is read
// behind it stays so until it is written. table is no input.
func Hold(tx *Tx, table string, account authority.ID, id any) error {
	_, err := tx.Exec(`UPDATE `+table+` SET account = account WHERE account = $1 AND id = $2`, account, id)
	return err
}

func insertFeed(tx *Tx, e authority.FeedEntry, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO feed (position, stand, kind, scope, target, generation,
		token_kind, key_id, at_ms, until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.Position, e.Stand, e.Kind, e.Target.Scope, e.Target.ID, e.Target.Generation,
		e.Target.Kind, e.Target.Key, Millis(now), Millis(e.Until))
	return err
}

// FeedAfter reads the position of the feed and the entries after position, in
// order, at one moment.
func (db *DB) FeedAfter(ctx context.Context, position authority.Position) (head authority.Position, entries []authority.FeedEntry, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		if err := tx.QueryRow(`SELECT position FROM feed_head WHERE id = 1`).Scan(&head); err != nil {
			return err
		}
		entries, err = Collect(tx, scanFeed, `SELECT position, stand, kind, scope, target, generation, token_kind,
			key_id, until_ms FROM feed WHERE position > $1 ORDER BY position`, position)
		return err
	})
	return head, entries, err
}

func scanFeed(row Scanner) (e authority.FeedEntry, err error) {
	var until int64
	err = row.Scan(&e.Position, &e.Stand, &e.Kind, &e.Target.Scope, &e.Target.ID,
		&e.Target.Generation, &e.Target.Kind, &e.Target.Key, &until)
	e.Until = FromMillis(until)
	return e, err
}

// Stands makes the row of each stand that has none yet, with issuer giving its
// name in tokens, and reads them all. Of a restored copy it raises the epoch first.
func (db *DB) Stands(ctx context.Context, issuer func() string) (map[authority.Stand]StandRow, error) {
	stands := make(map[authority.Stand]StandRow)
	err := db.Write(ctx, func(tx *Tx) error {
		if err := db.restored(tx); err != nil {
			return err
		}
		for _, stand := range authority.Stands() {
			_, err := tx.Exec(`INSERT INTO stands (stand, epoch, issuer) VALUES ($1, 1, $2)
				ON CONFLICT (stand) DO NOTHING`, stand, issuer())
			if err != nil {
				return err
			}
			var row StandRow
			err = tx.QueryRow(`SELECT epoch, issuer, rekey <> 0 FROM stands WHERE stand = $1`, stand).
				Scan(&row.Epoch, &row.Issuer, &row.Restored)
			if err != nil {
				return err
			}
			stands[stand] = row
		}
		return nil
	})
	return stands, err
}

// StandRows reads the rows of the stands that have one, and makes none.
func (db *DB) StandRows(ctx context.Context) (map[authority.Stand]StandRow, error) {
	stands := make(map[authority.Stand]StandRow)
	err := db.Read(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT stand, epoch, issuer FROM stands`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var stand authority.Stand
			var row StandRow
			if err := rows.Scan(&stand, &row.Epoch, &row.Issuer); err != nil {
				return err
			}
			stands[stand] = row
		}
		return rows.Err()
	})
	return stands, err
}

// StandRow is what a stand has of its own. Epoch is raised by a restore; Restored
// tells of one whose keys are not replaced yet (DB.Rekeyed). Issuer is 44
// characters.
type StandRow struct {
	Epoch    uint64
	Issuer   string
	Restored bool
}
