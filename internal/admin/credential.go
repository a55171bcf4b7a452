package admin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"propusk/internal/authority"
)

// MaxOverlap is how long a replaced secret may work on. docs/dialects/hubex.md
const MaxOverlap = 7 * 24 * time.Hour

// Credential is a long-lived secret as lists show it: without the secret. Ends
// is when a replaced one dies; zero = it is not dying.
type Credential struct {
	authority.Credential

	Holder authority.PrincipalKind
	Ends   time.Time
}

// NewSecret is a credential that was made now. Secret is shown this once and
// stored nowhere.
type NewSecret struct {
	Credential authority.Credential
	Secret     authority.Secret
}

// CredentialCreation is what the store writes for a new secret. Holder is the
// kind that its principal must be of.
type CredentialCreation struct {
	Credential authority.Credential
	Holder     authority.PrincipalKind
	Digest     []byte
	Pepper     int
	Former     Former
}

// Former says what becomes of the secrets of the same kind that the principal
// has. The zero Former leaves them.
type Former struct {
	Replaced bool
	Ends     time.Time // when they die; zero = at once
}

// Over gives when a former secret dies that was to die at ends (zero = never):
// a second replacement never prolongs it.
func (f Former) Over(ends time.Time) time.Time {
	if ends.IsZero() || f.Ends.Before(ends) {
		return f.Ends
	}
	return ends
}

// issue is how secrets of one kind are made.
type issue struct {
	kind       authority.CredentialKind
	holder     authority.PrincipalKind
	clientID   string
	dialect    string
	permission authority.Permission
	verb       string
	replaces   bool
}

// generate makes a secret of a principal.
func (s *Service) generate(ctx context.Context, c authority.Caller, g Generate, i issue) (NewSecret, error) {
	description, err := line("description", g.Description, maxDescription)
	if err != nil {
		return NewSecret{}, err
	}
	if err := s.expiry(g.Expires); err != nil {
		return NewSecret{}, err
	}
	if g.Overlap < 0 || g.Overlap > MaxOverlap {
		return NewSecret{}, invalid("overlap", "must lie between 0 and 7 days")
	}
	g.Description = description
	var out NewSecret
	err = fresh(func(id authority.ID) error {
		out, err = s.generateAs(ctx, c, g, i, id)
		return err
	})
	if err != nil {
		return NewSecret{}, err
	}
	return out, nil
}

func (s *Service) generateAs(ctx context.Context, c authority.Caller, g Generate, i issue, id authority.ID) (NewSecret, error) {
	ch, err := s.change(c, act{i.permission, i.verb, "credential", id})
	if err != nil {
		return NewSecret{}, err
	}
	cred := authority.Credential{
		ID: id, Account: ch.Account, Principal: g.Principal, Stand: ch.Stand, Kind: i.kind, ClientID: i.clientID,
		Application: i.dialect, Description: g.Description, Created: ch.Now, Expires: g.Expires,
	}
	secret, err := s.secretText(ctx, cred)
	if err != nil {
		return NewSecret{}, err
	}
	if i.kind == authority.AccessKey {
		cred.ClientID, secret = random44(), authority.NewSecret(random44())
	}
	creation := CredentialCreation{Credential: cred, Holder: i.holder, Former: Former{Replaced: i.replaces}}
	if creation.Digest, creation.Pepper, err = s.digests.Digest(ch.Stand, i.kind, secret); err != nil {
		return NewSecret{}, err
	}
	if g.Overlap > 0 {
		creation.Former.Ends = ch.Now.Add(g.Overlap)
	}
	return NewSecret{Credential: cred, Secret: secret}, s.ports.Credentials.AddCredential(ctx, ch, creation)
}

// random44 makes the documented form of both halves of an access key: padded
// URL-safe base64 of 32 bytes. docs/dialects/element.md
func random44() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])
}

func (s *Service) expiry(at time.Time) error {
	if !at.IsZero() && !at.After(s.now()) {
		return invalid("expires", "must lie ahead")
	}
	return nil
}

// Credentials lists the secrets of a principal, newest first, revoked ones
// included. A caller sees his own without AccountRead.
func (s *Service) Credentials(ctx context.Context, c authority.Caller, principal authority.ID) ([]Credential, error) {
	needed := []authority.Permission{AccountRead, UsersManage, ServiceUsersManage, ApplicationsManage}
	if principal == c.Principal().ID {
		needed = []authority.Permission{""}
	}
	account, err := inside(c, needed...)
	if err != nil {
		return nil, err
	}
	return s.ports.Credentials.Credentials(ctx, account, principal)
}

// RevokeCredential ends a secret, and a dying one before its time, with
// everything that was made from it.
func (s *Service) RevokeCredential(ctx context.Context, c authority.Caller, id authority.ID) error {
	account, err := inside(c, "")
	if err != nil {
		return err
	}
	found, err := s.ports.Credentials.Credential(ctx, account, id)
	if err != nil {
		return err
	}
	permission := permissionFor(found.Holder)
	if found.Kind == authority.AccessKey && found.Principal == c.Principal().ID && c.Can(KeysManage) {
		permission = KeysManage
	}
	if found.Kind == authority.Password {
		return authority.E(authority.Conflict, "a password is not revoked: set another or disable the user")
	}
	ch, err := s.change(c, act{permission, "credential.revoke", "credential", id})
	if err != nil {
		return err
	}
	return s.ports.Credentials.RevokeCredential(ctx, ch, id)
}

// EndOverlaps ends the replaced secrets whose time has come, with everything
// that was made from them, and says how many and when the next one is due; zero =
// there is none. The server calls it each second, at those times, and once before
// it serves.
func (s *Service) EndOverlaps(ctx context.Context) (ended int, next time.Time, err error) {
	ch := s.begin(authority.System("", authority.Account{}, "credential.end", "overlap_ended"), act{})
	return s.ports.Credentials.EndOverlaps(ctx, ch)
}

// CredentialObject names a credential for the audit.
func CredentialObject(id authority.ID) string { return object("credential", id) }
