package demo

import (
	"context"
	"crypto/rand"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/ringme"
)

// phone is an application of the ringme dialect and where its pair goes.
type phone struct {
	name     string
	kind     string
	access   string
	readOnly bool // acts as the user who may only read
	out      *RingmeApplication
}

func phones(r *Ringme) []phone {
	return []phone{
		{"Телефония: виджет CRM", ringme.Trusted, ringme.All, false, &r.Trusted},
		{"Телефония: отчёты", ringme.Trusted, ringme.CallAPI, false, &r.CallAPI},
		{"Телефония: рабочее место", ringme.Password, ringme.CallAPI, false, &r.Password},
		{"Телефония: табло", ringme.Trusted, ringme.All, true, &r.ReadOnly},
	}
}

// telephony makes the users of the account's telephone exchange and their
// applications.
func (f *filler) telephony(ctx context.Context, c authority.Caller, out *Ringme) error {
	prefix := strings.ToLower(c.Account().Contract)
	role, err := f.admin.CreateRole(ctx, c, "Телефония", switchboard())
	if err != nil {
		return err
	}
	out.User = Person{prefix + ".phone", rand.Text()}
	user, err := f.admin.CreateUser(ctx, c, admin.NewUser{
		Login: out.User.Login, Name: "Администратор АТС", Group: authority.GroupAdministrator,
		Password: authority.NewSecret(out.User.Password), Roles: []authority.ID{role.ID}, Areas: authority.Areas{All: true},
	})
	if err != nil {
		return err
	}
	out.UserID = user.ID
	reader, err := f.admin.CreateUser(ctx, c, admin.NewUser{
		Login: prefix + ".board", Name: "Табло АТС", Group: ringme.GroupReadOnly,
		Password: authority.NewSecret(rand.Text()), Roles: []authority.ID{role.ID}, Areas: authority.Areas{All: true},
	})
	if err != nil {
		return err
	}
	var jobs []func() error
	for _, p := range phones(out) {
		owner := user.ID
		if p.readOnly {
			owner = reader.ID
		}
		jobs = append(jobs, func() error { return f.phone(ctx, c, p, owner) })
	}
	jobs = append(jobs, func() error { return f.publicPhone(ctx, c, &out.Public, user.ID) })
	return together(jobs)
}

// callback is where the demo's applications want users back: a program that a
// developer runs beside it.
const callback = "http://127.0.0.1:8765/callback"

// publicPhone makes the application that users let act as them.
func (f *filler) publicPhone(ctx context.Context, c authority.Caller, out *RingmePublic, owner authority.ID) error {
	made, err := f.admin.CreateApplication(ctx, c, admin.NewApplication{
		Name: "Телефония: мобильный помощник", Dialect: ringme.Name, Areas: authority.Areas{All: true},
		Traits: authority.Traits{
			Type: ringme.Public, Access: ringme.CallAPI, Owner: owner, NoSecret: true, RedirectURIs: []string{callback},
			Description: "Показывает звонки и записи на телефоне сотрудника.",
		},
	})
	*out = RingmePublic{made.Secret.Credential.ClientID, callback}
	return err
}

func (f *filler) phone(ctx context.Context, c authority.Caller, p phone, owner authority.ID) error {
	made, err := f.admin.CreateApplication(ctx, c, admin.NewApplication{
		Name: p.name, Dialect: ringme.Name, Areas: authority.Areas{All: true},
		Traits: authority.Traits{Type: p.kind, Access: p.access, Owner: owner},
	})
	*p.out = RingmeApplication{made.Secret.Credential.ClientID, made.Secret.Secret.Reveal()}
	return err
}

// rotateTelephony makes new secrets for the applications and another password for
// their user.
func rotateTelephony(ctx context.Context, a *admin.Service, c authority.Caller, out *Ringme) error {
	applications, err := a.Applications(ctx, c, admin.Page{})
	if err != nil {
		return err
	}
	for _, p := range phones(out) {
		for _, found := range applications.Items {
			if found.Name != p.name {
				continue
			}
			made, err := a.RotateApplicationSecret(ctx, c, admin.Generate{Principal: found.ID})
			if err != nil {
				return err
			}
			p.out.ApplicationSecret = made.Secret.Reveal()
		}
	}
	return rotatePhone(ctx, a, c, &out.User)
}

// rotatePhone gives the user another password.
func rotatePhone(ctx context.Context, a *admin.Service, c authority.Caller, out *Person) error {
	users, err := a.Users(ctx, c, admin.Page{})
	if err != nil {
		return err
	}
	for _, u := range users.Items {
		if u.Login == out.Login {
			out.Password = rand.Text()
			return a.SetPassword(ctx, c, u.ID, authority.NewSecret(out.Password))
		}
	}
	return nil
}
