package calls

import (
	"context"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
)

// Call reads one call.
func (s *Store) Call(ctx context.Context, account, id authority.ID) (c calls.Call, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := scanCall(tx.QueryRow("SELECT "+columns+" FROM phone_call c WHERE c.id = $1 AND c.account = $2", id, account))
		if err != nil {
			return missing(err)
		}
		items, err := withRecordings(tx, []row{found})
		c = items[0]
		return err
	})
	return c, err
}

// Recordings reads a page.
func (s *Store) Recordings(ctx context.Context, account authority.ID, q calls.RecordingQuery) (page calls.RecordingPage, err error) {
	within := spanOf(q.Period, q.After, q.Ascending)
	if within.lo.compare(within.hi) >= 0 {
		return page, nil
	}
	var text store.Statement
	text.Add("SELECT "+recordingColumns+" FROM phone_recording r WHERE r.account = ?", account)
	within.where(&text, "r", "id")
	order(&text, "r", q.Ascending)
	text.Add(" LIMIT ? OFFSET ?", q.Limit+1, q.Offset)
	page.Items, err = store.CollectOne(ctx, s.db, scanRecording, text.String(), text.Args()...)
	if page.More = len(page.Items) > q.Limit; page.More {
		page.Items = page.Items[:q.Limit]
	}
	return page, err
}

// Recording reads one recording.
func (s *Store) Recording(ctx context.Context, account, id authority.ID) (r calls.Recording, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		r, err = oneRecording(tx, account, id)
		return err
	})
	return r, err
}

func oneRecording(tx *store.Tx, account, id authority.ID) (calls.Recording, error) {
	r, err := scanRecording(tx.QueryRow("SELECT "+recordingColumns+
		" FROM phone_recording r WHERE r.id = $1 AND r.account = $2", id, account))
	return r, missing(err)
}

// KnownCalls tells which of the source's ids the account has already.
func (s *Store) KnownCalls(ctx context.Context, account authority.ID, keys []calls.SourceKey) (known map[calls.SourceKey]bool, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		known = make(map[calls.SourceKey]bool)
		for source, ids := range bySource(keys) {
			if err := knownOf(tx, known, account, source, ids); err != nil {
				return err
			}
		}
		return nil
	})
	return known, err
}

func bySource(keys []calls.SourceKey) map[string][]string {
	out := make(map[string][]string)
	for _, k := range keys {
		out[k.Source] = append(out[k.Source], k.ID)
	}
	return out
}

// knownOf asks for each id by its place in the order of the unique index. Asked
// for equal values only, PostgreSQL takes any index that begins with the account
// while it has no statistics, as in a first import, and keeps that plan: each id
// is a walk over the account's calls then.
func knownOf(tx *store.Tx, known map[calls.SourceKey]bool, account authority.ID, source string, ids []string) error {
	for some := range slices.Chunk(ids, batch) {
		var q store.Statement
		for i := range batch { // the text is always the same: the last id fills it up
			if i > 0 {
				q.Add(" UNION ALL ")
			}
			id := some[min(i, len(some)-1)]
			q.Add(`SELECT source_id FROM (SELECT account, source, source_id FROM phone_call
				WHERE (account, source, source_id) >= (?, ?, ?) ORDER BY account, source, source_id LIMIT 1) AS next
				WHERE account = ? AND source = ? AND source_id = ?`, account, source, id, account, source, id)
		}
		found, err := store.Collect(tx, store.Column[string], q.String(), q.Args()...)
		if err != nil {
			return err
		}
		for _, id := range found {
			known[calls.SourceKey{Source: source, ID: id}] = true
		}
	}
	return nil
}

// UnknownBlobs tells which of names belong to no recording.
func (s *Store) UnknownBlobs(ctx context.Context, names []string) (unknown []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		unknown, err = unknownBlobs(tx, names)
		return err
	})
	return unknown, err
}

func unknownBlobs(tx *store.Tx, names []string) ([]string, error) {
	var q store.Statement
	q.Add("SELECT blob_name FROM phone_recording WHERE ")
	store.In(&q, "blob_name", names)
	q.Add(" UNION ALL SELECT mp3_blob FROM phone_recording WHERE mp3_blob <> '' AND ")
	store.In(&q, "mp3_blob", names)
	known := make(map[string]bool)
	found, err := store.Collect(tx, store.Column[string], q.String(), q.Args()...)
	if err != nil {
		return nil, err
	}
	for _, name := range found {
		known[name] = true
	}
	var unknown []string
	for _, name := range names {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown, nil
}
