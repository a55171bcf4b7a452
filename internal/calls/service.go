package calls

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"propusk/internal/authority"
)

// Service applies the rules of calls. Safe for concurrent use.
type Service struct {
	store Store
	files Files
	now   func() time.Time

	copies Copies
	by     Converter // nil = no mp3 is made
}

// New makes a Service over store and files. now is the clock.
func New(store Store, files Files, now func() time.Time) *Service {
	return &Service{store: store, files: files, now: now}
}

// Calls reads a page of the account's history.
func (s *Service) Calls(ctx context.Context, c authority.Caller, q Query) (Page, error) {
	account, err := c.Inside(CallsList)
	if err != nil {
		return Page{}, err
	}
	if q, err = q.checked(); err != nil || !c.Areas().All {
		return Page{}, err
	}
	return s.store.Calls(ctx, account, q)
}

// Call reads one call.
func (s *Service) Call(ctx context.Context, c authority.Caller, id authority.ID) (Call, error) {
	account, err := one(c, CallsList)
	if err != nil {
		return Call{}, err
	}
	return s.store.Call(ctx, account, id)
}

// Recordings reads a page of the account's recordings.
func (s *Service) Recordings(ctx context.Context, c authority.Caller, q RecordingQuery) (RecordingPage, error) {
	account, err := c.Inside(CallsList)
	if err != nil {
		return RecordingPage{}, err
	}
	if err := checkPage(q.Offset, q.Limit); err != nil || !c.Areas().All {
		return RecordingPage{}, err
	}
	return s.store.Recordings(ctx, account, q)
}

// Recording reads what is known of one recording.
func (s *Service) Recording(ctx context.Context, c authority.Caller, id authority.ID) (Recording, error) {
	account, err := one(c, RecordRead)
	if err != nil {
		return Recording{}, err
	}
	return s.store.Recording(ctx, account, id)
}

// Open reads a recording's bytes. A file that is gone makes it NotFound.
func (s *Service) Open(ctx context.Context, c authority.Caller, id authority.ID) (Recording, io.ReadSeekCloser, error) {
	r, err := s.Recording(ctx, c, id)
	if err != nil {
		return Recording{}, nil, err
	}
	file, err := s.open(ctx, r.Blob)
	return r, file, err
}

func (s *Service) open(ctx context.Context, blob string) (io.ReadSeekCloser, error) {
	file, err := s.files.Open(ctx, blob)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, authority.Wrap(authority.NotFound, "there is no such recording", err)
	}
	if err != nil {
		return nil, authority.Wrap(authority.Unavailable, "the recording cannot be read now", err)
	}
	return file, nil
}

// DeleteRecording takes a recording away; the call stays.
func (s *Service) DeleteRecording(ctx context.Context, c authority.Caller, id authority.ID) error {
	account, err := one(c, RecordDelete)
	if err != nil {
		return err
	}
	e := c.Entry("recording/" + FormatID(id))
	e.Time = authority.Moment(s.now())
	gone, err := s.store.DeleteRecording(ctx, Removal{Account: account, ID: id, Entry: e})
	if err != nil {
		return err
	}
	for _, blob := range gone.Blobs() {
		// A file that stays behind is an orphan; the sweep takes it.
		_ = s.files.Delete(context.WithoutCancel(ctx), blob)
	}
	return nil
}

// one is Inside for a single row: who is bound to areas sees none.
func one(c authority.Caller, p authority.Permission) (authority.ID, error) {
	account, err := c.Inside(p)
	if err == nil && !c.Areas().All {
		return 0, authority.E(authority.NotFound, "there is no such call or recording")
	}
	return account, err
}
