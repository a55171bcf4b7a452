package calls

import (
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/store"
)

const columns = `c.id, c.source, c.source_id, c.direction, c.from_number, c.from_name, c.from_extension,
	c.to_number, c.to_name, c.to_extension, c.begun_ms, c.answered_ms, c.duration_ms, c.talk_ms,
	c.disposition, c.is_read, c.recorded`

// row is a call with how many recordings it has.
type row struct {
	calls.Call

	recorded int64
}

func scanCall(from store.Scanner) (row, error) {
	var c row
	var begun, answered, duration, talk, read int64
	err := from.Scan(&c.ID, &c.Source, &c.SourceID, &c.Direction, &c.From.Number, &c.From.Name, &c.From.Extension,
		&c.To.Number, &c.To.Name, &c.To.Extension, &begun, &answered, &duration, &talk,
		&c.Disposition, &read, &c.recorded)
	c.Begun, c.Answered = time.UnixMilli(begun).UTC(), store.FromMillis(answered)
	c.Duration, c.Talk = time.Duration(duration)*time.Millisecond, time.Duration(talk)*time.Millisecond
	c.Read = read == 1
	return c, err
}

const recordingColumns = `r.id, r.phone_call, r.begun_ms, r.media, r.bytes, r.blob_name, r.mp3_bytes, r.mp3_blob`

func scanRecording(from store.Scanner) (calls.Recording, error) {
	var r calls.Recording
	var begun int64
	err := from.Scan(&r.ID, &r.Call, &begun, &r.Media, &r.Size, &r.Blob, &r.Copy.Size, &r.Copy.Blob)
	r.Begun = time.UnixMilli(begun).UTC()
	return r, err
}

// withRecordings gives the calls of rows with their recordings, in their order.
func withRecordings(tx *store.Tx, rows []row) ([]calls.Call, error) {
	items := make([]calls.Call, len(rows))
	at := make(map[authority.ID]int)
	var ids []int64
	for i, r := range rows {
		items[i] = r.Call
		if r.recorded > 0 {
			at[r.ID] = i
			ids = append(ids, int64(r.ID))
		}
	}
	if len(ids) == 0 {
		return items, nil
	}
	var q store.Statement
	store.In(q.Add("SELECT "+recordingColumns+" FROM phone_recording r WHERE "), "r.phone_call", ids).Add(" ORDER BY r.id")
	found, err := store.Collect(tx, scanRecording, q.String(), q.Args()...)
	for _, r := range found {
		i := at[r.Call]
		items[i].Recordings = append(items[i].Recordings, r)
	}
	return items, err
}

func missing(err error) error {
	if errors.Is(err, store.ErrNoRows) {
		return authority.E(authority.NotFound, "there is no such call or recording")
	}
	return err
}
