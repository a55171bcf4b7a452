package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/element"
)

// rotate makes new secrets for everything in f and keeps them in the folder. It
// is noted there before the first one dies and taken away after the last one is
// kept: whatever stops it in between, the next start does it again.
func (c Config) rotate(ctx context.Context, a *admin.Service, f *Fixture, in folder) error {
	f.Unfinished = true
	if err := f.Write(in.fixture()); err != nil {
		return err
	}
	var jobs []func() error
	for _, stand := range authority.Stands() {
		for i := range f.On(stand) {
			account := &f.On(stand)[i]
			jobs = append(jobs, func() error {
				err := rotateAccount(ctx, a, rotation{account: account, owner: f.owner(stand, i), log: c.Log})
				if err != nil {
					return fmt.Errorf("%s on the %s stand: %w", account.Contract, stand, err)
				}
				return nil
			})
		}
	}
	err := together(jobs)
	if err != nil {
		err = fmt.Errorf("not all secrets could be replaced: start again with --rotate, or on an empty folder: %w", err)
	}
	f.Unfinished = err != nil
	return errors.Join(err, f.Write(in.fixture()))
}

// rotation is an account whose secrets are replaced. What somebody has deleted
// since is made anew.
type rotation struct {
	account *Account
	owner   *Owner
	log     *slog.Logger

	there *census
	anew  filler
	acts  authority.Caller
}

