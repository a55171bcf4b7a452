package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/store"
)

// The states of a version.
const (
	stateOpen    = "open"
	stateClosing = "closing"
)

// upload is the version that is being filled.
type upload struct {
	version   authority.ID
	state     string
	principal authority.ID
	grant     authority.ID
	fields    string
	base      authority.ID
	taken     string
	empty     bool // nothing has come for it, not even an empty list
	touched   time.Time
}

// under reads the account's upload; version 0 when there is none.
func under(tx *store.Tx, account authority.ID) (u upload, err error) {
	var touched int64
	err = tx.QueryRow(`SELECT version, state, principal, grant_id, fields, base, taken,
		products = 0 AND filled = 0, touched_ms FROM catalog_version
		WHERE account = $1 AND state IN ('open', 'closing')`, account).
		Scan(&u.version, &u.state, &u.principal, &u.grant, &u.fields, &u.base, &u.taken, &u.empty, &touched)
	u.touched = store.FromMillis(touched)
	if errors.Is(err, store.ErrNoRows) {
		return upload{}, nil
	}
	return u, err
}

// own reads the uploader's own upload in a state.
func own(tx *store.Tx, who catalog.Uploader, state string) (upload, error) {
	u, err := under(tx, who.Account)
	switch {
	case err != nil:
		return u, err
	case u.version == 0 || u.principal != who.Principal:
		return u, authority.E(authority.Conflict, "no upload of this user is under way: begin one")
	}
	if err := stale(tx, who, u); err != nil {
		return u, err
	}
	if u.state != state {
		return u, authority.E(authority.Conflict, "the upload is being ended")
	}
	return u, nil
}

// stale refuses a session that has begun an upload which another has begun anew:
// neither its rows nor its clean-up are meant for the one that is under way.
func stale(tx *store.Tx, who catalog.Uploader, u upload) error {
	if who.Principal == u.principal && who.Grant == u.grant {
		return nil
	}
	var version authority.ID
	err := tx.QueryRow(`SELECT version FROM catalog_session WHERE account = $1 AND principal = $2 AND grant_id = $3`,
		who.Account, who.Principal, who.Grant).Scan(&version)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return authority.E(authority.Conflict, "another session has begun the upload anew")
}

// hold notes that the uploader's session has begun a version.
func hold(tx *store.Tx, who catalog.Uploader, version authority.ID) error {
	_, err := tx.Exec(`INSERT INTO catalog_session (account, principal, grant_id, version, begun_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account, principal, grant_id) DO UPDATE SET version = excluded.version, begun_ms = excluded.begun_ms`,
		who.Account, who.Principal, who.Grant, version, store.Millis(who.At))
	return err
}

// release forgets who has begun a version that is ended or thrown away.
func release(tx *store.Tx, account, version authority.ID) error {
	_, err := tx.Exec(`DELETE FROM catalog_session WHERE account = $1 AND version = $2`, account, version)
	return err
}

// busy refuses to touch another principal's upload that is not abandoned.
func busy(u upload, who catalog.Uploader) error {
	if u.version == 0 || u.principal == who.Principal || who.At.Sub(u.touched) >= catalog.Abandoned {
		return nil
	}
	return authority.E(authority.Conflict, "another user's upload is under way")
}

// BeginUpload starts anew.
func (s *Store) BeginUpload(ctx context.Context, who catalog.Uploader, scheme catalog.Scheme, e authority.Entry) error {
	fields, err := json.Marshal(scheme)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		former, err := under(tx, who.Account)
		if err != nil {
			return err
		}
		if err := busy(former, who); err != nil {
			return err
		}
		if former.version != 0 {
			if err := bury(tx, who.Account, former); err != nil {
				return err
			}
		}
		version := authority.NewID()
		err = moved(tx.Exec(`INSERT INTO catalog_version
			(account, version, state, principal, grant_id, fields, base, taken, products, touched_ms)
			VALUES ($1, $2, 'open', $3, $4, $5, 0, '', 0, $6) ON CONFLICT DO NOTHING`,
			who.Account, version, who.Principal, who.Grant, string(fields), store.Millis(who.At)))
		if err != nil {
			return err
		}
		return errors.Join(hold(tx, who, version), store.Audit(tx, e))
	})
}

// bury gives a version to Purge, which begins at its front.
func bury(tx *store.Tx, account authority.ID, u upload) error {
	return moved(tx.Exec(`UPDATE catalog_version SET state = 'dead', taken = '' WHERE account = $1 AND version = $2 AND state = $3`,
		account, u.version, u.state))
}

// moved is the error of a statement that moves an upload on from the state that it
// was read in: none was moved where another node was faster.
func moved(rows int64, err error) error {
	if err == nil && rows == 0 {
		return authority.E(authority.Conflict, "the upload was begun, ended or thrown away meanwhile")
	}
	return err
}

