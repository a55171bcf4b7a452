package admin

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Import asks for a secret that another system gave out to work here as it is,
// and for its holder where there is none yet. A zero field says nothing: it is
// not compared with what is there.
type Import struct {
	Kind        authority.CredentialKind
	Name        string // of the service user, application or user
	Login       string // of the user, or whose access key it is
	Group       string // users
	Roles       []authority.ID
	Areas       authority.Areas
	ClientID    string           // access keys and applications
	Secret      authority.Secret // the whole text; of a user his password's hash
	Dialect     string           // applications
	Traits      authority.Traits // applications; but for their owner
	Owner       string           // login of the user that an application acts as
	Description string
	Expires     time.Time
	Allow       []netip.Prefix
	Try         bool // change nothing, only say what would be done
}

// ImportCreation is what the store writes for an imported secret unless it is
// there. Same are the digests that it may be stored under.
type ImportCreation struct {
	Holder     PrincipalCreation
	Role       authority.Role // that an integration is made with when none is given to it
	Credential CredentialCreation
	Same       [][]byte
	Owner      string // login of the user that a new application acts as
	Alone      bool   // the holder has no other unrevoked secret of the kind
	Try        bool
}

// Imports keeps what other systems made.
type Imports interface {
	// ImportCredential writes n unless it is there, and says whether it did.
	// Conflict names what differs when something else is there: then nothing is
	// changed.
	ImportCredential(ctx context.Context, ch Change, n ImportCreation) (added bool, err error)
}

// Shortest and longest secret that is taken from another system.
const (
	minSecret   = 16
	maxSecret   = 8 << 10
	maxClientID = 128
)

// ImportCredential makes a secret of another system work here, with its holder.
// What is there already stays as it is: the same again adds nothing, something
// else is a Conflict that names what differs. No error holds the secret.
func (s *Service) ImportCredential(ctx context.Context, c authority.Caller, n Import) (added bool, err error) {
	if _, err := inside(c, permissionFor(holderOf(n.Kind))); err != nil {
		return false, err
	}
	id := authority.NewID()
	ch, err := s.change(c, act{permissionFor(holderOf(n.Kind)), "credential.import", "credential", id})
	if err != nil {
		return false, err
	}
	creation, err := s.importCreation(ch, n)
	if err != nil {
		return false, err
	}
	creation.Credential.Credential.ID = id
	return s.ports.Imports.ImportCredential(ctx, ch, creation)
}

// holderOf is the kind of principal that has secrets of a kind.
func holderOf(kind authority.CredentialKind) authority.PrincipalKind {
	switch kind {
	case authority.Password, authority.AccessKey:
		return authority.User
	case authority.ServiceToken:
		return authority.ServiceUser
	case authority.ApplicationSecret:
		return authority.Application
	case authority.AuthorizationToken:
		return authority.Integration
	}
	return ""
}

func (s *Service) importCreation(ch Change, n Import) (ImportCreation, error) {
	holder, err := s.importHolder(ch, n)
	if err != nil {
		return ImportCreation{}, err
	}
	if n.Kind == authority.AuthorizationToken {
		if n.Dialect, err = s.integrationDialect(); err != nil {
			return ImportCreation{}, err
		}
	}
	out := ImportCreation{Holder: PrincipalCreation{Principal: holder}, Try: n.Try, Owner: n.Owner, Alone: n.Kind != authority.AccessKey}
	if holder.Kind == authority.Integration {
		out.Role = s.integrationRole(ch)
	}
	cred := authority.Credential{
		Account: ch.Account, Stand: ch.Stand, Kind: n.Kind, ClientID: n.ClientID, Application: n.Dialect,
		Created: ch.Now, Expires: n.Expires, Allow: n.Allow,
	}
	if err := s.expiry(n.Expires); err != nil {
		return out, err
	}
	if cred.Description, err = line("description", n.Description, maxDescription); err != nil {
		return out, err
	}
	if err := publicHalf(n); err != nil {
		return out, err
	}
	if n.Kind == authority.Password {
		cred.ClientID, out.Holder.Hash = spelling.Fold(holder.Login), n.Secret.Reveal()
		err = authority.CheckPasswordHash(out.Holder.Hash)
	} else {
		err = importedSecret(n.Secret)
	}
	if err != nil {
		return out, err
	}
	out.Credential = CredentialCreation{Credential: cred, Holder: holder.Kind}
	return out, s.recognise(ch.Stand, n.Secret, &out)
}

// recognise fills in under what the secret is found again. A password's hash is
// too, since it is made anew at the first sign-in; no pepper is kept for it.
func (s *Service) recognise(stand authority.Stand, secret authority.Secret, n *ImportCreation) (err error) {
	kind := n.Credential.Credential.Kind
	if n.Credential.Digest, n.Credential.Pepper, err = s.digests.Digest(stand, kind, secret); err != nil {
		return err
	}
	if kind == authority.Password {
		n.Credential.Pepper = 0
	}
	n.Same, err = s.digests.Every(stand, kind, secret)
	return err
}