func rotateAccount(ctx context.Context, a *admin.Service, r rotation) error {
	var err error
	r.acts, err = callerOf(ctx, a, r.account)
	if authority.CodeOf(err) == authority.NotFound {
		return nil // deleted since
	}
	if err != nil {
		return err
	}
	if r.there, err = taken(ctx, a, r.acts, r.account); err != nil {
		return err
	}
	r.anew = filler{admin: a}
	for _, step := range []func(context.Context) error{r.machines, r.operator, r.telephony, r.terminals, r.gateway, r.staff} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// missing tells that something of the demo's is made anew.
func (r rotation) missing(what string) {
	r.log.Warn("deleted since, and made anew", slog.String("account", r.account.Contract), slog.String("what", what))
}

func (r rotation) machines(ctx context.Context) error {
	for _, m := range machines(&r.account.HubEx) {
		id, ok := r.there.machine(m)
		if ok {
			*m.id = id
			if err := generate(ctx, r.anew.admin, r.acts, m); err != nil {
				return err
			}
			continue
		}
		r.missing(m.name)
		if err := r.area(ctx); err != nil {
			return err
		}
		if err := r.anew.machine(ctx, r.acts, m, r.account.HubEx.AreaID); err != nil {
			return err
		}
	}
	return nil
}

// area makes the area anew that one of the service users is kept to.
func (r rotation) area(ctx context.Context) error {
	_, err := r.anew.admin.Area(ctx, r.acts, r.account.HubEx.AreaID)
	if authority.CodeOf(err) != authority.NotFound {
		return err
	}
	made, err := r.anew.admin.CreateArea(ctx, r.acts, "Участок подрядчика")
	r.account.HubEx.AreaID = made.ID
	return err
}

func (r rotation) operator(ctx context.Context) error {
	return authorize(ctx, r.anew.admin, r.acts, &r.account.Operator)
}

func (r rotation) telephony(ctx context.Context) error {
	out := &r.account.Ringme
	owner, err := r.phoneUser(ctx, out)
	if err != nil {
		return err
	}
	for _, p := range phones(out) {
		id, err := r.application(ctx, p.name, p.out.ApplicationID)
		if err == nil && id == 0 {
			err = r.phone(ctx, p, owner)
		} else if err == nil {
			*p.out, err = r.secret(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	id, err := r.application(ctx, publicName, out.Public.ApplicationID)
	if err == nil && id == 0 {
		r.missing(publicName)
		err = r.anew.publicPhone(ctx, r.acts, &out.Public, owner)
	}
	return err
}

// phone makes an application of the telephone exchange anew.
func (r rotation) phone(ctx context.Context, p phone, owner authority.ID) error {
	r.missing(p.name)
	if !p.readOnly {
		return r.anew.phone(ctx, r.acts, p, owner)
	}
	reader, err := r.anew.board(ctx, r.acts)
	if err != nil {
		return err
	}
	return r.anew.phone(ctx, r.acts, p, reader)
}

// phoneUser gives the user of the telephone exchange another password.
func (r rotation) phoneUser(ctx context.Context, out *Ringme) (authority.ID, error) {
	user, ok := r.there.user(known{id: out.UserID, login: out.User.Login})
	if !ok {
		r.missing(out.User.Login)
		return r.anew.exchange(ctx, r.acts, out)
	}
	out.UserID, out.User = user.ID, Person{user.Login, rand.Text()}
	return user.ID, r.anew.admin.SetPassword(ctx, r.acts, user.ID, authority.NewSecret(out.User.Password))
}

// application finds one that can be used; 0 for none. One whose user is gone
// can act as nobody and goes too.
func (r rotation) application(ctx context.Context, name, clientID string) (authority.ID, error) {
	found, ok := r.there.application(name, clientID)
	if !ok {
		return 0, nil
	}
	if owner := found.Traits.Owner; owner != 0 {
		if _, ok := r.there.users[owner]; !ok {
			return 0, r.anew.admin.DeleteApplication(ctx, r.acts, found.ID)
		}
	}
	return found.ID, nil
}

// secret makes another one; the client id is said again, as one that was found
// by its name has another than was kept.
func (r rotation) secret(ctx context.Context, application authority.ID) (RingmeApplication, error) {
	made, err := r.anew.admin.RotateApplicationSecret(ctx, r.acts, admin.Generate{Principal: application})
	return RingmeApplication{made.Credential.ClientID, made.Secret.Reveal()}, err
}

func (r rotation) terminals(ctx context.Context) error {
	var jobs []func() error
	for _, p := range storekeepers(&r.account.Smarts) {
		user, ok := r.there.user(r.account.storekeeper(p))
		if !ok {
			r.missing(p.pair.Username)
			jobs = append(jobs, func() error { return r.anew.storekeeper(ctx, r.acts, p) })
			continue
		}
		p.pair.Username = user.Login
		jobs = append(jobs, func() error { return r.anew.admin.SetPassword(ctx, r.acts, user.ID, p.choose()) })
	}
	return together(jobs)
}

// gateway gives the application of the standard door another secret.
func (r rotation) gateway(ctx context.Context) error {
	found, ok := r.there.application(applicationName, r.account.OAuth.ClientID)
	if !ok {
		r.missing(applicationName)
		return r.anew.application(ctx, r.acts, &r.account.OAuth)
	}
	made, err := r.secret(ctx, found.ID)
	r.account.OAuth.ClientID, r.account.OAuth.ClientSecret = made.ApplicationID, made.ApplicationSecret
	return err
}

// staff gives everybody another password and another key in the place of all
// former ones.
func (r rotation) staff(ctx context.Context) error {
	application, err := r.gatewayID(ctx)
	if err != nil {
		return err
	}
	r.account.Element.Application = element.FormatID(application)
	roles, err := rolesOf(ctx, r.anew.admin, r.acts)
	if err != nil {
		return err
	}
	for _, h := range humans(r.account, r.owner) {
		user, ok := r.there.user(r.account.human(h))
		if ok {
			err = r.human(ctx, user, h)
		} else {
			r.missing(h.login)
			err = r.anew.human(ctx, r.acts, h, h.wanted(roles, application))
		}
		if err != nil {
			return err
		}
	}
	r.account.Holders = nil // some may be others now
	return nil
}

// gatewayID finds the application that gateway has left.
func (r rotation) gatewayID(ctx context.Context) (authority.ID, error) {
	if found, ok := r.there.application(applicationName, r.account.OAuth.ClientID); ok {
		return found.ID, nil
	}
	return gatewayOf(ctx, r.anew.admin, r.acts)
}

func (r rotation) human(ctx context.Context, user authority.Principal, h human) error {
	a := r.anew.admin
	former, err := a.Credentials(ctx, r.acts, user.ID)
	if err != nil {
		return err
	}
	for _, k := range former {
		if k.Kind != authority.AccessKey || k.Revoked {
			continue
		}
		if err := a.RevokeCredential(ctx, r.acts, k.ID); err != nil {
			return err
		}
	}
	*h.person = Person{Login: user.Login, Password: rand.Text()}
	if err := a.SetPassword(ctx, r.acts, user.ID, authority.NewSecret(h.person.Password)); err != nil {
		return err
	}
	return keyOf(ctx, a, r.acts, user.ID, h.key)
}
