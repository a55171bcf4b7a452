package signin

import (
	"context"
	"slices"
	"time"

	"propusk/internal/authority"
)

// Session is a console session: what its grant has not.
type Session struct {
	Grant, Account, Principal authority.ID

	Method         string // how the user proved who he is, one of the Methods
	Created        time.Time
	Seen           time.Time // the last use, within a minute
	Proven         time.Time // the last proof; a secret is made or shown only soon after
	Ends           time.Time // the absolute limit
	Address, Agent string    // that it was begun from
	Language       string    // the user's choice; "" = none yet
	Theme          string    // the user's choice; "" = none yet
}

const (
	freshFor  = 10 * time.Minute // how long a proof counts for secrets
	noteEvery = time.Minute      // between two notes of a session's use
)

// Fresh reports whether the user proved who he is so lately that a secret may
// be made or shown.
func (s Session) Fresh(now time.Time) bool {
	return !s.Proven.IsZero() && now.Sub(s.Proven) <= freshFor
}

// over says why a session is at its end, as a fixed word for the audit; "" = it
// is not.
func (s Session) over(now time.Time, idle time.Duration) string {
	switch {
	case !now.Before(s.Ends):
		return "session_ended"
	case now.Sub(s.Seen) > idle:
		return "session_idle"
	}
	return ""
}

// Session gives the caller's session and notes its use, at most once a minute.
// InvalidToken for a caller without one, and for one that was idle too long or
// has reached its end: its grant is then revoked.
func (s *Service) Session(ctx context.Context, c authority.Caller) (Session, error) {
	found, err := s.Peek(ctx, c)
	now := s.now()
	if err != nil || now.Sub(found.Seen) < noteEvery {
		return found, err
	}
	found.Seen = now
	return found, s.store.NoteSession(ctx, found.Grant, now)
}

// Peek is Session for what a page asks by itself while its user may be away:
// it is not noted as use.
func (s *Service) Peek(ctx context.Context, c authority.Caller) (Session, error) {
	if c.Grant() == 0 {
		return Session{}, noSession()
	}
	found, err := s.store.Session(ctx, c.Grant())
	if authority.CodeOf(err) == authority.NotFound {
		return Session{}, noSession()
	}
	if err != nil {
		return Session{}, err
	}
	if reason := found.over(s.now(), s.idle); reason != "" {
		return Session{}, s.expire(ctx, c, reason)
	}
	return found, nil
}

// expire revokes the grant of a session that is over.
func (s *Service) expire(ctx context.Context, c authority.Caller, reason string) error {
	e := c.Entry("grant/" + authority.EncodeGrant(c.Grant()))
	e.Verb, e.Reason = VerbUse, reason
	s.core.Refuse(e)
	err := s.core.Revoke(ctx, c.Home(), authority.Target{Scope: authority.ScopeGrant, ID: c.Grant()})
	if err != nil && authority.CodeOf(err) != authority.NotFound {
		return err
	}
	return noSession()
}

func noSession() *authority.Error {
	return authority.E(authority.InvalidToken, "the session is over: sign in again")
}

// Languages lists what SetLanguage takes.
func Languages() []string { return []string{"en", "ru"} }

// Themes lists what SetTheme takes; "auto" follows the browser.
func Themes() []string { return []string{"auto", "light", "dark"} }

// SetLanguage keeps the language that the user wants. InvalidValue for one that
// there is not.
func (s *Service) SetLanguage(ctx context.Context, c authority.Caller, value string) error {
	return s.choose(ctx, c, Choice{Language: value}, slices.Contains(Languages(), value))
}

// SetTheme keeps the theme that the user wants. InvalidValue for one that there
// is not.
func (s *Service) SetTheme(ctx context.Context, c authority.Caller, value string) error {
	return s.choose(ctx, c, Choice{Theme: value}, slices.Contains(Themes(), value))
}

func (s *Service) choose(ctx context.Context, c authority.Caller, choice Choice, known bool) error {
	if !known {
		return authority.E(authority.InvalidValue, "there is no such choice")
	}
	if c.Principal().ID == 0 {
		return noSession()
	}
	choice.Principal, choice.Account = c.Principal().ID, c.Principal().Account
	return s.store.Choose(ctx, choice)
}
