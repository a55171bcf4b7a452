package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Traffic is how much an account used a dialect within an hour.
type Traffic struct {
	Hour     time.Time // its begin, UTC
	Dialect  string
	Calls    int64 // let in
	Issues   int64 // exchanges and refreshes
	Refusals int64
}

// BusyCredential says how much a credential was used.
type BusyCredential struct {
	KnownCredential

	Calls  int64
	Issues int64
}

// KnownCredential is a credential with whose it is.
type KnownCredential struct {
	authority.Credential

	Holder     string // the principal's name
	HolderKind authority.PrincipalKind
}

// Figures reads what an account is told about its traffic and its secrets.
type Figures interface {
	// Traffic lists hours that begin in [since, until), the oldest first.
	Traffic(ctx context.Context, account authority.ID, since, until time.Time) ([]Traffic, error)
	// Strangers lists hours that begin in [since, until) with the refusals that
	// concern no account of the stand, the oldest first.
	Strangers(ctx context.Context, stand authority.Stand, since, until time.Time) ([]Traffic, error)
	// Busiest lists the credentials that were used most since an hour.
	Busiest(ctx context.Context, account authority.ID, since time.Time, size int) ([]BusyCredential, error)
	// Ending lists live credentials that end in [from, until), the first one first.
	Ending(ctx context.Context, account authority.ID, from, until time.Time, size int) ([]KnownCredential, error)
	// Unused lists live credentials that were made before a time and never used,
	// the oldest first.
	Unused(ctx context.Context, account authority.ID, now, before time.Time, size int) ([]KnownCredential, error)
}

const (
	// endingWithin is how far ahead an end is told.
	endingWithin = 30 * 24 * time.Hour
	// unusedFor is how long a credential may wait for its first use.
	unusedFor = 24 * time.Hour
)

// Traffic lists how much the caller's account was used and refused, by dialect
// and hour, the oldest first. It is written down every few seconds.
func (s *Service) Traffic(ctx context.Context, c authority.Caller, since, until time.Time) ([]Traffic, error) {
	account, err := inside(c, AccountRead, AuditRead)
	if err != nil {
		return nil, err
	}
	return s.ports.Figures.Traffic(ctx, account, since, until)
}

// Strangers lists how often the caller's stand refused what belongs to no account
// of it (wrong secrets, unknown clients, tokens that are none), by dialect and
// hour, the oldest first. It needs AccountsManage: the deployment's owner alone.
func (s *Service) Strangers(ctx context.Context, c authority.Caller, since, until time.Time) ([]Traffic, error) {
	if !c.Can(AccountsManage) {
		return nil, forbidden(AccountsManage)
	}
	return s.ports.Figures.Strangers(ctx, c.Stand(), since, until)
}

// Busiest lists the credentials of the caller's account that were used most since
// an hour.
func (s *Service) Busiest(ctx context.Context, c authority.Caller, since time.Time, size int) ([]BusyCredential, error) {
	account, err := inside(c, AccountRead, AuditRead)
	if err != nil {
		return nil, err
	}
	if size, err = sizeOf(size); err != nil {
		return nil, err
	}
	return s.ports.Figures.Busiest(ctx, account, since, size)
}

// Ending lists the credentials of the caller's account that end within 30 days,
// those that overlap with their successors included.
func (s *Service) Ending(ctx context.Context, c authority.Caller, size int) ([]KnownCredential, error) {
	account, err := inside(c, AccountRead, AuditRead)
	if err != nil {
		return nil, err
	}
	if size, err = sizeOf(size); err != nil {
		return nil, err
	}
	now := s.now()
	return s.ports.Figures.Ending(ctx, account, now, now.Add(endingWithin), size)
}

// Unused lists the credentials of the caller's account that are a day old and
// were never used.
func (s *Service) Unused(ctx context.Context, c authority.Caller, size int) ([]KnownCredential, error) {
	account, err := inside(c, AccountRead, AuditRead)
	if err != nil {
		return nil, err
	}
	if size, err = sizeOf(size); err != nil {
		return nil, err
	}
	now := s.now()
	return s.ports.Figures.Unused(ctx, account, now, now.Add(-unusedFor), size)
}

// Named tells who stands behind ids: of an audit, or of figures. What is gone is
// not in it. The deployment's owner is, without his login, though his account is
// another.
type Named struct {
	Principals  map[authority.ID]authority.Principal // without roles and areas
	Credentials map[authority.ID]KnownCredential
}

// Names reads who stands behind ids.
type Names interface {
	Named(ctx context.Context, account authority.ID, principals, credentials []authority.ID) (Named, error)
}

// Named tells whose ids of the caller's account these are.
func (s *Service) Named(ctx context.Context, c authority.Caller, principals, credentials []authority.ID) (Named, error) {
	account, err := inside(c, AccountRead, AuditRead)
	if err != nil {
		return Named{}, err
	}
	return s.ports.Names.Named(ctx, account, principals, credentials)
}
