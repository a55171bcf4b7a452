package calls

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/retention"
	"propusk/internal/store"
)

// Aged finds and deletes the calls that an account has kept long enough. Calls
// take what is left of their recordings with them.
type Aged struct{ *Store }

// AgedRecordings is Aged for recordings alone; their calls stay.
type AgedRecordings struct{ *Store }

var (
	_ retention.Source = Aged{}
	_ retention.Source = AgedRecordings{}
)

// archived is a call as it is archived.
type archived struct {
	ID          string     `json:"id"`
	Source      string     `json:"source"`
	SourceID    string     `json:"source_id"`
	Direction   string     `json:"direction"`
	From        string     `json:"from"`
	FromName    string     `json:"from_name,omitempty"`
	To          string     `json:"to"`
	ToName      string     `json:"to_name,omitempty"`
	Begun       time.Time  `json:"begun"`
	Answered    *time.Time `json:"answered,omitempty"`
	DurationMS  int64      `json:"duration_ms"`
	TalkMS      int64      `json:"talk_ms"`
	Disposition string     `json:"disposition"`
}

// Old implements retention.Source.
func (s Aged) Old(ctx context.Context, account authority.ID, before time.Time, limit int) (out []retention.Row, err error) {
	rows, err := store.CollectOne(ctx, s.db, scanCall, `SELECT `+columns+` FROM phone_call c WHERE c.account = $1 AND c.begun_ms < $2
		ORDER BY c.begun_ms, c.id LIMIT $3`, account, store.Millis(before), limit)
	for _, c := range rows {
		line := archived{
			ID: calls.FormatID(c.ID), Source: c.Source, SourceID: c.SourceID, Direction: c.Direction.String(),
			From: c.From.Number, FromName: c.From.Name, To: c.To.Number, ToName: c.To.Name, Begun: c.Begun,
			DurationMS: c.Duration.Milliseconds(), TalkMS: c.Talk.Milliseconds(), Disposition: c.Disposition.String(),
		}
		if !c.Answered.IsZero() {
			line.Answered = &c.Answered
		}
		row, err := aged(c.ID, line)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, err
}

func aged(id authority.ID, line any) (retention.Row, error) {
	text, err := json.Marshal(line)
	return retention.Row{Key: strconv.FormatInt(int64(id), 10), Line: text}, err
}

// Drop implements retention.Source.
func (s Aged) Drop(ctx context.Context, account authority.ID, keys []string, entry authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, key := range keys {
			if err := dropCall(tx, account, key); err != nil {
				return err
			}
		}
		return store.Audit(tx, entry)
	})
}

func dropCall(tx *store.Tx, account authority.ID, key string) error {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return err
	}
	rows, err := store.Collect(tx, scanCall, `SELECT `+columns+` FROM phone_call c WHERE c.id = $1 AND c.account = $2`, id, account)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, name := range partiesOf(rows[0].Call) {
		_, err := tx.Exec(`DELETE FROM phone_party WHERE account = $1 AND party = $2 AND begun_ms = $3 AND phone_call = $4`,
			account, name, rows[0].Begun.UnixMilli(), id)
		if err != nil {
			return err
		}
	}
	for _, query := range []string{
		`DELETE FROM phone_recording WHERE phone_call = $1 AND account = $2`,
		`DELETE FROM phone_call WHERE id = $1 AND account = $2`,
	} {
		if _, err := tx.Exec(query, id, account); err != nil {
			return err
		}
	}
	return nil
}

// archivedRecording is a recording as it is archived; its sound lies beside it.
type archivedRecording struct {
	ID    string    `json:"id"`
	Call  string    `json:"call"`
	Begun time.Time `json:"begun"`
	Bytes int64     `json:"bytes"`
	File  string    `json:"file"`
}

// Old implements retention.Source.
func (s AgedRecordings) Old(ctx context.Context, account authority.ID, before time.Time, limit int) (out []retention.Row, err error) {
	rows, err := store.CollectOne(ctx, s.db, scanRecording, `SELECT `+recordingColumns+` FROM phone_recording r
		WHERE r.account = $1 AND r.begun_ms < $2 ORDER BY r.begun_ms, r.id LIMIT $3`, account, store.Millis(before), limit)
	for _, r := range rows {
		file := calls.FormatID(r.ID) + "." + string(r.Media)
		row, err := aged(r.ID, archivedRecording{calls.FormatID(r.ID), calls.FormatID(r.Call), r.Begun, r.Size, file})
		if err != nil {
			return nil, err
		}
		row.Blob, row.File, row.Copy = r.Blob, file, r.Copy.Blob
		out = append(out, row)
	}
	return out, err
}

// Drop implements retention.Source.
func (s AgedRecordings) Drop(ctx context.Context, account authority.ID, keys []string, entry authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, key := range keys {
			id, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				return err
			}
			if err := dropRecording(tx, account, authority.ID(id)); err != nil {
				return err
			}
		}
		return store.Audit(tx, entry)
	})
}

// AgedResults finds and deletes the answers that an account need not give again.
// They hold nothing that is not elsewhere, so that an archive gets nothing of
// them.
type AgedResults struct{ *Store }

var _ retention.Source = AgedResults{}

// Old implements retention.Source.
func (s AgedResults) Old(ctx context.Context, account authority.ID, before time.Time, limit int) (out []retention.Row, err error) {
	rows, err := store.CollectOne(ctx, s.db, scanOld, `SELECT digest, account, bytes FROM phone_result WHERE account = $1 AND expires_ms < $2
		ORDER BY expires_ms LIMIT $3`, account, store.Millis(before.Add(calls.ResultLife)), limit)
	for _, o := range rows {
		out = append(out, retention.Row{Key: hex.EncodeToString(o.digest)})
	}
	return out, err
}

// Drop implements retention.Source.
func (s AgedResults) Drop(ctx context.Context, account authority.ID, keys []string, entry authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, key := range keys {
			digest, err := hex.DecodeString(key)
			if err != nil {
				return err
			}
			rows, err := store.Collect(tx, scanOld, `SELECT digest, account, bytes FROM phone_result WHERE digest = $1 AND account = $2`, digest, account)
			if err != nil {
				return err
			}
			for _, o := range rows {
				if err := drop(tx, o); err != nil {
					return err
				}
			}
		}
		return store.Audit(tx, entry)
	})
}
