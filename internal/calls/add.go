package calls

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Bounds of a call.
const (
	MaxBatch   = 500 // calls of one Add
	maxNumber  = 64  // characters
	maxKey     = 128 // bytes
	maxName    = 200 // characters
	maxSource  = 200
	maxLength  = 30 * 24 * time.Hour
	maxFiles   = 16 // recordings of one call
	idTries    = 3
	firstYear  = 1970
	beyondYear = 10000
)

// Draft is a call to be added. Its ID and Recordings are made of it and of Files.
type Draft struct {
	Call

	Files []File
}

// File is a sound file of a Draft. Open is called once, and only if the call is
// not there yet.
type File struct {
	Media Media
	Open  func() (io.ReadCloser, error)
}

// Added says what became of the calls of one Add.
type Added struct {
	New   int
	Known int // were there already, or twice among the drafts; nothing of them was written
}

// Add writes the calls that the account does not have yet, MaxBatch at most, and
// leaves the others as they are: adding the same calls again changes nothing.
// All are written, or none. Each must pass Checked.
func (s *Service) Add(ctx context.Context, c authority.Caller, drafts []Draft) (Added, error) {
	account, err := c.Inside(CallsAdd)
	if err != nil {
		return Added{}, err
	}
	fresh, err := s.fresh(ctx, account, drafts)
	if err != nil {
		return Added{}, err
	}
	added := Added{Known: len(drafts) - len(fresh)}
	if len(fresh) == 0 {
		return added, nil
	}
	a := Addition{Account: account, Entry: c.Entry("calls")}
	a.Entry.Time, a.Entry.Count = authority.Moment(s.now()), len(fresh)
	for _, d := range fresh {
		if d.Recordings, err = s.put(ctx, d); err != nil {
			s.drop(ctx, a.Calls)
			return Added{}, err
		}
		a.Calls = append(a.Calls, d.Call)
	}
	known, err := s.write(ctx, a)
	if err != nil {
		s.drop(ctx, a.Calls)
		return Added{}, err
	}
	s.drop(ctx, slices.DeleteFunc(a.Calls, func(c Call) bool { return !known[c.Key()] }))
	added.New, added.Known = len(fresh)-len(known), added.Known+len(known)
	return added, nil
}

// fresh checks drafts and gives each once. Those with files that the account has
// already are left out, so that no file is written for nothing; of the others the
// store tells it when it writes them.
func (s *Service) fresh(ctx context.Context, account authority.ID, drafts []Draft) ([]Draft, error) {
	if len(drafts) > MaxBatch {
		return nil, authority.Invalid("calls", "more than "+strconv.Itoa(MaxBatch)+" calls at once")
	}
	checked := make([]Draft, len(drafts))
	var keys []SourceKey
	for i, d := range drafts {
		var err error
		if checked[i], err = d.Checked(); err != nil {
			return nil, err
		}
		if len(d.Files) > 0 {
			keys = append(keys, checked[i].Key())
		}
	}
	known, err := s.store.KnownCalls(ctx, account, keys)
	if err != nil {
		return nil, err
	}
	seen := make(map[SourceKey]bool, len(drafts))
	return slices.DeleteFunc(checked, func(d Draft) bool {
		again := seen[d.Key()] || known[d.Key()]
		seen[d.Key()] = true
		return again
	}), nil
}

// put writes the files of d.
func (s *Service) put(ctx context.Context, d Draft) ([]Recording, error) {
	var out []Recording
	for _, f := range d.Files {
		r := Recording{Begun: d.Begun, Media: f.Media}
		var err error
		if r.Blob, r.Size, err = s.putFile(ctx, f); err != nil {
			s.drop(ctx, []Call{{Recordings: out}})
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *Service) putFile(ctx context.Context, f File) (string, int64, error) {
	from, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	name, size, err := s.files.Put(ctx, from)
	if closed := from.Close(); err == nil && closed != nil {
		_ = s.files.Delete(context.WithoutCancel(ctx), name)
		return "", 0, closed
	}
	return name, size, err
}

// write gives the calls their ids; others when one is taken.
func (s *Service) write(ctx context.Context, a Addition) (known map[SourceKey]bool, err error) {
	for range idTries {
		for i := range a.Calls {
			call := &a.Calls[i]
			call.ID = authority.NewID()
			for j := range call.Recordings {
				call.Recordings[j].ID, call.Recordings[j].Call = authority.NewID(), call.ID
			}
		}
		if known, err = s.store.AddCalls(ctx, a); !errors.Is(err, ErrIDTaken) {
			break
		}
	}
	return known, err
}

// drop deletes the files of calls that were not written. What stays behind is an
// orphan; the sweep takes it.
func (s *Service) drop(ctx context.Context, calls []Call) {
	for _, c := range calls {
		for _, r := range c.Recordings {
			_ = s.files.Delete(context.WithoutCancel(ctx), r.Blob) // of a new one there is no copy
		}
	}
}

// Checked gives d with its text cleaned and its times in milliseconds, or says
// what of it cannot be.
func (d Draft) Checked() (Draft, error) {
	var err error
	if d.Call, err = d.Call.checked(); err != nil {
		return d, err
	}
	d.ID, d.Recordings = 0, nil
	if len(d.Files) > maxFiles {
		return d, authority.Invalid("files", "a call has "+strconv.Itoa(maxFiles)+" recordings at most")
	}
	for _, f := range d.Files {
		if f.Media != MP3 && f.Media != WAV {
			return d, authority.Invalid("files", "a recording must be mp3 or wav")
		}
	}
	return d, nil
}

func (c Call) checked() (Call, error) {
	for _, text := range []struct {
		field string
		of    *string
		most  int
	}{
		{"from", &c.From.Number, maxNumber},
		{"from", &c.From.Name, maxName},
		{"to", &c.To.Number, maxNumber},
		{"to", &c.To.Name, maxName},
		{"source", &c.Source, maxSource},
		{"source_id", &c.SourceID, maxSource},
	} {
		var err error
		if *text.of, err = spelling.Line(*text.of, text.most); err != nil {
			return c, authority.Invalid(text.field, text.field+" "+err.Error())
		}
	}
	c.Begun, c.Answered = authority.Moment(c.Begun), authority.Moment(c.Answered)
	c.Duration, c.Talk = c.Duration.Truncate(time.Millisecond), c.Talk.Truncate(time.Millisecond)
	return c, c.check()
}

func (c Call) check() error {
	switch {
	case c.Source == "" || c.SourceID == "":
		return authority.Invalid("source_id", "a call needs an id of its source")
	case !slices.Contains(Directions(), c.Direction):
		return authority.Invalid("direction", "there is no such direction")
	case !slices.Contains(Dispositions(), c.Disposition):
		return authority.Invalid("disposition", "there is no such disposition")
	case c.Begun.Year() < firstYear || c.Begun.Year() >= beyondYear:
		return authority.Invalid("begun", "the time lies outside what can be")
	case !c.Answered.IsZero() && (c.Answered.Before(c.Begun) || c.Answered.Sub(c.Begun) > maxLength):
		return authority.Invalid("answered", "a call is answered after it has begun")
	case c.Duration < 0 || c.Duration > maxLength:
		return authority.Invalid("duration", "a call lasts 0 seconds to 30 days")
	case c.Talk < 0 || c.Talk > c.Duration:
		return authority.Invalid("talk", "the talk is a part of the call")
	}
	return nil
}
