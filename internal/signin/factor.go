package signin

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pquerna/otp"

	"propusk/internal/authority"
)

// Factors are the second factors of a user.
type Factors struct {
	TOTP     time.Time // since when he has a code generator; zero = none
	Passkeys []Passkey
	Recovery int // codes that are left
}

// Any reports whether there is one: then his password alone lets nobody in.
func (f Factors) Any() bool { return !f.TOTP.IsZero() || len(f.Passkeys) > 0 }

// Factors tells what the caller's second factors are.
func (s *Service) Factors(ctx context.Context, c authority.Caller) (Factors, error) {
	return s.factors(ctx, c.Principal().ID)
}

func (s *Service) factors(ctx context.Context, user authority.ID) (f Factors, err error) {
	t, err := s.store.TOTP(ctx, user)
	if err != nil && authority.CodeOf(err) != authority.NotFound {
		return f, err
	}
	f.TOTP = t.Created
	if f.Passkeys, err = s.store.Passkeys(ctx, user); err != nil {
		return f, err
	}
	codes, err := s.store.RecoveryCodes(ctx, user)
	f.Recovery = len(codes)
	return f, err
}

// Enrolment is a code generator that is not in use yet: Text for typing, Key for
// a QR code, both shown this once. Ticket comes back with the first code.
type Enrolment struct {
	Text   authority.Secret
	Key    *otp.Key
	Ticket authority.Secret
}

// enrolment is what the ticket holds: whose secret it is.
type enrolment struct {
	User   authority.ID
	Secret string
}

const totpBytes = 20 // RFC 4226 §4

// BeginTOTP makes the secret of a new code generator for the caller. It is kept
// when its first code comes back.
func (s *Service) BeginTOTP(ctx context.Context, c authority.Caller) (Enrolment, error) {
	if _, err := s.change(ctx, c, VerbAdd, ""); err != nil {
		return Enrolment{}, err
	}
	raw := make([]byte, totpBytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	key, err := s.key(c.Principal().Login, secret)
	if err != nil {
		return Enrolment{}, err
	}
	t, err := s.seal(c.Stand(), ticketEnrol, enrolment{c.Principal().ID, secret})
	return Enrolment{authority.NewSecret(secret), key, t}, err
}

// EnrolmentOf is the enrolment behind a ticket once more, for a page that tells
// of a wrong first code.
func (s *Service) EnrolmentOf(c authority.Caller, ticket authority.Secret) (Enrolment, error) {
	var e enrolment
	if err := s.unseal(c.Stand(), ticketEnrol, ticket, &e); err != nil {
		return Enrolment{}, err
	}
	if e.User != c.Principal().ID {
		return Enrolment{}, stepOver()
	}
	key, err := s.key(c.Principal().Login, e.Secret)
	return Enrolment{authority.NewSecret(e.Secret), key, ticket}, err
}

// productName is what authenticators and passkeys call the console.
const productName = "Propusk"

func (s *Service) key(login, secret string) (*otp.Key, error) {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + productName + ":" + login}
	u.RawQuery = "secret=" + secret + "&issuer=" + url.PathEscape(productName) +
		"&algorithm=SHA1&digits=" + strconv.Itoa(codeDigits) + "&period=" + strconv.Itoa(stepSeconds)
	return otp.NewKeyFromURL(u.String())
}

// ConfirmTOTP takes the new code generator into use when code is its first. With
// the first second factor of a user it gives his recovery codes, shown this once.
func (s *Service) ConfirmTOTP(ctx context.Context, c authority.Caller, ticket authority.Secret, code string) ([]authority.Secret, error) {
	ch, err := s.change(ctx, c, VerbAdd, "totp")
	if err != nil {
		return nil, err
	}
	var e enrolment
	if err := s.unseal(c.Stand(), ticketEnrol, ticket, &e); err != nil {
		return nil, err
	}
	step, err := stepOf(e.Secret, code, ch.Now)
	if err != nil {
		return nil, err
	}
	if step == 0 || e.User != ch.Principal {
		return nil, wrongCode()
	}
	sealed := s.sealer.Seal([]byte(e.Secret), "totp", number(ch.Principal))
	if err := s.store.SetTOTP(ctx, ch, TOTP{Sealed: sealed, Step: step, Created: ch.Now}); err != nil {
		return nil, err
	}
	return s.firstRecovery(ctx, c)
}

// firstRecovery makes recovery codes for a user who has none.
func (s *Service) firstRecovery(ctx context.Context, c authority.Caller) ([]authority.Secret, error) {
	codes, err := s.store.RecoveryCodes(ctx, c.Principal().ID)
	if err != nil || len(codes) > 0 {
		return nil, err
	}
	return s.setRecovery(ctx, s.changeOf(c, VerbRecovery, "recovery_codes"))
}

// NewRecoveryCodes gives the caller a new set, shown this once; the former codes
// are worth nothing then. Conflict while he has no second factor.
func (s *Service) NewRecoveryCodes(ctx context.Context, c authority.Caller) ([]authority.Secret, error) {
	ch, err := s.change(ctx, c, VerbRecovery, "recovery_codes")
	if err != nil {
		return nil, err
	}
	f, err := s.factors(ctx, ch.Principal)
	if err != nil {
		return nil, err
	}
	if !f.Any() {
		return nil, authority.E(authority.Conflict, "there is no second factor that a code could stand in for")
	}
	return s.setRecovery(ctx, ch)
}

func (s *Service) setRecovery(ctx context.Context, ch Change) ([]authority.Secret, error) {
	shown, kept := s.newRecoveryCodes(ch.Principal)
	if err := s.store.SetRecoveryCodes(ctx, ch, kept); err != nil {
		return nil, err
	}
	return shown, nil
}

// RemoveTOTP takes the caller's code generator away.
func (s *Service) RemoveTOTP(ctx context.Context, c authority.Caller) error {
	ch, err := s.change(ctx, c, VerbRemove, "totp")
	if err != nil {
		return err
	}
	return s.store.RemoveTOTP(ctx, ch)
}

// RenamePasskey gives a passkey of the caller another name.
func (s *Service) RenamePasskey(ctx context.Context, c authority.Caller, id authority.ID, name string) error {
	ch, err := s.change(ctx, c, VerbRename, "passkey/"+number(id))
	if err != nil {
		return err
	}
	if name, err = passkeyName(name); err != nil {
		return err
	}
	return s.store.RenamePasskey(ctx, ch, id, name)
}

// RemovePasskey takes a passkey of the caller away.
func (s *Service) RemovePasskey(ctx context.Context, c authority.Caller, id authority.ID) error {
	ch, err := s.change(ctx, c, VerbRemove, "passkey/"+number(id))
	if err != nil {
		return err
	}
	return s.store.RemovePasskey(ctx, ch, id)
}

const maxPasskeyName = 64 // characters

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxPasskeyName || strings.ContainsFunc(name, unicode.IsControl) {
		return "", authority.E(authority.InvalidValue, "a name has 1 to "+strconv.Itoa(maxPasskeyName)+" characters on one line").With("field", "name")
	}
	return name, nil
}
