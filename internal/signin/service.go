package signin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
)

// PurposeSealer is the purpose of the Sealer that a Service takes.
const PurposeSealer = "signin"

// Config makes a Service. Fields without a default are required.
type Config struct {
	Core   Core
	Store  Store
	Sealer *keys.Sealer // of PurposeSealer
	// Pages lists the permissions that the console has a page for: whoever holds
	// none of them is not let in.
	Pages func() []authority.Permission
	// URL gives the console's outside address, such as https://console.example.com.
	URL      func() string
	Provider *ProviderConfig  // nil = no sign-in through a provider
	Idle     time.Duration    // how long a session may lie unused; 0 = 30 minutes
	Absolute time.Duration    // how long it lasts at most; 0 = 12 hours
	Now      func() time.Time // nil = time.Now
	Client   *http.Client     // that asks the provider; nil = one with a limit of 10 seconds
}

const (
	defaultIdle     = 30 * time.Minute
	defaultAbsolute = 12 * time.Hour
)

// Service does what the package promises, for both stands. Safe for concurrent
// use.
type Service struct {
	core     Core
	store    Store
	sealer   *keys.Sealer
	pages    func() []authority.Permission
	url      func() string
	provider *provider
	idle     time.Duration
	absolute time.Duration
	now      func() time.Time
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{
		core: c.Core, store: c.Store, sealer: c.Sealer, pages: c.Pages, url: c.URL,
		idle: c.Idle, absolute: c.Absolute, now: c.Now,
	}
	if s.idle == 0 {
		s.idle = defaultIdle
	}
	if s.absolute == 0 {
		s.absolute = defaultAbsolute
	}
	if s.now == nil {
		s.now = time.Now
	}
	if c.Provider != nil {
		s.provider = newProvider(*c.Provider, c.Client, s.now)
	}
	return s
}

// The audit verbs of what is done here.
const (
	VerbBegin    = "session.begin"
	VerbUse      = "session.use"
	VerbProve    = "session.prove"
	VerbFactor   = "factor.check"
	VerbAdd      = "factor.add"
	VerbRename   = "factor.rename"
	VerbRemove   = "factor.remove"
	VerbRecovery = "factor.recovery_codes"
)

// Visit is where somebody who signs in comes from.
type Visit struct {
	Origin authority.Origin
	Agent  string // as his browser calls itself
}

// maxAgent bounds what is kept of a browser's name, in bytes.
const maxAgent = 256

// change starts a change of the caller's own factors, for which he must have
// proven himself lately.
func (s *Service) change(ctx context.Context, c authority.Caller, verb, object string) (Change, error) {
	session, err := s.Session(ctx, c)
	if err != nil {
		return Change{}, err
	}
	if !session.Fresh(s.now()) {
		return Change{}, authority.E(authority.Forbidden, "confirm who you are first").With(ProofField, "stale")
	}
	return s.changeOf(c, verb, object), nil
}

// ProofField is in the error that asks the user to prove once more who he is.
const ProofField = "proof"

func (s *Service) changeOf(c authority.Caller, verb, object string) Change {
	e := c.Entry(object)
	e.Verb, e.Time, e.Account = verb, s.now(), c.Principal().Account
	return Change{Account: c.Principal().Account, Principal: c.Principal().ID, Now: s.now(), Entry: e}
}

// refuse notes why o was refused for the user p and gives back err.
func (s *Service) refuse(o authority.Origin, verb, reason string, p authority.Principal, err error) error {
	s.core.Refuse(authority.Entry{
		Time: s.now(), Stand: o.Stand, Account: p.Account, Actor: p.ID, Dialect: o.Dialect, Door: o.Door,
		Address: o.Address, RequestID: o.RequestID, Verb: verb, Reason: reason,
	})
	return err
}

// admit lets those in whom the console has a page for.
func (s *Service) admit(h authority.Holder) error {
	pages := s.pages()
	for _, p := range h.Permissions {
		if h.Principal.Kind == authority.User && slices.Contains(pages, p) {
			return nil
		}
	}
	return authority.E(authority.Forbidden, "your roles open no page of this console").With(RoleField, "none")
}

// RoleField is in the error of a user whom the console has no page for.
const RoleField = "roles"

func number(id authority.ID) string { return strconv.FormatInt(int64(id), 10) }
