package signin

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"net"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"propusk/internal/authority"
)

// Ceremony is what the browser needs to talk to the user's device: Options for
// navigator.credentials, and a Ticket that comes back with the device's answer.
// Web Authentication Level 3 §1.2.
type Ceremony struct {
	Options any
	Ticket  authority.Secret
}

// What a ceremony is for. One is never taken for another.
const (
	forEntry  = "entry"  // sign-in without a password
	forSecond = "second" // after a password
	forProof  = "proof"  // in a session
	forAdding = "adding" // of a new passkey
)

// ceremony is what the ticket holds.
type ceremony struct {
	For     string
	User    authority.ID // 0 = whoever it is
	Session webauthn.SessionData
}

// PasskeysHere reports whether browsers take passkeys at the console's address:
// they do not where it is a bare IP address.
func (s *Service) PasskeysHere() bool {
	_, err := s.party()
	return err == nil
}

// party is this console as authenticators know it: the name in its outside
// address. Web Authentication Level 3 §5.1.2.
func (s *Service) party() (*webauthn.WebAuthn, error) {
	origin, host, ok := s.origin()
	if !ok {
		return nil, authority.E(authority.Conflict, "browsers take passkeys only where the console has a name: set base_url.console")
	}
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: productName, RPOrigins: []string{origin}})
	if err != nil {
		return nil, authority.Wrap(authority.Internal, "the console's address takes no passkeys", err)
	}
	return w, nil
}

// origin gives the console's origin and host name. Loopback counts as localhost,
// which browsers take; ok is false for another bare address.
func (s *Service) origin() (origin, host string, ok bool) {
	u, err := url.Parse(s.url())
	if err != nil || u.Hostname() == "" {
		return "", "", false
	}
	ip := net.ParseIP(u.Hostname())
	if ip == nil {
		return u.Scheme + "://" + u.Host, u.Hostname(), true
	}
	if !ip.IsLoopback() {
		return "", "", false
	}
	host = "localhost"
	if u.Port() != "" {
		host = net.JoinHostPort(host, u.Port())
	}
	return u.Scheme + "://" + host, "localhost", true
}

// person is a user as authenticators know him.
type person struct {
	id          authority.ID
	login, name string
	keys        []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (p person) WebAuthnID() []byte { return binary.BigEndian.AppendUint64(nil, uint64(p.id)) }

// WebAuthnName implements webauthn.User.
func (p person) WebAuthnName() string { return p.login }

// WebAuthnDisplayName implements webauthn.User.
func (p person) WebAuthnDisplayName() string { return p.name }

// WebAuthnCredentials implements webauthn.User.
func (p person) WebAuthnCredentials() []webauthn.Credential { return p.keys }

// person reads a user's passkeys.
func (s *Service) person(ctx context.Context, p authority.Principal) (person, []Passkey, error) {
	out := person{id: p.ID, login: p.Login, name: p.Name}
	if out.name == "" {
		out.name = p.Login
	}
	found, err := s.store.Passkeys(ctx, p.ID)
	if err != nil {
		return out, nil, err
	}
	for _, k := range found {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(k.Record), &c); err != nil {
			return out, nil, authority.Wrap(authority.Internal, "a stored passkey cannot be read", err)
		}
		out.keys = append(out.keys, c)
	}
	return out, found, nil
}

// BeginSignIn begins a sign-in with a passkey alone: the device says whose it is.
func (s *Service) BeginSignIn(v Visit) (Ceremony, error) {
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, authority.Wrap(authority.Internal, "a passkey could not be asked for", err)
	}
	return s.begun(v.Origin.Stand, options, ceremony{For: forEntry, Session: *session})
}

func (s *Service) begun(stand authority.Stand, options any, c ceremony) (Ceremony, error) {
	t, err := s.seal(stand, ticketPasskey, c)
	return Ceremony{options, t}, err
}

