package imports

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"propusk/internal/authority"
)

// How many imports are on their way at once, from the first byte of the file to
// the last row.
const (
	perAccount = 2
	together   = 8
)

// noteEvery is how often a running job is written down. What runs here is shown
// as it is; this is for what a sudden end leaves.
const noteEvery = time.Second

// Work imports a file. note may be called as often as there is news. The report
// it gives says how far it came, also with an error.
type Work func(ctx context.Context, note func(Report)) (Report, error)

// Service runs jobs. Safe for concurrent use.
type Service struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	stop  context.CancelFunc
	ctx   context.Context //nolint:containedctx // ends with Close, not with the request that begins a job
	jobs  sync.WaitGroup

	mu     sync.Mutex
	live   map[authority.ID]Job
	places map[authority.ID]int // taken, by account
	closed bool
}

// Config makes a Service. Store is required.
type Config struct {
	Store  Store
	Now    func() time.Time // nil = time.Now
	Logger *slog.Logger     // nil = none
}

// Open makes a Service. Jobs of a former process are cut off.
func Open(ctx context.Context, c Config) (*Service, error) {
	s := &Service{store: c.Store, now: c.Now, log: c.Logger, live: map[authority.ID]Job{}, places: map[authority.ID]int{}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if _, err := s.store.CutJobs(ctx, s.now()); err != nil {
		return nil, err
	}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// Close cuts off what runs, and waits until that is written down.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.jobs.Wait()
}

// Reserve takes a place for an import of the account, which its caller gives up
// by release. LimitExceeded when too many are on their way.
func (s *Service) Reserve(account authority.ID) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := 0
	for _, n := range s.places {
		all += n
	}
	if s.closed {
		return nil, authority.E(authority.Unavailable, "the server is stopping; try again")
	}
	if s.places[account] >= perAccount || all >= together {
		return nil, authority.E(authority.LimitExceeded, "other imports are still running: wait until one is done")
	}
	s.places[account]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.places[account]--; s.places[account] == 0 {
			delete(s.places, account)
		}
	}), nil
}

// Start begins a job, and gives it with its id. done is closed when it is over.
func (s *Service) Start(ctx context.Context, j Job, work Work) (started Job, done <-chan struct{}, err error) {
	j.ID, j.State, j.Began = authority.NewID(), Running, s.now()
	if err := s.store.BeginJob(ctx, j); err != nil {
		return Job{}, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[j.ID] = j
	over := make(chan struct{})
	s.jobs.Go(func() {
		defer close(over)
		s.run(j, work)
	})
	return j, over, nil
}

func (s *Service) run(j Job, work Work) {
	noted := s.now()
	report, err := work(s.ctx, func(r Report) {
		j.Report = r
		s.show(j)
		if now := s.now(); now.Sub(noted) >= noteEvery {
			noted = now
			s.write(s.ctx, j)
		}
	})
	j.Report, j.State, j.Ended = report, Done, s.now()
	if err != nil {
		j.State, j.Code, j.Why = Stopped, authority.CodeOf(err), said(err)
	}
	if err != nil && s.ctx.Err() != nil {
		j.State, j.Code, j.Why = Cut, "", ""
	}
	if j.Code == authority.Internal {
		s.log.Error("import", "job", int64(j.ID), "error", err)
	}
	s.show(j)
	if s.write(context.WithoutCancel(s.ctx), j) {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.live, j.ID)
	}
}

// said is what a user is told of an error.
func said(err error) string {
	var e *authority.Error
	if errors.As(err, &e) && e.Code != authority.Internal {
		return e.Message
	}
	return ""
}

func (s *Service) show(j Job) {
	j.Refused = slices.Clone(j.Refused)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[j.ID] = j
}

func (s *Service) write(ctx context.Context, j Job) bool {
	err := s.store.NoteJob(ctx, j)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "how far an import has come was not written down", "job", int64(j.ID), "error", err)
	}
	return err == nil
}

// Job gives one of the account's jobs as it stands now. NotFound for any other.
func (s *Service) Job(ctx context.Context, account, id authority.ID) (Job, error) {
	s.mu.Lock()
	j, ok := s.live[id]
	s.mu.Unlock()
	if ok && j.Account == account {
		return j, nil
	}
	return s.store.Job(ctx, account, id)
}

// Jobs lists the account's newest of a kind.
func (s *Service) Jobs(ctx context.Context, account authority.ID, kind Kind, size int) ([]Job, error) {
	list, err := s.store.Jobs(ctx, account, kind, size)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, j := range list {
		if now, ok := s.live[j.ID]; ok {
			list[i] = now
		}
	}
	return list, err
}
