package calls

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
)

// batch is how many rows one statement writes.
const batch = 64

// AddCalls writes those calls that the account does not have yet.
func (s *Store) AddCalls(ctx context.Context, a calls.Addition) (known map[calls.SourceKey]bool, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		known = make(map[calls.SourceKey]bool)
		var fresh []calls.Call
		for some := range slices.Chunk(a.Calls, batch) {
			written, err := insert(tx, a.Account, some)
			if err != nil {
				return taken(err)
			}
			for _, c := range some {
				if written[c.ID] {
					fresh = append(fresh, c)
				} else {
					known[c.Key()] = true
				}
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		a.Entry.Count = len(fresh)
		return errors.Join(addParties(tx, a.Account, fresh), taken(addRecordings(tx, a.Account, fresh)), store.Audit(tx, a.Entry))
	})
	return known, err
}

// taken tells that a random id was: whatever else is unique is passed over.
func taken(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return calls.ErrIDTaken
	}
	return err
}

// insert writes calls and tells which were new.
func insert(tx *store.Tx, account authority.ID, some []calls.Call) (map[authority.ID]bool, error) {
	var q store.Statement
	q.Add(`INSERT INTO phone_call (id, account, begun_ms, answered_ms, duration_ms, talk_ms, direction, disposition, is_read,
		recorded, from_extension, to_extension, from_number, from_name, to_number, to_name, source, source_id) VALUES `)
	for i, c := range some {
		if i > 0 {
			q.Add(", ")
		}
		q.Add("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			c.ID, account, c.Begun.UnixMilli(), store.Millis(c.Answered), c.Duration.Milliseconds(), c.Talk.Milliseconds(),
			int64(c.Direction), int64(c.Disposition), c.Read, len(c.Recordings), c.From.Extension, c.To.Extension,
			c.From.Number, c.From.Name, c.To.Number, c.To.Name, c.Source, c.SourceID)
	}
	q.Add(" ON CONFLICT (account, source, source_id) DO NOTHING RETURNING id")
	ids, err := store.Collect(tx, store.Column[authority.ID], q.String(), q.Args()...)
	written := make(map[authority.ID]bool, len(ids))
	for _, id := range ids {
		written[id] = true
	}
	return written, err
}

// extensionParty is how phone_party writes an extension: no number's key looks
// like it.
func extensionParty(id authority.ID) string { return "@" + strconv.FormatInt(int64(id), 10) }

// partiesOf lists what a call is found by, each once.
func partiesOf(c calls.Call) []string {
	var out []string
	for _, side := range []calls.Party{c.From, c.To} {
		if key := calls.NumberKey(side.Number); key != "" {
			out = append(out, key)
		}
		if side.Extension != 0 {
			out = append(out, extensionParty(side.Extension))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// party is one row of phone_party.
type party struct {
	name string
	of   key
}

func addParties(tx *store.Tx, account authority.ID, fresh []calls.Call) error {
	var rows []party
	for _, c := range fresh {
		for _, name := range partiesOf(c) {
			rows = append(rows, party{name, keyOf(c)})
		}
	}
	for some := range slices.Chunk(rows, batch) {
		var q store.Statement
		q.Add("INSERT INTO phone_party (account, party, begun_ms, phone_call) VALUES ")
		for i, p := range some {
			if i > 0 {
				q.Add(", ")
			}
			q.Add("(?, ?, ?, ?)", account, p.name, p.of.ms, p.of.id)
		}
		if _, err := tx.Exec(q.String(), q.Args()...); err != nil {
			return err
		}
	}
	return nil
}

func addRecordings(tx *store.Tx, account authority.ID, fresh []calls.Call) error {
	var rows []calls.Recording
	for _, c := range fresh {
		rows = append(rows, c.Recordings...)
	}
	for some := range slices.Chunk(rows, batch) {
		var q store.Statement
		q.Add("INSERT INTO phone_recording (id, account, phone_call, begun_ms, media, bytes, blob_name) VALUES ")
		for i, r := range some {
			if i > 0 {
				q.Add(", ")
			}
			q.Add("(?, ?, ?, ?, ?, ?, ?)", r.ID, account, r.Call, r.Begun.UnixMilli(), string(r.Media), r.Size, r.Blob)
		}
		if _, err := tx.Exec(q.String(), q.Args()...); err != nil {
			return err
		}
	}
	return nil
}

// DeleteRecording takes a recording away and gives what it was.
func (s *Store) DeleteRecording(ctx context.Context, r calls.Removal) (gone calls.Recording, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if gone, err = oneRecording(tx, r.Account, r.ID); err != nil {
			return err
		}
		if err := dropRecording(tx, r.Account, r.ID); err != nil {
			return err
		}
		return store.Audit(tx, r.Entry)
	})
	return gone, err
}

// dropRecording deletes a recording, and its call's count of it.
func dropRecording(tx *store.Tx, account, id authority.ID) error {
	_, err := tx.Exec(`UPDATE phone_call SET recorded = recorded - 1 WHERE account = $1
		AND id = (SELECT phone_call FROM phone_recording WHERE id = $2 AND account = $1)`, account, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM phone_recording WHERE id = $2 AND account = $1`, account, id)
	return err
}

// KeepCopy keeps what was made of a recording, unless something was already.
func (s *Store) KeepCopy(ctx context.Context, account, id authority.ID, c calls.Copy) (kept calls.Copy, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE phone_recording SET mp3_bytes = $1, mp3_blob = $2 WHERE id = $3 AND account = $4 AND mp3_blob = ''`,
			c.Size, c.Blob, id, account)
		if err != nil {
			return err
		}
		r, err := oneRecording(tx, account, id)
		kept = r.Copy
		return err
	})
	return kept, err
}
