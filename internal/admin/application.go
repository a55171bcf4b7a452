package admin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
)

// NewApplication asks for an application of a dialect with its first secret.
type NewApplication struct {
	Name     string
	Dialect  string // that takes its client id and secret
	Roles    []authority.ID
	Areas    authority.Areas
	Expires  time.Time // of the secret; zero = never
	Traits   authority.Traits
	Disabled bool
}

// NewClient is an application with the secret that is shown this once.
type NewClient struct {
	Application authority.Principal
	Secret      NewSecret
}

// CreateApplication makes an application and its client id and secret. When the
// secret cannot be made the application is there without one: see
// RotateApplicationSecret. One with Traits.NoSecret has a client id alone.
func (s *Service) CreateApplication(ctx context.Context, c authority.Caller, n NewApplication) (NewClient, error) {
	var err error
	if n.Traits.Owner, err = s.owner(ctx, c, n.Traits.Owner); err != nil {
		return NewClient{}, err
	}
	return s.createApplication(ctx, c, ApplicationsManage, n)
}

// createApplication makes one for whoever holds may; the empty permission is for
// the user's own, of whom there are not many.
func (s *Service) createApplication(ctx context.Context, c authority.Caller, may authority.Permission, n NewApplication) (NewClient, error) {
	if err := s.wanted(&n); err != nil {
		return NewClient{}, err
	}
	creation := PrincipalCreation{Principal: authority.Principal{
		Kind: authority.Application, Name: n.Name, Roles: n.Roles, Areas: n.Areas, Traits: n.Traits, Disabled: n.Disabled,
	}}
	if may == "" {
		creation.Most = MostOwn
	}
	p, err := s.createBy(ctx, c, may, creation)
	if err != nil {
		return NewClient{}, err
	}
	secret, err := s.generate(ctx, c, Generate{Principal: p.ID, Expires: n.Expires}, clientSecret(may, s.newClientID(n.Dialect), n.Dialect))
	if n.Traits.NoSecret {
		secret.Secret = authority.Secret{} // what its grants come from is there, and nobody can show it
	}
	return NewClient{Application: p, Secret: secret}, err
}

// wanted brings what is asked for into the form that is stored.
func (s *Service) wanted(n *NewApplication) (err error) {
	if n.Name, err = name(n.Name); err != nil {
		return err
	}
	if !s.has(n.Dialect) {
		return invalid("dialect", "is no dialect of this server")
	}
	if err = s.expiry(n.Expires); err != nil {
		return err
	}
	if n.Traits, err = traits(n.Traits); err != nil {
		return err
	}
	return returns(n.Traits)
}

// owner checks the user that an application is to act as. Without one it acts
// as the user who makes it.
func (s *Service) owner(ctx context.Context, c authority.Caller, id authority.ID) (authority.ID, error) {
	if id == 0 {
		if p := c.Principal(); p.Kind == authority.User {
			id = p.ID
		}
		return id, nil
	}
	_, err := s.ports.Principals.Principal(ctx, c.Account().ID, id, authority.User)
	if authority.CodeOf(err) == authority.NotFound {
		err = invalid("owner", "is no user of the account")
	}
	return id, err
}

// newClientID makes a public client id, random: 26 characters, or the form that
// the dialect documents.
func (s *Service) newClientID(dialect string) string {
	if s.hexClients(dialect) {
		return hex32()
	}
	return strings.ToLower(rand.Text())
}

func (s *Service) hexClients(dialect string) bool {
	return slices.ContainsFunc(s.dialects, func(d Dialect) bool { return d.Name == dialect && d.HexClients })
}

// hex32 makes 128 random bits as 32 digits. docs/dialects/ringme.md §1
func hex32() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// clientSecret is how a secret of an application is made by whoever holds may.
func clientSecret(may authority.Permission, clientID, dialect string) issue {
	return issue{
		kind: authority.ApplicationSecret, holder: authority.Application, clientID: clientID, dialect: dialect,
		permission: may, verb: "application_secret.generate", replaces: true,
	}
}

// RotateApplicationSecret makes another secret under the same client id. The
// former one dies at once with everything made from it, or when the overlap is
// over.
func (s *Service) RotateApplicationSecret(ctx context.Context, c authority.Caller, g Generate) (NewSecret, error) {
	return s.rotateApplication(ctx, c, ApplicationsManage, g)
}

func (s *Service) rotateApplication(ctx context.Context, c authority.Caller, may authority.Permission, g Generate) (NewSecret, error) {
	account, err := inside(c, may)
	if err != nil {
		return NewSecret{}, err
	}
	p, err := s.ports.Principals.Principal(ctx, account, g.Principal, authority.Application)
	if err != nil {
		return NewSecret{}, err
	}
	if p.Traits.NoSecret {
		return NewSecret{}, authority.E(authority.Conflict, "the application has no secret: it was made for programs that cannot keep one")
	}
	former, err := s.ports.Credentials.Credentials(ctx, account, g.Principal)
	if err != nil {
		return NewSecret{}, err
	}
	for _, f := range former {
		if f.Kind == authority.ApplicationSecret {
			return s.generate(ctx, c, g, clientSecret(may, f.ClientID, f.Application))
		}
	}
	return NewSecret{}, authority.E(authority.Conflict, "the application never had a secret; delete it and create it again")
}

// Application reads one.
func (s *Service) Application(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error) {
	return s.principal(ctx, c, authority.Application, id)
}

// Applications lists them by name.
func (s *Service) Applications(ctx context.Context, c authority.Caller, p Page) (List[authority.Principal], error) {
	return s.principals(ctx, c, authority.Application, p)
}

// ChangeApplication applies edit; its Kind is set here.
func (s *Service) ChangeApplication(ctx context.Context, c authority.Caller, e PrincipalEdit) (authority.Principal, error) {
	e.Kind = authority.Application
	return s.changePrincipal(ctx, c, e)
}

// DeleteApplication takes an application, its secrets and its grants away.
func (s *Service) DeleteApplication(ctx context.Context, c authority.Caller, id authority.ID) error {
	return s.deletePrincipal(ctx, c, authority.Application, id)
}
