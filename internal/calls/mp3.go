package calls

import (
	"context"
	"errors"
	"io"

	"propusk/internal/authority"
)

// Copy is the mp3 that was made of a recording. The zero Copy = none was.
type Copy struct {
	Size int64  // bytes
	Blob string // its name among Files
}

// Copies keeps which mp3 was made of which recording.
type Copies interface {
	// KeepCopy keeps c as what was made of a recording, unless something was
	// already, and gives what is kept now; NotFound where there is no such
	// recording. One transaction.
	KeepCopy(ctx context.Context, account, id authority.ID, c Copy) (Copy, error)
}

// Converter makes mp3; *lame.Program does.
type Converter interface {
	// MP3 gives the mp3 of wav, which holds size bytes. A wav that it does not
	// understand is authority.NotAcceptable, from MP3 or from a Read.
	MP3(ctx context.Context, wav io.Reader, size int64) (io.ReadCloser, error)
}

// WithMP3 gives a Service that makes mp3 of recordings that are kept otherwise.
func (s *Service) WithMP3(copies Copies, by Converter) *Service {
	with := *s
	with.copies, with.by = copies, by
	return &with
}

// OpenMP3 is Open for who takes mp3 alone. Of a recording that is kept otherwise
// an mp3 is made when it is first asked for, and kept beside it, so that it is
// the same bytes each time; NotAcceptable where nothing makes it.
func (s *Service) OpenMP3(ctx context.Context, c authority.Caller, id authority.ID) (Recording, io.ReadSeekCloser, error) {
	r, err := s.Recording(ctx, c, id)
	if err != nil {
		return Recording{}, nil, err
	}
	if r.Media != MP3 {
		if r.Copy.Blob == "" {
			if r.Copy, err = s.convert(ctx, c.Account().ID, r); err != nil {
				return Recording{}, nil, err
			}
		}
		r.Media, r.Size, r.Blob = MP3, r.Copy.Size, r.Copy.Blob
	}
	file, err := s.open(ctx, r.Blob)
	return r, file, err
}

// convert makes the mp3 of r and keeps it.
func (s *Service) convert(ctx context.Context, account authority.ID, r Recording) (Copy, error) {
	if s.by == nil {
		return Copy{}, authority.E(authority.NotAcceptable, "this recording is kept as "+string(r.Media)+"; this method gives mp3 alone")
	}
	wav, err := s.open(ctx, r.Blob)
	if err != nil {
		return Copy{}, err
	}
	defer func() { _ = wav.Close() }()
	mp3, err := s.by.MP3(ctx, wav, r.Size)
	if err != nil {
		return Copy{}, err
	}
	var made Copy
	made.Blob, made.Size, err = s.files.Put(ctx, mp3)
	_ = mp3.Close()
	if err != nil {
		var known *authority.Error
		if errors.As(err, &known) {
			return Copy{}, known
		}
		return Copy{}, authority.Wrap(authority.Unavailable, "the recording cannot be converted now", err)
	}
	kept, err := s.copies.KeepCopy(ctx, account, r.ID, made)
	if err != nil || kept != made {
		_ = s.files.Delete(context.WithoutCancel(ctx), made.Blob)
	}
	return kept, err
}
