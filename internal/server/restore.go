package server

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/store"
)

// noteRestore tells of a database that is a restored copy, where everybody looks.
func (d *Data) noteRestore(ctx context.Context) error {
	if !d.Stands[authority.Production].Restored {
		return nil
	}
	d.Log.WarnContext(ctx, "the database is a restored copy: everything that was issued before is refused, and new keys sign")
	return d.finishRestore(ctx)
}

// finishRestore does what follows a raised epoch. One that is cut off is done again
// at the next start.
func (d *Data) finishRestore(ctx context.Context) error {
	if err := d.replacePublished(ctx); err != nil {
		return err
	}
	if err := d.Store.WriteAudit(ctx, restoreEntries(d.Now())); err != nil {
		return err
	}
	return d.DB.Rekeyed(ctx)
}

// replacePublished ends every published key, also one that was to sign next: it
// may have signed since the backup. So whoever verifies by the key set alone, and
// knows no epoch, refuses what was issued before as well.
func (d *Data) replacePublished(ctx context.Context) error {
	if err := d.Ring.Complete(ctx); err != nil {
		return err
	}
	var signing []keys.Record
	for _, k := range d.Ring.Records() {
		switch {
		case !k.Algorithm.Published():
		case k.State == keys.Active:
			signing = append(signing, k)
		case k.State == keys.Next || k.State == keys.Former:
			if err := d.Ring.Retire(ctx, k.ID); err != nil {
				return err
			}
		}
	}
	for _, k := range signing { // each is followed by a fresh one: none is next any more
		if _, err := d.Ring.Rotate(ctx, k.Stand, k.Use, d.Now()); err != nil {
			return err
		}
		if err := d.Ring.Retire(ctx, k.ID); err != nil {
			return err
		}
	}
	return nil
}

func restoreEntries(now time.Time) []authority.Entry {
	var out []authority.Entry
	for _, stand := range authority.Stands() {
		out = append(out, store.RestoreEntry(stand, now))
	}
	return out
}

// RestoredData has everything refused that was issued before, because the database
// was put back from a backup. An error where there is none. While a server works
// with it: store.ErrLocked.
func RestoredData(ctx context.Context, c Config) (err error) {
	if err := holdsDatabase(ctx, c); err != nil {
		return err
	}
	d, err := OpenData(ctx, c, Options{Log: silent(), Demo: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.DB.RaiseEpoch(ctx); err != nil {
		return err
	}
	return d.finishRestore(ctx)
}

// holdsDatabase is an error where there is no database, such as a mistyped folder:
// to make one would refuse nothing, and seem to. It makes nothing.
func holdsDatabase(ctx context.Context, c Config) error {
	if c.Database.Driver == store.SQLite {
		db, err := store.Open(ctx, store.Config{Driver: store.SQLite, Folder: c.Data, Logger: silent(), Readers: 1, ReadOnly: true})
		if err != nil {
			return err
		}
		if err := db.Close(); err != nil {
			return err
		}
	}
	have, _, err := schema(ctx, c)
	if err == nil && have == 0 {
		err = errors.New("there is no database: nothing was ever kept in it")
	}
	return err
}
