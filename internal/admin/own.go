package admin

import (
	"context"
	"slices"

	"propusk/internal/authority"
)

// Owners finds the applications of users.
type Owners interface {
	// OwnedBy lists those that have the owner, by name.
	OwnedBy(ctx context.Context, account, owner authority.ID, p Page) (List[authority.Principal], error)
}

// Own is what a user does with the applications that he has registered. They act
// as him, with his own rights, so that no permission is asked for; whoever may
// only read changes none. An application of anybody else is NotFound. Every method
// gives Forbidden to who is no user of the account that he works in.
type Own struct{ s *Service }

// Own gives the applications of users to themselves.
func (s *Service) Own() Own { return Own{s} }

// MostOwn is how many applications a user registers at most.
const MostOwn = 50

// home gives the caller's account, if he is a user of it.
func (o Own) home(c authority.Caller) (authority.ID, error) {
	if p := c.Principal(); p.Kind != authority.User || p.Of != 0 || c.Away() {
		return 0, authority.E(authority.Forbidden, "only users of the account have applications of their own")
	}
	return inside(c, "")
}

// Changes gives Forbidden to who may not register applications, or change his.
func (o Own) Changes(c authority.Caller) error {
	if _, err := o.home(c); err != nil {
		return err
	}
	if c.Principal().Group == authority.GroupReadOnly {
		return authority.E(authority.Forbidden, "a user who may only read registers no applications")
	}
	return nil
}

// Dialects lists those whose applications act as their owners.
func (o Own) Dialects() []Dialect {
	return slices.DeleteFunc(slices.Clone(o.s.dialects), func(d Dialect) bool { return !d.Owned })
}

// CreateApplication registers an application that acts as the caller: without
// roles and areas, whatever n says. Conflict when he has MostOwn.
func (o Own) CreateApplication(ctx context.Context, c authority.Caller, n NewApplication) (NewClient, error) {
	if err := o.Changes(c); err != nil {
		return NewClient{}, err
	}
	if !slices.ContainsFunc(o.Dialects(), func(d Dialect) bool { return d.Name == n.Dialect }) {
		return NewClient{}, invalid("dialect", "has no applications that act as their owners")
	}
	n.Roles, n.Areas, n.Traits.Owner = nil, authority.Areas{}, c.Principal().ID
	return o.s.createApplication(ctx, c, "", n)
}

// Application reads one of the caller's.
func (o Own) Application(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error) {
	account, err := o.home(c)
	if err != nil {
		return authority.Principal{}, err
	}
	p, err := o.s.ports.Principals.Principal(ctx, account, id, authority.Application)
	if err != nil {
		return authority.Principal{}, err
	}
	if p.Traits.Owner != c.Principal().ID {
		return authority.Principal{}, authority.E(authority.NotFound, "no such principal")
	}
	return p, nil
}

// Applications lists the caller's by name.
func (o Own) Applications(ctx context.Context, c authority.Caller, p Page) (List[authority.Principal], error) {
	account, err := o.home(c)
	if err != nil {
		return List[authority.Principal]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Principal]{}, err
	}
	return o.s.ports.Owners.OwnedBy(ctx, account, c.Principal().ID, p)
}

// changed asks whether the caller may change one of his: nobody else becomes its
// owner meanwhile.
func (o Own) changed(ctx context.Context, c authority.Caller, id authority.ID) error {
	if err := o.Changes(c); err != nil {
		return err
	}
	_, err := o.Application(ctx, c, id)
	return err
}

// ChangeApplication applies e, but for roles and areas.
func (o Own) ChangeApplication(ctx context.Context, c authority.Caller, e PrincipalEdit) (authority.Principal, error) {
	if err := o.changed(ctx, c, e.ID); err != nil {
		return authority.Principal{}, err
	}
	e.Kind, e.Roles, e.Areas = authority.Application, nil, nil
	return o.s.changeBy(ctx, c, "", e)
}

// DeleteApplication takes one away with its secrets and grants.
func (o Own) DeleteApplication(ctx context.Context, c authority.Caller, id authority.ID) error {
	if err := o.changed(ctx, c, id); err != nil {
		return err
	}
	ch, err := o.s.change(c, act{"", "application.delete", "application", id})
	if err != nil {
		return err
	}
	return o.s.ports.Principals.DeletePrincipal(ctx, ch, id, authority.Application)
}

// RotateApplicationSecret is that of the Service.
func (o Own) RotateApplicationSecret(ctx context.Context, c authority.Caller, g Generate) (NewSecret, error) {
	if err := o.changed(ctx, c, g.Principal); err != nil {
		return NewSecret{}, err
	}
	return o.s.rotateApplication(ctx, c, "", g)
}

// Credentials lists the secrets of one, newest first, revoked ones included.
func (o Own) Credentials(ctx context.Context, c authority.Caller, application authority.ID) ([]Credential, error) {
	p, err := o.Application(ctx, c, application)
	if err != nil {
		return nil, err
	}
	return o.s.ports.Credentials.Credentials(ctx, p.Account, p.ID)
}

// RevokeCredential ends a secret of one with everything that was made from it.
func (o Own) RevokeCredential(ctx context.Context, c authority.Caller, id authority.ID) error {
	if err := o.Changes(c); err != nil {
		return err
	}
	if _, err := o.credential(ctx, c, id); err != nil {
		return err
	}
	ch, err := o.s.change(c, act{"", "credential.revoke", "credential", id})
	if err != nil {
		return err
	}
	return o.s.ports.Credentials.RevokeCredential(ctx, ch, id)
}

// credential reads a secret of one of the caller's.
func (o Own) credential(ctx context.Context, c authority.Caller, id authority.ID) (Credential, error) {
	account, err := o.home(c)
	if err != nil {
		return Credential{}, err
	}
	cred, err := o.s.ports.Credentials.Credential(ctx, account, id)
	if err != nil {
		return Credential{}, err
	}
	_, err = o.Application(ctx, c, cred.Principal)
	return cred, err
}

// GrantEffect says what stops when the grants of one, or of one of its secrets,
// end. Of grants that act as others it gives the number alone: who uses the
// application, and from where, is for administrators.
func (o Own) GrantEffect(ctx context.Context, c authority.Caller, q GrantQuery) (GrantEffect, error) {
	application := q.Principal
	if q.Credential != 0 {
		cred, err := o.credential(ctx, c, q.Credential)
		if err != nil {
			return GrantEffect{}, err
		}
		application = cred.Principal
	}
	p, err := o.Application(ctx, c, application)
	if err != nil {
		return GrantEffect{}, err
	}
	e, err := o.s.ports.Grants.GrantEffect(ctx, p.Account, GrantQuery{Principal: p.ID, Credential: q.Credential, Size: latestGrants}, o.s.now())
	e.Latest = slices.DeleteFunc(e.Latest, func(g LiveGrant) bool { return g.Principal != c.Principal().ID })
	return e, err
}
