// Package lame makes mp3 of wav with the installed program of that name, which
// reads and writes through pipes: neither sound is ever whole in memory.
//
// It answers for how many programs run at once, how long one may take and how
// much it may give. What a recording is, who may hear it and where its mp3 is
// kept is for calls to say.
package lame

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"

	"propusk/internal/authority"
)

const (
	longest = 5 * time.Minute  // one conversion; an hour of telephony takes a few seconds
	patient = 20 * time.Second // waiting until another conversion has ended
	closing = 5 * time.Second  // a program that was killed must end in
)

// Program is an installed lame. Safe for concurrent use.
type Program struct {
	path  string
	slots chan struct{}
	limit time.Duration
}

// Find looks for the program: a name in PATH, or a path. exec.ErrNotFound for
// none.
func Find(name string) (*Program, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("lame: %w", err)
	}
	return &Program{path: path, slots: make(chan struct{}, max(1, runtime.NumCPU()/2)), limit: longest}, nil
}

// MP3 gives the mp3 of wav, which holds size bytes, as it is made. A wav that
// the program does not understand is authority.NotAcceptable, from MP3 or from
// a Read; no end of it is io.EOF then. Too many conversions at once are
// authority.Unavailable.
func (p *Program) MP3(ctx context.Context, wav io.Reader, size int64) (io.ReadCloser, error) {
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	s := &sound{ctx: ctx, left: size + slack, end: func() { cancel(); <-p.slots }}
	// A fifth of what plain sound takes: 24 kbit/s for that of a telephone.
	s.cmd = exec.CommandContext(ctx, p.path, "--quiet", "--comp", "5.5", "-", "-") //nolint:gosec // the operator's program
	s.cmd.Stdin, s.cmd.Env, s.cmd.WaitDelay = wav, []string{"LC_ALL=C"}, closing
	var err error
	if s.out, err = s.cmd.StdoutPipe(); err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.end()
		return nil, authority.Wrap(authority.Unavailable, "recordings cannot be converted now", err)
	}
	return s, nil
}

// take waits for one of the slots.
func (p *Program) take(ctx context.Context) error {
	timer := time.NewTimer(patient)
	defer timer.Stop()
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return authority.E(authority.Unavailable, "too many recordings are being converted; try again")
	}
}

// slack is what an mp3 may have beyond its wav: that of a short one is longer.
const slack = 64 << 10

// sound is what a running program writes.
type sound struct {
	ctx  context.Context //nolint:containedctx // of the one program
	cmd  *exec.Cmd
	out  io.ReadCloser
	left int64
	err  error // of the program, once it has ended
	end  func()
}

// Read implements io.Reader. Its io.EOF says that the program ended well.
func (s *sound) Read(p []byte) (int, error) {
	if s.end == nil {
		return 0, s.err
	}
	n, err := s.out.Read(p)
	if s.left -= int64(n); s.left < 0 {
		err = errors.New("lame: the mp3 is longer than its wav")
	}
	if err == nil {
		return n, nil
	}
	return n, s.finish(err)
}

// finish ends the program and says what became of it.
func (s *sound) finish(err error) error {
	if !errors.Is(err, io.EOF) {
		_ = s.cmd.Process.Kill() // it may have ended
	}
	waited := s.cmd.Wait()
	switch {
	case s.ctx.Err() != nil:
		err = authority.Wrap(authority.Unavailable, "the recording could not be converted in time", s.ctx.Err())
	case errors.Is(err, io.EOF) && waited != nil || !errors.Is(err, io.EOF):
		err = authority.Wrap(authority.NotAcceptable, "this recording is kept as wav, and no mp3 can be made of it", errors.Join(err, waited))
	}
	s.err = err
	s.end()
	s.end = nil
	return err
}

// Close implements io.Closer: a program that still runs is killed.
func (s *sound) Close() error {
	if s.end != nil {
		_ = s.finish(errors.New("lame: closed"))
	}
	return nil
}
