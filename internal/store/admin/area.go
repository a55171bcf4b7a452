package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

const selectAreas = `SELECT id, account, name FROM areas `

func scanArea(row store.Scanner) (authority.Area, error) {
	var a authority.Area
	err := row.Scan(&a.ID, &a.Account, &a.Name)
	return a, missing(err, "area")
}

// CreateArea implements admin.Areas.
func (s *Store) CreateArea(ctx context.Context, ch admin.Change, a authority.Area) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		if err := ch.Limit.Covers(nil, authority.Areas{All: true}); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO areas (id, account, name) VALUES ($1, $2, $3)`, a.ID, a.Account, a.Name)
		return taken(err, "name")
	})
}

// Areas implements admin.Areas.
func (s *Store) Areas(ctx context.Context, account authority.ID, p admin.Page) (list admin.List[authority.Area], err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT count(*) FROM areas WHERE account = $1`, account).Scan(&list.Total); err != nil {
			return err
		}
		list.Items, err = store.Collect(tx, scanArea, selectAreas+`WHERE account = $1 ORDER BY name, id LIMIT $2 OFFSET $3`, account, p.Size, p.Offset)
		return err
	})
	return list, err
}

// Area implements admin.Areas.
func (s *Store) Area(ctx context.Context, account, id authority.ID) (a authority.Area, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		a, err = scanArea(tx.QueryRow(selectAreas+`WHERE id = $1 AND account = $2`, id, account))
		return err
	})
	return a, err
}

// reachable reads an area that the caller sees.
func reachable(tx *store.Tx, ch admin.Change, id authority.ID) error {
	_, err := scanArea(tx.QueryRow(selectAreas+`WHERE id = $1 AND account = $2`, id, ch.Account))
	if err != nil {
		return err
	}
	return ch.Limit.Covers(nil, authority.Areas{IDs: []authority.ID{id}})
}

// RenameArea implements admin.Areas.
func (s *Store) RenameArea(ctx context.Context, ch admin.Change, a authority.Area) (authority.Area, error) {
	return a, s.change(ctx, ch, func(tx *store.Tx) error {
		if err := reachable(tx, ch, a.ID); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE areas SET name = $1 WHERE id = $2`, a.Name, a.ID)
		return taken(err, "name")
	})
}

// DeleteArea implements admin.Areas.
func (s *Store) DeleteArea(ctx context.Context, ch admin.Change, id authority.ID) error {
	return s.change(ctx, ch, func(tx *store.Tx) error {
		if err := reachable(tx, ch, id); err != nil {
			return err
		}
		var bound, tasks int
		err := tx.QueryRow(`SELECT (SELECT count(*) FROM principal_areas WHERE area = $1),
			(SELECT count(*) FROM task WHERE account = $2 AND deleted IN (0, 1) AND area = $1)`, id, ch.Account).
			Scan(&bound, &tasks)
		if err != nil {
			return err
		}
		if bound > 0 || tasks > 0 {
			return authority.E(authority.Conflict, "the area is in use: move its work and its people first")
		}
		return all(tx, id, `DELETE FROM areas WHERE id = $1`)
	})
}
