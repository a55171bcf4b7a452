package signin

import (
	"context"
	"crypto/rand"
	"net/netip"
	"strings"
	"time"

	"propusk/internal/authority"
)

// The ways of proving who one is, as sessions and the audit name them.
const (
	MethodPassword = "password"
	MethodTOTP     = "password+totp"
	MethodRecovery = "password+recovery_code"
	MethodSecond   = "password+passkey"
	MethodPasskey  = "passkey"
	MethodProvider = "provider"
)

// doorCode is the door of a code that is shown alone, in a session.
const doorCode = "totp"

// Opened is a new session. Token is for the browser's cookie alone.
type Opened struct {
	Token   authority.Secret
	Session Session
}

// Step is what comes of a right password: a session, or a second step that
// Pending opens.
type Step struct {
	Opened
	Pending authority.Secret // empty = Opened is there
	Factors Factors          // that the user has, with Pending
}

// Password lets a user in with login and password, or asks him for a second
// factor where he has one. InvalidGrant for everything that is refused, all
// alike; Forbidden for a user whom the console has no page for; LimitExceeded;
// Unavailable.
func (s *Service) Password(ctx context.Context, v Visit, login string, password authority.Secret) (Step, error) {
	v.Origin.Verb, v.Origin.Door = VerbBegin, MethodPassword
	proof, err := s.core.Prove(ctx, v.Origin, login, password)
	if err != nil {
		return Step{}, err
	}
	user := proof.Holder().Principal
	factors, err := s.factors(ctx, user.ID)
	if err != nil {
		return Step{}, err
	}
	if !factors.Any() || s.admit(proof.Holder()) != nil { // open refuses him to whom no page is open
		opened, err := s.open(ctx, v, proof, MethodPassword)
		return Step{Opened: opened}, err
	}
	pending, err := s.seal(v.Origin.Stand, ticketPending, pendingStep{user.ID, proof.Revision(), rand.Text()})
	return Step{Pending: pending, Factors: factors}, err
}

// Pending tells what a second step can be taken with. InvalidGrant for one that
// is over.
func (s *Service) Pending(ctx context.Context, v Visit, pending authority.Secret) (Factors, error) {
	p, err := s.pending(ctx, v.Origin, pending)
	if err != nil {
		return Factors{}, err
	}
	return s.factors(ctx, p.User)
}

// Code takes the second step with a code of the user's authenticator. Errors are
// those of Password.
func (s *Service) Code(ctx context.Context, v Visit, pending authority.Secret, code string) (Opened, error) {
	v.Origin.Door = MethodTOTP
	p, err := s.pending(ctx, v.Origin, pending)
	if err != nil {
		return Opened{}, err
	}
	if err := s.checkCode(ctx, v.Origin, p.user(), code); err != nil {
		return Opened{}, err
	}
	return s.openSecond(ctx, v, p)
}

// RecoveryCode takes the second step with one of the codes for a lost factor,
// which is then used up. Errors are those of Password.
func (s *Service) RecoveryCode(ctx context.Context, v Visit, pending authority.Secret, code string) (Opened, error) {
	v.Origin.Door = MethodRecovery
	p, err := s.pending(ctx, v.Origin, pending)
	if err != nil {
		return Opened{}, err
	}
	if err := s.checkRecovery(ctx, v.Origin, p.user(), code); err != nil {
		return Opened{}, err
	}
	return s.openSecond(ctx, v, p)
}

// entrance is how and when a user has proven himself.
type entrance struct {
	method string
	proven time.Time // zero = too long ago for secrets
}

// open makes the session of a user who has just proven himself.
func (s *Service) open(ctx context.Context, v Visit, proof authority.Proof, method string) (Opened, error) {
	return s.openProven(ctx, v, proof, entrance{method, s.now()})
}

func (s *Service) openProven(ctx context.Context, v Visit, proof authority.Proof, by entrance) (Opened, error) {
	v.Origin.Door, v.Origin.Verb = by.method, VerbBegin
	issued, err := s.core.IssueProven(ctx, authority.ProvenRequest{
		Origin: v.Origin, Proof: proof, Admit: s.admit, Lifetime: s.absolute,
	})
	if err != nil {
		return Opened{}, err
	}
	now := s.now()
	session := Session{
		Grant: issued.Grant, Account: issued.Caller.Account().ID, Principal: issued.Caller.Principal().ID,
		Method: by.method, Created: now, Seen: now, Proven: by.proven, Ends: issued.AccessExpires,
		Address: addressText(v.Origin.Address), Agent: agentText(v.Agent),
	}
	return Opened{Token: issued.Access, Session: session}, s.store.CreateSession(ctx, v.Origin.Stand, session)
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

// agentText makes what a browser calls itself fit to be kept and shown.
func agentText(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(text) > maxAgent {
		text = strings.ToValidUTF8(text[:maxAgent], "")
	}
	return text
}