// UploadScheme reads what rows are made of.
func (s *Store) UploadScheme(ctx context.Context, who catalog.Uploader) (scheme catalog.Scheme, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		u, err := own(tx, who, stateOpen)
		if err != nil {
			return err
		}
		scheme, err = parseScheme(u.fields)
		return err
	})
	return scheme, err
}

func parseScheme(text string) (s catalog.Scheme, err error) {
	err = json.Unmarshal([]byte(text), &s)
	return s, err
}

// ResetUpload throws an upload away.
func (s *Store) ResetUpload(ctx context.Context, who catalog.Uploader, e authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		u, err := under(tx, who.Account)
		if err != nil || u.version == 0 {
			return err
		}
		if err := busy(u, who); err != nil {
			return err
		}
		if err := stale(tx, who, u); err != nil {
			return err
		}
		if err := bury(tx, who.Account, u); err != nil {
			return err
		}
		return errors.Join(release(tx, who.Account, u.version), store.Audit(tx, e))
	})
}

// AddProducts adds in slices that leave the writer to others in between. No
// products are one slice too: it notes that none were meant.
func (s *Store) AddProducts(ctx context.Context, who catalog.Uploader, all []catalog.Product) error {
	pace := newPace()
	for first := true; first || len(all) > 0; first = false {
		n := min(pace.rows, len(all))
		rows, err := prepareAll(all[:n])
		if err != nil {
			return err
		}
		err = pace.write(ctx, s.db, func(tx *store.Tx) error {
			u, err := own(tx, who, stateOpen)
			if err != nil {
				return err
			}
			added, err := merge(tx, who.Account, u.version, rows)
			if err != nil {
				return err
			}
			return touch(tx, who, u, added)
		})
		if err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// touch notes that an upload goes on. One that another node has ended or thrown
// away since it was read keeps nothing of what was added.
func touch(tx *store.Tx, who catalog.Uploader, u upload, added int) error {
	return moved(tx.Exec(`UPDATE catalog_version SET touched_ms = $1, filled = 1, products = products + $2
		WHERE account = $3 AND version = $4 AND state = $5`, store.Millis(who.At), added, who.Account, u.version, u.state))
}

// rowsOfStatement bounds the arguments of one statement: SQLite looks for each of
// them among all.
const rowsOfStatement = 16

// merge writes products into a version; what is there gets the packings of both.
// It gives how many were new.
func merge(tx *store.Tx, account, version authority.ID, all []prepared) (added int, err error) {
	for len(all) > 0 {
		n := min(rowsOfStatement, len(all))
		fresh, again := apart(all[:n])
		ids, err := insert(tx, account, version, fresh)
		if err != nil {
			return added, err
		}
		added += len(ids)
		written := make(map[string]bool, len(ids))
		for _, id := range ids {
			written[id] = true
		}
		for _, p := range fresh {
			if !written[p.ID] {
				again = append(again, p)
			}
		}
		if err := extend(tx, account, version, again); err != nil {
			return added, err
		}
		all = all[n:]
	}
	return added, nil
}

// apart separates products whose id has come before.
func apart(all []prepared) (fresh, again []prepared) {
	seen := make(map[string]bool, len(all))
	for _, p := range all {
		if seen[p.ID] {
			again = append(again, p)
		} else {
			fresh = append(fresh, p)
		}
		seen[p.ID] = true
	}
	return fresh, again
}

func extend(tx *store.Tx, account, version authority.ID, all []prepared) error {
	for _, p := range all {
		have, err := scanProduct(tx.QueryRow(`SELECT `+productList+` FROM catalog_product
			WHERE account = $1 AND version = $2 AND id = $3`, account, version, p.ID))
		if err != nil {
			return err
		}
		if err := replace(tx, account, version, have.With(p.Product)); err != nil {
			return err
		}
	}
	return nil
}

// pace sizes slices so that each holds the writer for about sliceTime.
type pace struct{ rows int }

const (
	sliceTime = 25 * time.Millisecond
	mostRows  = 32 * rowsOfStatement
)

func newPace() *pace { return &pace{4 * rowsOfStatement} }

// write runs a slice and sizes the next.
func (p *pace) write(ctx context.Context, db *store.DB, fn func(*store.Tx) error) error {
	var took time.Duration
	err := db.Write(ctx, func(tx *store.Tx) error {
		start := time.Now()
		defer func() { took = time.Since(start) }()
		return fn(tx)
	})
	switch {
	case took > sliceTime:
		p.rows = max(p.rows/2, rowsOfStatement)
	case took < sliceTime/2:
		p.rows = min(p.rows*2, mostRows)
	}
	return err
}
