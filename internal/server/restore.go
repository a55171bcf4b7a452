package server

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// noteRestore tells of a database that is a restored copy, where everybody looks.
func (d *Data) noteRestore(ctx context.Context) error {
	if !d.Stands[authority.Production].Restored {
		return nil
	}
	d.Log.WarnContext(ctx, "the database is a restored copy: everything that was issued before is refused")
	return d.Store.WriteAudit(ctx, restoreEntries(d.Now()))
}

func restoreEntries(now time.Time) []authority.Entry {
	var out []authority.Entry
	for _, stand := range authority.Stands() {
		out = append(out, store.RestoreEntry(stand, now))
	}
	return out
}

// RestoredData has everything refused that was issued before, because the database
// was put back from a backup. While a server works with it: store.ErrLocked.
func RestoredData(ctx context.Context, c Config) (err error) {
	d, err := OpenData(ctx, c, Options{Log: silent(), Demo: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.DB.RaiseEpoch(ctx); err != nil {
		return err
	}
	return d.Store.WriteAudit(ctx, restoreEntries(d.Now()))
}
