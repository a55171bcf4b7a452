package admin

import (
	"context"
	"slices"
	"strings"

	"propusk/internal/authority"
)

// PrincipalCreation is what the store writes for a new principal. Hash is a
// user's password in PHC form. Most bounds how many applications the owner of this
// one has with it, Conflict beyond; 0 = nothing does.
type PrincipalCreation struct {
	Principal authority.Principal
	Hash      string
	Most      int
}

// PrincipalEdit changes a principal. A nil field stays as it is.
type PrincipalEdit struct {
	ID       authority.ID
	Kind     authority.PrincipalKind
	Name     *string
	Login    *string // users only
	Group    *string // users only
	Roles    *[]authority.ID
	Areas    *authority.Areas
	Disabled *bool
	KeysOff  *bool       // users only
	Traits   *TraitsEdit // applications only
}

// Apply gives the principal as the edit leaves it.
func (e PrincipalEdit) Apply(p authority.Principal) authority.Principal {
	if e.Name != nil {
		p.Name = *e.Name
	}
	if e.Login != nil {
		p.Login = *e.Login
	}
	if e.Group != nil {
		p.Group = *e.Group
	}
	if e.Roles != nil {
		p.Roles = *e.Roles
	}
	if e.Areas != nil {
		p.Areas = *e.Areas
	}
	if e.Disabled != nil {
		p.Disabled = *e.Disabled
	}
	if e.KeysOff != nil {
		p.KeysOff = *e.KeysOff
	}
	if e.Traits != nil {
		p.Traits = e.Traits.apply(p.Traits)
	}
	return p
}

// check brings texts and lists into the form that is stored.
func (e PrincipalEdit) check() (PrincipalEdit, error) {
	if err := edited(&e.Name, name); err != nil {
		return e, err
	}
	if err := edited(&e.Group, group); err != nil {
		return e, err
	}
	if err := edited(&e.Login, login); err != nil {
		return e, err
	}
	if e.Kind != authority.User && (e.Login != nil || e.Group != nil || e.KeysOff != nil) {
		return e, invalid("login", "group and token access are for users alone")
	}
	if e.Traits != nil {
		traits, err := e.Traits.check()
		if err != nil {
			return e, err
		}
		e.Traits = &traits
	}
	if e.Roles != nil {
		roles := distinct(*e.Roles)
		e.Roles = &roles
	}
	if e.Areas != nil {
		areas := orderly(*e.Areas)
		e.Areas = &areas
	}
	return e, nil
}

// edited replaces *field by its checked form.
func edited(field **string, check func(string) (string, error)) error {
	if *field == nil {
		return nil
	}
	value, err := check(**field)
	if err == nil {
		*field = &value
	}
	return err
}

// group checks a user's group: an unknown one would quietly open nothing. None
// is fine.
func group(value string) (string, error) {
	value, err := line("group", value, maxWord)
	if err == nil && value != "" && !slices.Contains(authority.Groups(), value) {
		return "", invalid("group", "must be empty or "+strings.Join(authority.Groups(), ", "))
	}
	return value, err
}

func distinct(ids []authority.ID) []authority.ID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// orderly is a in its one spelling: all areas or a sorted list.
func orderly(a authority.Areas) authority.Areas {
	if a.All {
		return authority.Areas{All: true}
	}
	return authority.Areas{IDs: distinct(a.IDs)}
}

// permissionFor is who may change principals of a kind.
func permissionFor(kind authority.PrincipalKind) authority.Permission {
	switch kind {
	case authority.User:
		return UsersManage
	case authority.ServiceUser:
		return ServiceUsersManage
	case authority.Application, authority.Integration:
		return ApplicationsManage
	}
	return AccountsManage
}

func (s *Service) createPrincipal(ctx context.Context, c authority.Caller, n PrincipalCreation) (authority.Principal, error) {
	return s.createBy(ctx, c, permissionFor(n.Principal.Kind), n)
}

// createBy makes a principal for whoever holds may.
func (s *Service) createBy(ctx context.Context, c authority.Caller, may authority.Permission, n PrincipalCreation) (authority.Principal, error) {
	p := &n.Principal
	p.Roles, p.Areas = distinct(p.Roles), orderly(p.Areas)
	err := fresh(func(id authority.ID) error {
		ch, err := s.change(c, act{may, string(p.Kind) + ".create", string(p.Kind), id})
		if err != nil {
			return err
		}
		p.ID, p.Account, p.Created = id, ch.Account, ch.Now
		return s.ports.Principals.CreatePrincipal(ctx, ch, n)
	})
	return *p, err
}

func (s *Service) principal(ctx context.Context, c authority.Caller, kind authority.PrincipalKind, id authority.ID) (authority.Principal, error) {
	account, err := inside(c, AccountRead, permissionFor(kind))
	if err != nil {
		return authority.Principal{}, err
	}
	return s.ports.Principals.Principal(ctx, account, id, kind)
}

func (s *Service) principals(ctx context.Context, c authority.Caller, kind authority.PrincipalKind, p Page) (List[authority.Principal], error) {
	account, err := inside(c, AccountRead, permissionFor(kind))
	if err != nil {
		return List[authority.Principal]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Principal]{}, err
	}
	return s.ports.Principals.Principals(ctx, account, kind, p)
}

func (s *Service) changePrincipal(ctx context.Context, c authority.Caller, e PrincipalEdit) (authority.Principal, error) {
	return s.changeBy(ctx, c, permissionFor(e.Kind), e)
}

// changeBy applies e for whoever holds may.
func (s *Service) changeBy(ctx context.Context, c authority.Caller, may authority.Permission, e PrincipalEdit) (authority.Principal, error) {
	ch, err := s.change(c, act{may, string(e.Kind) + ".change", string(e.Kind), e.ID})
	if err != nil {
		return authority.Principal{}, err
	}
	if e, err = e.check(); err != nil {
		return authority.Principal{}, err
	}
	if e.Disabled != nil && *e.Disabled && e.ID == c.Principal().ID {
		return authority.Principal{}, authority.E(authority.Conflict, "you cannot disable yourself")
	}
	if err := s.keepsReturns(ctx, ch.Account, e); err != nil {
		return authority.Principal{}, err
	}
	return s.ports.Principals.ChangePrincipal(ctx, ch, e)
}

// keepsReturns refuses to take the last address from an application that asks users
// for their consent.
func (s *Service) keepsReturns(ctx context.Context, account authority.ID, e PrincipalEdit) error {
	if e.Traits == nil || e.Traits.RedirectURIs == nil || len(*e.Traits.RedirectURIs) > 0 {
		return nil
	}
	p, err := s.ports.Principals.Principal(ctx, account, e.ID, e.Kind)
	if err != nil || len(p.Traits.RedirectURIs) == 0 {
		return err
	}
	return returns(e.Apply(p).Traits)
}

func (s *Service) deletePrincipal(ctx context.Context, c authority.Caller, kind authority.PrincipalKind, id authority.ID) error {
	ch, err := s.change(c, act{permissionFor(kind), string(kind) + ".delete", string(kind), id})
	if err != nil {
		return err
	}
	if id == c.Principal().ID {
		return authority.E(authority.Conflict, "you cannot delete yourself")
	}
	return s.ports.Principals.DeletePrincipal(ctx, ch, id, kind)
}
