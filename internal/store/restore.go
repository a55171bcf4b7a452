package store

import (
	"context"
	"encoding/binary"
	"os"
	"time"

	"propusk/internal/authority"
)

const (
	// copyMark is what a copy of an SQLite database says of itself, as its user
	// version, until somebody works with it.
	copyMark = 0x50726f43
	// userVersionAt is where a file keeps it: "Database File Format", §1.3.
	userVersionAt = 60
)

// markCopy marks the unfinished file of a backup.
func markCopy(f *os.File) error {
	_, err := f.WriteAt(binary.BigEndian.AppendUint32(nil, copyMark), userVersionAt)
	return err
}

// restored raises the epoch when the database is a copy that nobody has worked
// with yet.
func (db *DB) restored(tx *Tx) error {
	if db.Driver() != SQLite {
		return nil // nothing in a dump says that it is one: see RaiseEpoch
	}
	var version int64
	if err := tx.QueryRow(`PRAGMA user_version`).Scan(&version); err != nil || version != copyMark {
		return err
	}
	if _, err := tx.Exec(`PRAGMA user_version = 0`); err != nil {
		return err
	}
	return raiseEpoch(tx, db.Now())
}

// RaiseEpoch has everything refused that was issued before, on both stands: the
// database is one of an earlier time, which knows nothing of what was revoked since
// (rule 7).
func (db *DB) RaiseEpoch(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		if err := db.restored(tx); err != nil {
			return err
		}
		return raiseEpoch(tx, db.Now())
	})
}

// Rekeyed notes that the keys which were published before a restore are replaced.
func (db *DB) Rekeyed(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`UPDATE stands SET rekey = 0`)
		return err
	})
}

// raiseEpoch also notes that the published keys are to be replaced, which is done
// after it, or at the next start. It takes the time where that is higher, so that two restores of one
// backup have epochs of their own.
func raiseEpoch(tx *Tx, now time.Time) error {
	_, err := tx.Exec(`UPDATE stands SET rekey = 1, epoch = CASE WHEN epoch < $1 THEN $1 ELSE epoch + 1 END`, now.Unix())
	return err
}

// RestoreEntry is the audit entry of a raised epoch.
func RestoreEntry(stand authority.Stand, now time.Time) authority.Entry {
	return authority.Entry{
		Time: now, Stand: stand, Verb: "stand.restore", Object: "stand/" + string(stand), Outcome: authority.Done, Count: 1,
	}
}