// importHolder makes the principal that is written where there is none.
func (s *Service) importHolder(ch Change, n Import) (authority.Principal, error) {
	p := authority.Principal{
		ID: authority.NewID(), Account: ch.Account, Kind: holderOf(n.Kind), Created: ch.Now,
		Roles: distinct(n.Roles), Areas: orderly(n.Areas),
	}
	var err error
	switch p.Kind {
	case authority.User:
		err = importUser(&p, n)
	case authority.ServiceUser:
		p.Name, err = name(n.Name)
	case authority.Application:
		err = s.importApplication(&p, n)
	case authority.Integration:
		p.Name, p.Areas = IntegrationName, authority.Areas{All: true}
	default:
		err = invalid("kind", "is no kind of credential")
	}
	return p, err
}

func importUser(p *authority.Principal, n Import) (err error) {
	if p.Login, err = login(n.Login); err != nil {
		return err
	}
	if p.Group, err = group(n.Group); err != nil {
		return err
	}
	p.Name, err = line("name", n.Name, maxName)
	return err
}

func (s *Service) importApplication(p *authority.Principal, n Import) (err error) {
	if !s.has(n.Dialect) {
		return invalid("dialect", "is no dialect of this server")
	}
	if p.Name, err = name(n.Name); err != nil {
		return err
	}
	if p.Traits, err = traits(n.Traits); err != nil {
		return err
	}
	return returns(p.Traits)
}

// publicHalf checks the client id of those that have one. It is sent before a
// colon in Basic: RFC 7617 §2.
func publicHalf(n Import) error {
	if n.Kind != authority.AccessKey && n.Kind != authority.ApplicationSecret {
		return nil
	}
	bad := func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }
	if n.ClientID == "" || len(n.ClientID) > maxClientID || strings.ContainsFunc(n.ClientID, bad) {
		return invalid("client_id", "has 1 to 128 visible Latin characters without a colon")
	}
	return nil
}

// importedSecret checks a secret of another system. One of our own form names a
// row, which another deployment's does not.
func importedSecret(secret authority.Secret) error {
	text := secret.Reveal()
	bad := func(r rune) bool { return r <= ' ' || r == utf8.RuneError || unseen(r) }
	switch {
	case len(text) < minSecret || len(text) > maxSecret:
		return invalid("secret", "has 16 to 8192 bytes")
	case strings.ContainsFunc(text, bad):
		return invalid("secret", "has a space or what is no text in it")
	case strings.HasPrefix(text, "pk_"):
		return invalid("secret", "is one that Propusk made: make a new one here")
	}
	return nil
}

// Differences names what n says that p, which is there, is not. Zero fields of n
// say nothing.
func (n ImportCreation) Differences(p authority.Principal) []string {
	want := n.Holder.Principal
	var out []string
	for _, d := range []struct {
		field  string
		differ bool
	}{
		{"name", want.Name != "" && want.Name != p.Name},
		{"group", want.Group != "" && want.Group != p.Group},
		{"roles", len(want.Roles) > 0 && !slices.Equal(want.Roles, p.Roles)},
		{"areas", areasDiffer(want.Areas, p.Areas)},
		{"owner", want.Traits.Owner != 0 && want.Traits.Owner != p.Traits.Owner},
		{"type", want.Traits.Type != "" && want.Traits.Type != p.Traits.Type},
		{"access", want.Traits.Access != "" && want.Traits.Access != p.Traits.Access},
		{"redirect_uris", len(want.Traits.RedirectURIs) > 0 && !slices.Equal(want.Traits.RedirectURIs, p.Traits.RedirectURIs)},
	} {
		if d.differ {
			out = append(out, d.field)
		}
	}
	return out
}

func areasDiffer(want, have authority.Areas) bool {
	said := want.All || len(want.IDs) > 0
	return said && (want.All != have.All || !slices.Equal(want.IDs, have.IDs))
}

// CredentialDifferences names what n says of the secret that c, which is there
// with the same secret, is not.
func (n ImportCreation) CredentialDifferences(c Credential) []string {
	want := n.Credential.Credential
	var out []string
	if !want.Expires.IsZero() && want.Expires.UnixMilli() != c.Expires.UnixMilli() {
		out = append(out, "expires")
	}
	if len(want.Allow) > 0 && !slices.Equal(want.Allow, c.Allow) {
		out = append(out, "allow")
	}
	if want.Description != "" && want.Description != c.Description {
		out = append(out, "description")
	}
	if want.Application != c.Application {
		out = append(out, "dialect")
	}
	return out
}
