package catalog

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/store"
)

// EndUpload makes an upload current. One that keeps what it does not name takes
// that over first, in slices; if this is cut off, ending again goes on from there.
func (s *Store) EndUpload(ctx context.Context, who catalog.Uploader, e authority.Entry) (int64, error) {
	scheme, err := s.close(ctx, who)
	if err != nil {
		return 0, err
	}
	if scheme.Keep {
		if err := s.takeOver(ctx, who); err != nil {
			return 0, err
		}
	}
	var total int64
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		u, err := own(tx, who, stateClosing)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE catalog_version SET state = 'former', touched_ms = $1 WHERE account = $2 AND state = 'current'`,
			store.Millis(who.At), who.Account); err != nil {
			return err
		}
		err = moved(tx.Exec(`UPDATE catalog_version SET state = 'current', touched_ms = $1 WHERE account = $2 AND version = $3 AND state = $4`,
			store.Millis(who.At), who.Account, u.version, u.state))
		if err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT products FROM catalog_version WHERE account = $1 AND version = $2`,
			who.Account, u.version).Scan(&total); err != nil {
			return err
		}
		return errors.Join(release(tx, who.Account, u.version), store.Audit(tx, e))
	})
	return total, err
}

// close lets nothing more be added, and notes what is taken over from.
func (s *Store) close(ctx context.Context, who catalog.Uploader) (scheme catalog.Scheme, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		u, err := own(tx, who, stateOpen)
		if u.state == stateClosing { // it was cut off before
			u, err = own(tx, who, stateClosing)
		}
		if err != nil {
			return err
		}
		if scheme, err = parseScheme(u.fields); err != nil {
			return err
		}
		if u.state == stateOpen && u.empty && !scheme.Keep {
			return authority.E(authority.Conflict, "nothing was added to the upload: add products first, or an empty list to empty the catalogue")
		}
		base, err := current(tx, who.Account)
		if err != nil || u.state == stateClosing && u.base == base {
			return err
		}
		return moved(tx.Exec(`UPDATE catalog_version SET state = 'closing', base = $1, taken = '', touched_ms = $2
			WHERE account = $3 AND version = $4 AND state = $5`, base, store.Millis(who.At), who.Account, u.version, u.state))
	})
	return scheme, err
}

// takeOver copies what the former catalogue has and the upload has not.
func (s *Store) takeOver(ctx context.Context, who catalog.Uploader) error {
	pace := newPace()
	for more := true; more; {
		err := pace.write(ctx, s.db, func(tx *store.Tx) error {
			u, err := own(tx, who, stateClosing)
			if err != nil {
				return err
			}
			more, err = copySlice(tx, who, u, pace.rows)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// copySlice takes the next rows over, in the order of ids.
func copySlice(tx *store.Tx, who catalog.Uploader, u upload, rows int) (more bool, err error) {
	last, more, err := sliceEnd(tx, who.Account, u.base, u.taken, rows)
	if err != nil || last <= u.taken {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO catalog_product (`+productColumnList+`)
		SELECT account, CAST($1 AS BIGINT), id, name, barcode, marking, base_packing, price, quantity,
			with_series, with_serial_number, with_attributes,
			id_fold, name_fold, barcode_fold, marking_fold, base_packing_fold, body
		FROM catalog_product WHERE account = $2 AND version = $3 AND id > $4 AND id <= $5
		ON CONFLICT (account, version, id) DO NOTHING`, u.version, who.Account, u.base, u.taken, last)
	if err != nil {
		return false, err
	}
	if err := touch(tx, who, u, int(n)); err != nil {
		return false, err
	}
	_, err = tx.Exec(`UPDATE catalog_version SET taken = $1 WHERE account = $2 AND version = $3`, last, who.Account, u.version)
	return more, err
}

// sliceEnd gives the last id of the rows that come next in a version, in the order
// of ids, and whether more may follow: no more than after if there are none.
func sliceEnd(tx *store.Tx, account, version authority.ID, after string, rows int) (last string, more bool, err error) {
	err = tx.QueryRow(`SELECT id FROM catalog_product WHERE account = $1 AND version = $2 AND id > $3 ORDER BY id LIMIT 1 OFFSET $4`,
		account, version, after, rows-1).Scan(&last)
	if errors.Is(err, store.ErrNoRows) {
		err = tx.QueryRow(`SELECT COALESCE(MAX(id), '') FROM catalog_product WHERE account = $1 AND version = $2 AND id > $3`,
			account, version, after).Scan(&last)
		return last, false, err
	}
	return last, true, err
}

// Purge takes a step: it buries versions that nobody reads or fills any more, and
// takes rows of a buried one away, the version last.
func (s *Store) Purge(ctx context.Context, now time.Time) (int, error) {
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE catalog_version SET state = 'dead', taken = '' WHERE state = 'former' AND touched_ms <= $1
			OR state IN ('open', 'closing') AND touched_ms <= $2`,
			store.Millis(now.Add(-catalog.Pages)), store.Millis(now.Add(-catalog.Forgotten)))
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM catalog_session WHERE begun_ms <= $1`, store.Millis(now.Add(-catalog.Session)))
		return err
	})
	if err != nil {
		return 0, err
	}
	gone := 0
	pace := newPace()
	for range purgeSlices {
		n, err := s.purgeSlice(ctx, pace)
		if gone += n; err != nil || n == 0 {
			return gone, err
		}
	}
	return gone, nil
}

// purgeSlices is how much one step of Purge does before it lets its caller see
// whether to go on.
const purgeSlices = 20

func (s *Store) purgeSlice(ctx context.Context, pace *pace) (int, error) {
	gone := 0
	err := pace.write(ctx, s.db, func(tx *store.Tx) (err error) {
		gone, err = purgeRows(tx, pace.rows)
		return err
	})
	return gone, err
}

// purgeRows takes the next rows of a dead version away, in the order of ids, and
// the version itself where none follow: rows that are gone are walked over again
// by whoever looks behind, and nothing is added to a dead version.
func purgeRows(tx *store.Tx, rows int) (int, error) {
	var account, version authority.ID
	var taken string
	err := tx.QueryRow(`SELECT account, version, taken FROM catalog_version WHERE state = 'dead' ORDER BY touched_ms LIMIT 1`).Scan(&account, &version, &taken)
	if errors.Is(err, store.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	last, _, err := sliceEnd(tx, account, version, taken, rows)
	switch {
	case err != nil:
		return 0, err
	case last > taken:
		n, err := tx.Exec(`DELETE FROM catalog_product WHERE account = $1 AND version = $2 AND id > $3 AND id <= $4`, account, version, taken, last)
		if err != nil {
			return 0, err
		}
		_, err = tx.Exec(`UPDATE catalog_version SET taken = $1 WHERE account = $2 AND version = $3`, last, account, version)
		return int(n), err
	}
	_, err = tx.Exec(`DELETE FROM catalog_version WHERE account = $1 AND version = $2`, account, version)
	return 1, err
}
