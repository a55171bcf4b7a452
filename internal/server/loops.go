package server

import (
	"context"
	"sync"
	"time"

	"propusk/internal/blob"
	storeadmin "propusk/internal/store/admin"
	storesignin "propusk/internal/store/signin"
)

// clock tells the time.
type clock = func() time.Time

func window(r Refused) time.Duration { return time.Duration(r.Window) }

const (
	purgeEvery = 10 * time.Second // expired grants leave in small steps
	keysEvery  = time.Minute      // former keys retire
	feedEvery  = time.Second      // entries whose commit was reported failed and is on disk
	endsEvery  = time.Second      // overlapping secrets end, with what was made from them
	nextAfter  = 10 * time.Second // a start has more urgent work than the next signing keys
	sweepEvery = 6 * time.Hour    // files that no recording names are deleted
	sweepAge   = 24 * time.Hour   // if they are as old as this
	keepEvery  = 10 * time.Minute // what accounts do not keep any longer leaves
	scourEvery = 10 * time.Minute // the files forget what was deleted
)

// loops starts the background work; each ends with ctx.
func (s *Server) loops(ctx context.Context, wg *sync.WaitGroup) {
	wg.Go(func() { s.data.Authority.Run(ctx) })
	wg.Go(func() { s.finishDeletions(ctx) })
	wg.Go(func() { s.anchor(ctx) })
	wg.Go(func() { every(ctx, purgeEvery, s.purgeExpired) })
	wg.Go(func() { every(ctx, keysEvery, s.retire) })
	wg.Go(func() { after(ctx, nextAfter, s.data.prepareNext) })
	wg.Go(func() { every(ctx, endsEvery, s.endOverlaps) })
	wg.Go(func() { every(ctx, feedEvery, s.follow) })
	wg.Go(func() { every(ctx, sweepEvery, s.sweep) })
	wg.Go(func() { every(ctx, keepEvery, s.purgeOld) })
	wg.Go(func() { every(ctx, scourEvery, s.scour) })
}

// every calls fn on each tick until ctx ends.
func every(ctx context.Context, d time.Duration, fn func(context.Context)) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			fn(ctx)
		}
	}
}

// after calls fn once, unless ctx ends before.
func after(ctx context.Context, d time.Duration, fn func(context.Context)) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		fn(ctx)
	}
}

// purgeExpired takes expired grants, replaced catalogues and ended sessions of the console
// away, yielding to requests between the steps.
func (s *Server) purgeExpired(ctx context.Context) {
	s.untilNone(ctx, "expired grants", s.data.Store.Purge)
	s.untilNone(ctx, "replaced catalogues", s.data.Uploads.Purge)
	s.untilNone(ctx, "ended sessions", func(ctx context.Context) (int, error) {
		return storesignin.New(s.data.DB).Purge(ctx, s.data.Now())
	})
}

// untilNone repeats a step until it finds nothing more.
func (s *Server) untilNone(ctx context.Context, what string, step func(context.Context) (int, error)) {
	for ctx.Err() == nil {
		n, err := step(ctx)
		if err != nil {
			s.data.Log.WarnContext(ctx, "what has expired was not purged", "what", what, "error", err)
		}
		if err != nil || n == 0 {
			return
		}
	}
}

func (s *Server) retire(ctx context.Context) {
	if err := s.data.Ring.Complete(ctx); err != nil { // what failed at the start
		s.data.Log.ErrorContext(ctx, "keys are missing and could not be made", "error", err)
	}
	if err := s.data.Ring.RetireExpired(ctx); err != nil {
		s.data.Log.WarnContext(ctx, "former keys were not retired", "error", err)
	}
	s.data.prepareNext(ctx)
}

// endOverlaps ends what is due, and what comes due before the next tick when it
// does: an overlap was chosen to the second.
func (s *Server) endOverlaps(ctx context.Context) {
	for ctx.Err() == nil {
		_, next, err := s.data.Admin.EndOverlaps(ctx)
		if err != nil {
			s.data.Log.WarnContext(ctx, "overlapping secrets were not ended", "error", err)
			return
		}
		wait := next.Sub(s.data.Now())
		if next.IsZero() || wait >= endsEvery {
			return
		}
		after(ctx, wait, func(context.Context) {})
	}
}

// sweep deletes files of recordings that were not written or are no longer
// there. Their age is told by the disk, so the real clock judges it.
func (s *Server) sweep(ctx context.Context) {
	n, err := blob.Sweep(ctx, s.data.blobs, time.Now().Add(-sweepAge), s.data.records.UnknownBlobs)
	if err != nil && ctx.Err() == nil {
		s.data.Log.WarnContext(ctx, "files without a recording were not deleted", "error", err)
	}
	if n > 0 {
		s.data.Log.InfoContext(ctx, "files without a recording were deleted", "files", n)
	}
}

// finishDeletions deletes the accounts whose deletion the end of a former process
// has cut short.
func (s *Server) finishDeletions(ctx context.Context) {
	n, err := storeadmin.New(s.data.DB, s.data.Feed.Apply).WithFiles(s.data.blobs).FinishDeletions(ctx)
	if err != nil {
		s.data.Log.WarnContext(ctx, "accounts that were being deleted are not gone", "error", err)
	}
	if n > 0 {
		s.data.Log.InfoContext(ctx, "accounts that were being deleted are gone", "accounts", n)
	}
}

// purgeOld takes away what accounts do not keep any longer.
func (s *Server) purgeOld(ctx context.Context) {
	n, err := s.data.retention.Purge(ctx)
	if err != nil && ctx.Err() == nil {
		s.data.Log.WarnContext(ctx, "what is not kept any longer did not leave", "error", err)
	}
	if n > 0 {
		s.data.Log.InfoContext(ctx, "what is not kept any longer has left", "rows", n)
	}
}

// scour has the files of the database forget what was deleted.
func (s *Server) scour(ctx context.Context) {
	if err := s.data.DB.Scour(ctx); err != nil && ctx.Err() == nil {
		s.data.Log.WarnContext(ctx, "the database's journal was not emptied", "error", err)
	}
}

// follow reads what the feed has that did not come here with its commit.
func (s *Server) follow(ctx context.Context) {
	head, entries, err := s.data.DB.FeedAfter(ctx, s.data.Feed.Solid())
	if err != nil {
		s.data.Log.WarnContext(ctx, "the feed was not read", "error", err)
		return
	}
	s.data.Feed.CatchUp(head, entries)
}