// SignInWithPasskey lets the user in whose passkey has answered. InvalidGrant for everything
// that is refused; Forbidden for a user whom the console has no page for.
func (s *Service) SignInWithPasskey(ctx context.Context, v Visit, ticket authority.Secret, answer []byte) (Opened, error) {
	v.Origin.Verb, v.Origin.Door = VerbBegin, MethodPasskey
	c, parsed, err := s.answered(v.Origin, ticket, answer, ceremony{For: forEntry})
	if err != nil {
		return Opened{}, err
	}
	handle := parsed.Response.UserHandle
	if len(handle) != 8 {
		return Opened{}, s.refuse(v.Origin, VerbBegin, "passkey_unknown", authority.Principal{}, wrongPasskey())
	}
	user := authority.ID(binary.BigEndian.Uint64(handle))
	proof, err := s.core.Vouch(ctx, v.Origin, user)
	if authority.CodeOf(err) == authority.InvalidGrant {
		return Opened{}, wrongPasskey() // noted already
	}
	if err != nil {
		return Opened{}, err
	}
	if err := s.checkPasskey(ctx, v.Origin, proof.Holder().Principal, c, parsed); err != nil {
		return Opened{}, err
	}
	return s.open(ctx, v, proof, MethodPasskey)
}

// BeginSecond begins a second step with a passkey.
func (s *Service) BeginSecond(ctx context.Context, v Visit, pending authority.Secret) (Ceremony, error) {
	p, err := s.pending(ctx, v.Origin, pending)
	if err != nil {
		return Ceremony{}, err
	}
	return s.beginFor(ctx, v.Origin.Stand, p.user(), forSecond)
}

// SecondWithPasskey takes the second step with a passkey. Errors are those of
// SignInWithPasskey.
func (s *Service) SecondWithPasskey(ctx context.Context, v Visit, pending, ticket authority.Secret, answer []byte) (Opened, error) {
	v.Origin.Door = MethodSecond
	p, err := s.pending(ctx, v.Origin, pending)
	if err != nil {
		return Opened{}, err
	}
	c, parsed, err := s.answered(v.Origin, ticket, answer, ceremony{For: forSecond, User: p.User})
	if err != nil {
		return Opened{}, err
	}
	if err := s.checkPasskey(ctx, v.Origin, p.user(), c, parsed); err != nil {
		return Opened{}, err
	}
	return s.openSecond(ctx, v, p)
}

func (s *Service) beginFor(ctx context.Context, stand authority.Stand, user authority.Principal, what string) (Ceremony, error) {
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	p, _, err := s.person(ctx, user)
	if err != nil {
		return Ceremony{}, err
	}
	if len(p.keys) == 0 {
		return Ceremony{}, authority.E(authority.Conflict, "there is no passkey")
	}
	options, session, err := party.BeginLogin(p, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, authority.Wrap(authority.Internal, "a passkey could not be asked for", err)
	}
	return s.begun(stand, options, ceremony{For: what, User: user.ID, Session: *session})
}

// answered reads a ticket and the device's answer to it.
func (s *Service) answered(o authority.Origin, ticket authority.Secret, answer []byte, want ceremony) (ceremony, *protocol.ParsedCredentialAssertionData, error) {
	var c ceremony
	if err := s.unseal(o.Stand, ticketPasskey, ticket, &c); err != nil {
		return c, nil, err
	}
	if c.For != want.For || c.User != want.User {
		return c, nil, stepOver()
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return c, nil, authority.Wrap(authority.Malformed, "the passkey's answer cannot be read", err)
	}
	return c, parsed, nil
}

// checkPasskey verifies what the device answered and keeps what changed: how
// often it signed, and that this ceremony is over.
func (s *Service) checkPasskey(ctx context.Context, o authority.Origin, user authority.Principal, c ceremony, answer *protocol.ParsedCredentialAssertionData) error {
	return s.core.Try(ctx, VerbFactor, attemptAt(o, user), func() error {
		p, found, err := s.person(ctx, user)
		if err != nil {
			return err
		}
		credential, err := s.verify(p, c, answer)
		if err != nil {
			return s.refuse(o, VerbFactor, "passkey_wrong", user, authority.Wrap(authority.InvalidGrant, wrongPasskey().Message, err))
		}
		if credential.Authenticator.CloneWarning {
			return s.refuse(o, VerbFactor, "passkey_copied", user, wrongPasskey())
		}
		used, err := s.usedPasskey(found, credential)
		if err != nil {
			return err
		}
		err = s.store.UsePasskey(ctx, used, s.spent(c))
		if authority.CodeOf(err) == authority.Conflict {
			return s.refuse(o, VerbFactor, "passkey_replayed", user, wrongPasskey())
		}
		return err
	})
}

