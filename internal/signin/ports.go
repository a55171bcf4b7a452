package signin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// Core is what the Service needs of the core; *authority.Authority is one.
type Core interface {
	// Prove compares a login and password and issues nothing.
	Prove(ctx context.Context, o authority.Origin, login string, password authority.Secret) (authority.Proof, error)
	// Vouch stands for a user who has proven himself here.
	Vouch(ctx context.Context, o authority.Origin, user authority.ID) (authority.Proof, error)
	// VouchLogin stands for a user who has proven himself to a provider.
	VouchLogin(ctx context.Context, o authority.Origin, login string) (authority.Proof, error)
	// IssueProven makes the grant of a session.
	IssueProven(ctx context.Context, req authority.ProvenRequest) (authority.Issued, error)
	// Try counts what is refused, so that nobody guesses for long.
	Try(ctx context.Context, verb string, at authority.Attempt, try func() error) error
	// Revoke makes targets of the caller's account refused from its return on.
	Revoke(ctx context.Context, c authority.Caller, targets ...authority.Target) error
	// Refuse notes a refusal that was decided here.
	Refuse(e authority.Entry)
}

// Store is what the Service needs of storage. Each writing method is one durable
// transaction; what is not there is NotFound.
type Store interface {
	Sessions
	Codes
	Attempts
	Passkeys
}

// Sessions keeps sessions and what their users chose.
type Sessions interface {
	// CreateSession keeps a new session, and lets those of its principal go that
	// are over.
	CreateSession(ctx context.Context, stand authority.Stand, s Session) error
	// Session reads one with its user's choices.
	Session(ctx context.Context, grant authority.ID) (Session, error)
	// Sessions lists those of a principal whose grant lives, the newest first.
	Sessions(ctx context.Context, principal authority.ID, now time.Time) ([]Session, error)
	// NoteSession moves Seen on to at.
	NoteSession(ctx context.Context, grant authority.ID, at time.Time) error
	// ProveSession moves Seen and Proven on to at.
	ProveSession(ctx context.Context, grant authority.ID, at time.Time) error
	// Choose keeps the choices that are not empty.
	Choose(ctx context.Context, choice Choice) error
}

// Codes keeps the secrets behind codes that a user types in.
type Codes interface {
	// TOTP reads that of a principal.
	TOTP(ctx context.Context, principal authority.ID) (TOTP, error)
	// SetTOTP keeps a new one in the place of any former.
	SetTOTP(ctx context.Context, ch Change, t TOTP) error
	// RemoveTOTP takes it away; with the last second factor the recovery codes
	// leave too.
	RemoveTOTP(ctx context.Context, ch Change) error
	// RecoveryCodes lists those of a principal that were not used.
	RecoveryCodes(ctx context.Context, principal authority.ID) ([]RecoveryCode, error)
	// SetRecoveryCodes keeps new ones in the place of all former.
	SetRecoveryCodes(ctx context.Context, ch Change, codes []RecoveryCode) error
	// UseRecoveryCode takes one away. NotFound when it is gone.
	UseRecoveryCode(ctx context.Context, ch Change, id authority.ID) error
}

// Attempts keeps what became of the codes that were typed in.
type Attempts interface {
	// UseTOTP notes that the code of step was taken and forgets the misses.
	// Conflict when that step, or a later one, was taken before.
	UseTOTP(ctx context.Context, principal authority.ID, step int64, at time.Time) error
	// MissTOTP notes a wrong code.
	MissTOTP(ctx context.Context, principal authority.ID, at time.Time) error
	// Spend notes that something was used. Conflict when it was before.
	Spend(ctx context.Context, what Spent) error
	// WasSpent reports whether Spend has noted it.
	WasSpent(ctx context.Context, digest []byte) (bool, error)
}

// Passkeys keeps passkeys.
type Passkeys interface {
	// Passkeys lists those of a principal, the oldest first.
	Passkeys(ctx context.Context, principal authority.ID) ([]Passkey, error)
	// AddPasskey keeps a new one. Conflict when it is somebody's already, or the
	// ceremony was finished before.
	AddPasskey(ctx context.Context, ch Change, p Passkey, ceremony Spent) error
	// UsePasskey keeps what a use changed. Conflict when the ceremony was
	// finished before.
	UsePasskey(ctx context.Context, p Passkey, ceremony Spent) error
	// RenamePasskey gives it another name.
	RenamePasskey(ctx context.Context, ch Change, id authority.ID, name string) error
	// RemovePasskey takes it away; with the last second factor the recovery codes
	// leave too.
	RemovePasskey(ctx context.Context, ch Change, id authority.ID) error
}

// Change is what every change of a user's own factors carries: whose they are,
// and the audit entry that is written with it.
type Change struct {
	Account, Principal authority.ID
	Now                time.Time
	Entry              authority.Entry
}

// Choice is what a user likes to look at.
type Choice struct {
	Principal, Account authority.ID
	Language, Theme    string // "" = as before
}

// TOTP is a secret that codes of 30 seconds are made from. RFC 6238.
type TOTP struct {
	Sealed  []byte
	Step    int64 // the last one whose code was taken
	Misses  int   // wrong codes since then
	Missed  time.Time
	Created time.Time
	Used    time.Time // zero = never
}

// RecoveryCode stands in for a lost second factor, once.
type RecoveryCode struct {
	ID     authority.ID
	Sealed []byte // a hash of it
}

// Passkey is a key pair that the user's device keeps the private half of.
type Passkey struct {
	ID         authority.ID
	Account    authority.ID
	Principal  authority.ID
	Credential []byte // the id that the device gave it
	Record     string // public data about it
	Name       string
	Created    time.Time
	Used       time.Time // zero = never
}

// Spent names what may be used once, until nobody could use it anyway.
type Spent struct {
	Digest []byte
	Until  time.Time
}
