package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync"

	"propusk/internal/authority"
)

// Founder makes the deployment's first accounts, as the command line does.
type Founder interface {
	// Founded reports whether there is an account.
	Founded(ctx context.Context) (bool, error)
	// Found makes an account with the deployment's owner on each stand, for
	// somebody at o.
	Found(ctx context.Context, o authority.Origin, f Founding) ([]Owner, error)
}

// Founding names the first account and its owner.
type Founding struct{ Account, Login string }

// Owner is the deployment's owner on one stand. Password is shown this once.
type Owner struct {
	Stand    authority.Stand
	Contract string
	Login    string
	Password authority.Secret
}

// Setup is the first start: while there is no account, whoever has the one-time
// code makes the first one. Safe for concurrent use.
type Setup struct {
	core    Core
	founder Founder
	code    string

	mu   sync.Mutex
	done bool
}

// NewSetup makes the first start of a deployment, with a code of its own. nil when
// there is an account.
func NewSetup(ctx context.Context, core Core, founder Founder) (*Setup, error) {
	founded, err := founder.Founded(ctx)
	if err != nil || founded {
		return nil, err
	}
	return &Setup{core: core, founder: founder, code: strings.ToLower(rand.Text())}, nil
}

// Code is for whoever started the server, and nobody else.
func (s *Setup) Code() authority.Secret { return authority.NewSecret(s.code) }

// Open reports whether there is still no account.
func (s *Setup) Open(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.openLocked(ctx)
}

func (s *Setup) openLocked(ctx context.Context) (bool, error) {
	if s.done {
		return false, nil
	}
	founded, err := s.founder.Founded(ctx)
	s.done = err == nil && founded
	return !s.done, err
}

// Make uses the code up. InvalidGrant for a wrong one, NotFound when there is an
// account, LimitExceeded.
func (s *Setup) Make(ctx context.Context, o authority.Origin, code string, f Founding) (owners []Owner, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open, err := s.openLocked(ctx); err != nil || !open {
		if err == nil {
			err = authority.E(authority.NotFound, "the first account is made already")
		}
		return nil, err
	}
	err = s.core.Try(ctx, VerbSetup, authority.Attempt{Origin: o, Client: "setup"}, func() error {
		if subtle.ConstantTimeCompare([]byte(strings.ToLower(strings.TrimSpace(code))), []byte(s.code)) == 1 {
			return nil
		}
		s.core.Refuse(authority.Entry{
			Stand: o.Stand, Dialect: o.Dialect, Door: o.Door, Address: o.Address, RequestID: o.RequestID, Verb: VerbSetup, Reason: "code_wrong",
		})
		return authority.E(authority.InvalidGrant, "this is not the code that the server printed when it started")
	})
	if err != nil {
		return nil, err
	}
	if owners, err = s.founder.Found(ctx, o, f); err == nil {
		s.done = true
	}
	return owners, err
}

// VerbSetup is the audit verb of the first start.
const VerbSetup = "deployment.setup"