func (s *Service) verify(p person, c ceremony, answer *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	party, err := s.party()
	if err != nil {
		return nil, err
	}
	if c.User != 0 {
		return party.ValidateLogin(p, c.Session, answer)
	}
	_, credential, err := party.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return p, nil }, c.Session, answer)
	return credential, err
}

// usedPasskey is the row of a passkey after its use.
func (s *Service) usedPasskey(found []Passkey, credential *webauthn.Credential) (Passkey, error) {
	for _, k := range found {
		if string(k.Credential) != string(credential.ID) {
			continue
		}
		record, err := json.Marshal(credential)
		k.Record, k.Used = string(record), s.now()
		return k, err
	}
	return Passkey{}, authority.E(authority.Internal, "a passkey that was verified is not there")
}

// spent names a ceremony that is over, until its ticket is.
func (s *Service) spent(c ceremony) Spent {
	sum := sha256.Sum256([]byte("passkey/" + c.Session.Challenge))
	return Spent{Digest: sum[:], Until: s.now().Add(StepLife)}
}

func wrongPasskey() *authority.Error {
	return authority.E(authority.InvalidGrant, "the passkey is not known here")
}

// BeginAddPasskey begins the making of a new passkey for the caller. The device
// must be able to say whose it is and to recognise its user.
func (s *Service) BeginAddPasskey(ctx context.Context, c authority.Caller) (Ceremony, error) {
	if _, err := s.change(ctx, c, VerbAdd, ""); err != nil {
		return Ceremony{}, err
	}
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	p, _, err := s.person(ctx, c.Principal())
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := party.BeginRegistration(p,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation),
		webauthn.WithExclusions(webauthn.Credentials(p.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, authority.Wrap(authority.Internal, "a passkey could not be asked for", err)
	}
	return s.begun(c.Stand(), options, ceremony{For: forAdding, User: p.id, Session: *session})
}

// NewPasskey is what a device has made, with the name that its user gave it.
type NewPasskey struct {
	Ticket authority.Secret
	Name   string
	Answer []byte
}

// AddPasskey keeps a new passkey of the caller. With the first second factor of a
// user it gives his recovery codes, shown this once.
func (s *Service) AddPasskey(ctx context.Context, c authority.Caller, n NewPasskey) ([]authority.Secret, error) {
	id := authority.NewID()
	ch, err := s.change(ctx, c, VerbAdd, "passkey/"+number(id))
	if err != nil {
		return nil, err
	}
	name, err := passkeyName(n.Name)
	if err != nil {
		return nil, err
	}
	credential, spent, err := s.made(ctx, c, n)
	if err != nil {
		return nil, err
	}
	record, err := json.Marshal(credential)
	if err != nil {
		return nil, err
	}
	err = s.store.AddPasskey(ctx, ch, Passkey{
		ID: id, Account: ch.Account, Principal: ch.Principal, Credential: credential.ID,
		Record: string(record), Name: name, Created: ch.Now,
	}, spent)
	if err != nil {
		return nil, err
	}
	return s.firstRecovery(ctx, c)
}

// made verifies a new passkey.
func (s *Service) made(ctx context.Context, c authority.Caller, n NewPasskey) (*webauthn.Credential, Spent, error) {
	var begun ceremony
	if err := s.unseal(c.Stand(), ticketPasskey, n.Ticket, &begun); err != nil {
		return nil, Spent{}, err
	}
	if begun.For != forAdding || begun.User != c.Principal().ID {
		return nil, Spent{}, stepOver()
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(n.Answer)
	if err != nil {
		return nil, Spent{}, authority.Wrap(authority.Malformed, "the passkey's answer cannot be read", err)
	}
	party, err := s.party()
	if err != nil {
		return nil, Spent{}, err
	}
	p, _, err := s.person(ctx, c.Principal())
	if err != nil {
		return nil, Spent{}, err
	}
	credential, err := party.CreateCredential(p, begun.Session, parsed)
	if err != nil {
		return nil, Spent{}, authority.Wrap(authority.InvalidValue, "the device's answer does not fit: try again", err)
	}
	return credential, s.spent(begun), nil
}
