package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// NewUser asks for a user. Name empty means the login.
type NewUser struct {
	Login    string
	Name     string
	Group    string
	Password authority.Secret
	Roles    []authority.ID
	Areas    authority.Areas
	Of       authority.ID // the application whose user he is; 0 = the account's own
	KeysOff  bool         // no API's door gives him a token
	Disabled bool         // he is not let in until he is enabled
}

// CreateUser makes a user who signs in with login and password.
func (s *Service) CreateUser(ctx context.Context, c authority.Caller, n NewUser) (authority.Principal, error) {
	if _, err := inside(c, UsersManage); err != nil {
		return authority.Principal{}, err // before the costly hash
	}
	creation, err := s.newUser(ctx, n)
	if err != nil {
		return authority.Principal{}, err
	}
	return s.createPrincipal(ctx, c, creation)
}

// newUser checks n and hashes its password.
func (s *Service) newUser(ctx context.Context, n NewUser) (PrincipalCreation, error) {
	p := authority.Principal{Kind: authority.User, Roles: n.Roles, Areas: n.Areas, Of: n.Of, KeysOff: n.KeysOff, Disabled: n.Disabled}
	var err error
	if p.Login, err = login(n.Login); err != nil {
		return PrincipalCreation{}, err
	}
	if p.Name, err = line("name", n.Name, maxName); err != nil {
		return PrincipalCreation{}, err
	}
	if p.Name == "" {
		p.Name = p.Login
	}
	if p.Group, err = group(n.Group); err != nil {
		return PrincipalCreation{}, err
	}
	hash, err := s.hash(ctx, p, n.Password)
	return PrincipalCreation{Principal: p, Hash: hash}, err
}

// hash checks and hashes the password that a user is given.
func (s *Service) hash(ctx context.Context, user authority.Principal, p authority.Secret) (string, error) {
	check := password
	if !program(user) {
		check = func(p authority.Secret) error { return personPassword(user.Login, p) }
	}
	if err := check(p); err != nil {
		return "", err
	}
	return s.passwords.Hash(ctx, p)
}

// program reports a user who is a program of the company's: one of the group for
// external connections, without a role that would open it a page of the console.
func program(user authority.Principal) bool {
	return user.Group == authority.GroupExternalConnection && len(user.Roles) == 0
}

// User reads one.
func (s *Service) User(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error) {
	return s.principal(ctx, c, authority.User, id)
}

// Users lists them by name.
func (s *Service) Users(ctx context.Context, c authority.Caller, p Page) (List[authority.Principal], error) {
	return s.principals(ctx, c, authority.User, p)
}

// UsersOf lists the users of an application by name, or with 0 the account's
// own.
func (s *Service) UsersOf(ctx context.Context, c authority.Caller, of authority.ID, p Page) (List[authority.Principal], error) {
	account, err := inside(c, AccountRead, UsersManage)
	if err != nil {
		return List[authority.Principal]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Principal]{}, err
	}
	return s.ports.Principals.UsersOf(ctx, account, of, p)
}

// ChangeUser applies edit; its Kind is set here.
func (s *Service) ChangeUser(ctx context.Context, c authority.Caller, e PrincipalEdit) (authority.Principal, error) {
	e.Kind = authority.User
	return s.changePrincipal(ctx, c, e)
}

// SetPassword gives a user another password. Everything that was issued to him
// is refused from the return on.
func (s *Service) SetPassword(ctx context.Context, c authority.Caller, user authority.ID, p authority.Secret) error {
	ch, err := s.change(c, act{UsersManage, "user.password", "user", user})
	if err != nil {
		return err
	}
	found, err := s.ports.Principals.Principal(ctx, ch.Account, user, authority.User)
	if err != nil {
		return err
	}
	hash, err := s.hash(ctx, found, p)
	if err != nil {
		return err
	}
	return s.ports.Principals.SetPassword(ctx, ch, user, hash)
}

// SetOwnPassword gives the caller, a user, another password. Everything that was
// issued to him is refused from the return on. Whoever calls it has asked for the
// former password.
func (s *Service) SetOwnPassword(ctx context.Context, c authority.Caller, p authority.Secret) error {
	user := c.Principal()
	if user.Kind != authority.User || c.Away() {
		return forbidden(UsersManage)
	}
	ch := s.begin(c, act{"", "user.password", "user", user.ID})
	ch.Account = user.Account
	if err := personPassword(user.Login, p); err != nil {
		return err
	}
	hash, err := s.hash(ctx, user, p)
	if err != nil {
		return err
	}
	return s.ports.Principals.SetPassword(ctx, ch, user.ID, hash)
}

// Factors are what a user proves himself with at the console besides his
// password.
type Factors struct {
	CodesSince time.Time // of an app that makes codes; zero = none
	Passkeys   int
	Recovery   int // codes that are left
}

// Any reports whether there is one.
func (f Factors) Any() bool { return !f.CodesSince.IsZero() || f.Passkeys > 0 }

// Factors tells what second factors a user has.
func (s *Service) Factors(ctx context.Context, c authority.Caller, user authority.ID) (Factors, error) {
	account, err := inside(c, UsersManage)
	if err != nil {
		return Factors{}, err
	}
	return s.ports.People.Factors(ctx, account, user)
}

// ResetFactors takes all second factors of a user away, with his recovery codes:
// for one who has lost them. Conflict when he has none.
func (s *Service) ResetFactors(ctx context.Context, c authority.Caller, user authority.ID) error {
	ch, err := s.change(c, act{UsersManage, "factor.reset", "user", user})
	if err != nil {
		return err
	}
	return s.ports.People.ResetFactors(ctx, ch, user)
}

// DeleteUser takes a user, his secrets and his grants away.
func (s *Service) DeleteUser(ctx context.Context, c authority.Caller, id authority.ID) error {
	return s.deletePrincipal(ctx, c, authority.User, id)
}

// GenerateAccessKey makes a further access key of a user: his own with
// KeysManage, anybody's with UsersManage. Overlap is not asked: the former keys
// stay.
func (s *Service) GenerateAccessKey(ctx context.Context, c authority.Caller, g Generate) (NewSecret, error) {
	permission := UsersManage
	if g.Principal == c.Principal().ID && c.Can(KeysManage) {
		permission = KeysManage
	}
	return s.generate(ctx, c, g, issue{
		kind: authority.AccessKey, holder: authority.User,
		permission: permission, verb: "access_key.create",
	})
}
