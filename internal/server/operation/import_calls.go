package operation

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"propusk/internal/calls"
)

// CallRow is a call that took place elsewhere, as imports carry it: times in
// milliseconds since 1970, the words of package calls.
type CallRow struct {
	Source      string         `json:"source"`
	ID          string         `json:"id"`
	Direction   string         `json:"direction"`
	From        string         `json:"from,omitempty"`
	FromName    string         `json:"from_name,omitempty"`
	To          string         `json:"to,omitempty"`
	ToName      string         `json:"to_name,omitempty"`
	Begun       int64          `json:"begun_ms"`
	Answered    int64          `json:"answered_ms,omitempty"`
	Duration    int64          `json:"duration_ms,omitempty"`
	Talk        int64          `json:"talk_ms,omitempty"`
	Disposition string         `json:"disposition"`
	Recordings  []RecordedFile `json:"recordings,omitempty"`
}

// RecordedFile is a sound file that the server can read.
type RecordedFile struct {
	Path  string      `json:"path"`
	Media calls.Media `json:"media"`
}

// NewCallRow writes a call as a row.
func NewCallRow(c calls.Call) CallRow {
	row := CallRow{
		Source: c.Source, ID: c.SourceID, Direction: c.Direction.String(), From: c.From.Number, FromName: c.From.Name,
		To: c.To.Number, ToName: c.To.Name, Begun: c.Begun.UnixMilli(), Duration: c.Duration.Milliseconds(),
		Talk: c.Talk.Milliseconds(), Disposition: c.Disposition.String(),
	}
	if !c.Answered.IsZero() {
		row.Answered = c.Answered.UnixMilli()
	}
	return row
}

// draft reads a row back. What is no word of package calls becomes zero, which
// it refuses.
func (r CallRow) draft() (calls.Draft, error) {
	d := calls.Draft{Call: calls.Call{
		Source: r.Source, SourceID: r.ID, From: calls.Party{Number: r.From, Name: r.FromName},
		To: calls.Party{Number: r.To, Name: r.ToName}, Begun: time.UnixMilli(r.Begun),
		Duration: time.Duration(r.Duration) * time.Millisecond, Talk: time.Duration(r.Talk) * time.Millisecond,
	}}
	if r.Answered != 0 {
		d.Answered = time.UnixMilli(r.Answered)
	}
	for _, w := range calls.Directions() {
		if w.String() == r.Direction {
			d.Direction = w
		}
	}
	for _, w := range calls.Dispositions() {
		if w.String() == r.Disposition {
			d.Disposition = w
		}
	}
	for _, f := range r.Recordings {
		d.Files = append(d.Files, f.file())
	}
	return d.Checked()
}

// importCalls adds those that are not there.
func importCalls(ctx context.Context, t *Table, b batch[CallRow]) ([]loaded, error) {
	c, err := t.within(ctx, b.caller)
	if err != nil {
		return nil, err
	}
	out := make([]loaded, len(b.rows))
	drafts := make([]calls.Draft, len(b.rows))
	var keys []calls.SourceKey
	for i, row := range b.rows {
		if drafts[i], out[i].err = row.draft(); out[i].err == nil {
			keys = append(keys, drafts[i].Key())
		}
	}
	known, err := t.Calls.Known(ctx, c, keys)
	if err != nil {
		return nil, err
	}
	var fresh []calls.Draft
	for i, row := range b.rows {
		if out[i].err != nil || known[drafts[i].Key()] {
			continue
		}
		files, silent := row.sound()
		drafts[i].Files, out[i].note = files, silent
		known[drafts[i].Key()], out[i].added = true, true
		fresh = append(fresh, drafts[i])
	}
	if b.try || len(fresh) == 0 {
		return out, nil
	}
	added, err := t.Calls.Add(ctx, c, fresh)
	notAdded(out, added.Known)
	return out, err
}

// notAdded takes back that some were added, which another import of the same calls
// has brought meanwhile. Which ones is not told: nothing of a row hangs on it.
func notAdded(out []loaded, known int) {
	for i := len(out) - 1; i >= 0 && known > 0; i-- {
		if out[i].added {
			out[i], known = loaded{}, known-1
		}
	}
}

// sound gives the recordings that can be read and are what their names say, and
// what is wrong with one of the others: the call is kept without it.
func (r CallRow) sound() (files []calls.File, wrong string) {
	for _, f := range r.Recordings {
		if err := f.check(); err != nil {
			wrong = err.Error()
			continue
		}
		files = append(files, f.file())
	}
	return files, wrong
}

func (f RecordedFile) file() calls.File {
	return calls.File{Media: f.Media, Open: func() (io.ReadCloser, error) { return os.Open(f.Path) }}
}

var errUnread = errors.New("its recording cannot be read by the server: let the server's user read the folder")

func (f RecordedFile) check() error {
	info, err := os.Stat(f.Path)
	if err != nil || !info.Mode().IsRegular() {
		return errUnread
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return errUnread
	}
	defer file.Close()
	var head [12]byte
	n, err := io.ReadFull(file, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return errUnread
	}
	if !f.looksRight(head[:n]) {
		return errors.New("its recording is empty, or no " + string(f.Media))
	}
	return nil
}

// looksRight knows the head of RIFF WAVE, of ID3, and of a frame of MPEG audio.
func (f RecordedFile) looksRight(head []byte) bool {
	if f.Media == calls.WAV {
		return len(head) == 12 && bytes.HasPrefix(head, []byte("RIFF")) && string(head[8:]) == "WAVE"
	}
	return bytes.HasPrefix(head, []byte("ID3")) || (len(head) > 1 && head[0] == 0xff && head[1]&0xe0 == 0xe0)
}
