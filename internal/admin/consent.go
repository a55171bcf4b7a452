package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Consent is what a user lets an application do in his name, as lists show it.
type Consent struct {
	authority.Consent

	User     string // his name
	Login    string
	Name     string    // the application's
	LastUsed time.Time // when the application came with it last; zero = never
	Grants   int       // that live
}

// ConsentQuery picks consents. Zero fields pick all.
type ConsentQuery struct {
	User        authority.ID
	Application authority.ID
}

// Consents keeps what users have consented to.
type Consents interface {
	// Consents lists those of the account, the newest first.
	Consents(ctx context.Context, account authority.ID, q ConsentQuery, p Page, now time.Time) (List[Consent], error)
	// WithdrawConsent takes the user's consent to the application away and revokes
	// what was issued to the application in his name. NotFound where there is none.
	WithdrawConsent(ctx context.Context, ch Change, user, application authority.ID) error
}

// MyConsents lists what the caller lets applications do in his name.
func (s *Service) MyConsents(ctx context.Context, c authority.Caller, p Page) (List[Consent], error) {
	account, err := inside(c, "")
	if err != nil {
		return List[Consent]{}, err
	}
	if c.Principal().ID == 0 {
		return List[Consent]{}, authority.E(authority.Forbidden, "only users consent")
	}
	return s.consents(ctx, account, ConsentQuery{User: c.Principal().ID}, p)
}

// Consents lists those of the account.
func (s *Service) Consents(ctx context.Context, c authority.Caller, q ConsentQuery, p Page) (List[Consent], error) {
	account, err := inside(c, ApplicationsManage)
	if err != nil {
		return List[Consent]{}, err
	}
	return s.consents(ctx, account, q, p)
}

func (s *Service) consents(ctx context.Context, account authority.ID, q ConsentQuery, p Page) (List[Consent], error) {
	p, err := p.check()
	if err != nil {
		return List[Consent]{}, err
	}
	return s.ports.Consents.Consents(ctx, account, q, p, s.now())
}

// WithdrawMine takes back what the caller has let an application do. What it
// holds in his name is refused from the return on.
func (s *Service) WithdrawMine(ctx context.Context, c authority.Caller, application authority.ID) error {
	return s.withdraw(ctx, c, "", c.Principal().ID, application)
}

// WithdrawConsent is WithdrawMine for another user of the account.
func (s *Service) WithdrawConsent(ctx context.Context, c authority.Caller, user, application authority.ID) error {
	return s.withdraw(ctx, c, ApplicationsManage, user, application)
}

func (s *Service) withdraw(ctx context.Context, c authority.Caller, p authority.Permission, user, application authority.ID) error {
	ch, err := s.change(c, act{p, "consent.withdraw", "application", application})
	if err != nil {
		return err
	}
	return s.ports.Consents.WithdrawConsent(ctx, ch, user, application)
}
