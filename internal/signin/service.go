package signin

import "time"

// Config makes a Service. Fields without a default are required.
type Config struct {
	Core  Core
	Store Store
	Idle  time.Duration    // how long a session may lie unused; 0 = 30 minutes
	Now   func() time.Time // nil = time.Now
}

const defaultIdle = 30 * time.Minute

// Service does what the package promises, for both stands. Safe for concurrent
// use.
type Service struct {
	core  Core
	store Store
	idle  time.Duration
	now   func() time.Time
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{core: c.Core, store: c.Store, idle: c.Idle, now: c.Now}
	if s.idle == 0 {
		s.idle = defaultIdle
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}
