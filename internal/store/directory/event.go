package directory

import (
	"context"

	"propusk/internal/authority"
	"propusk/internal/directory"
	"propusk/internal/store"
)

func scanEvent(from store.Scanner) (directory.Event, error) {
	var e directory.Event
	var created int64
	err := from.Scan(&e.ID, &e.Extension, &e.Kind, &e.Method, &e.URL, &created)
	e.Created = store.FromMillis(created)
	return e, err
}

// Events implements directory.Events.
func (s *Store) Events(ctx context.Context, account, extension authority.ID) (out []directory.Event, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := find(tx, account, extension); err != nil {
			return err
		}
		out, err = store.Collect(tx, scanEvent, `SELECT id, extension, kind, method, url, created_ms FROM phone_event
			WHERE account = $1 AND extension = $2 ORDER BY created_ms, id`, account, extension)
		return err
	})
	return out, err
}

// AddEvent implements directory.Events.
func (s *Store) AddEvent(ctx context.Context, ch directory.Change, e directory.Event) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := find(tx, ch.Account, e.Extension); err != nil {
			return err
		}
		if err := room(tx, ch.Account, e); err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO phone_event (id, account, extension, kind, method, url, created_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
			e.ID, ch.Account, e.Extension, e.Kind, e.Method, e.URL, store.Millis(e.Created))
		if err == nil && n == 0 {
			return directory.ErrIDTaken
		}
		if err != nil {
			return err
		}
		return store.Audit(tx, ch.Entry)
	})
}

// room refuses an event that is there already, or one too many.
func room(tx *store.Tx, account authority.ID, e directory.Event) error {
	var count, same int
	err := tx.QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN kind = $3 AND method = $4 AND url = $5 THEN 1 ELSE 0 END), 0)
		FROM phone_event WHERE account = $1 AND extension = $2`, account, e.Extension, e.Kind, e.Method, e.URL).Scan(&count, &same)
	switch {
	case err != nil:
		return err
	case same > 0:
		return authority.E(authority.Conflict, "the extension has this event already")
	case count >= directory.MaxEvents:
		return authority.E(authority.Conflict, "the extension has 50 events already")
	}
	return nil
}

// DeleteEvent implements directory.Events.
func (s *Store) DeleteEvent(ctx context.Context, ch directory.Change, e directory.Event) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM phone_event WHERE id = $1 AND extension = $2 AND account = $3`, e.ID, e.Extension, ch.Account)
		if err == nil && n == 0 {
			return directory.Missing()
		}
		if err != nil {
			return err
		}
		return store.Audit(tx, ch.Entry)
	})
}
