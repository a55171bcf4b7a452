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
	user, err := f.exchange(ctx, c, out)
	if err != nil {
		return err
	}
	reader, err := f.board(ctx, c)
	if err != nil {
		return err
	}
	var jobs []func() error
	for _, p := range phones(out) {
		owner := user
		if p.readOnly {
			owner = reader
		}
		jobs = append(jobs, func() error { return f.phone(ctx, c, p, owner) })
	}
	jobs = append(jobs, func() error { return f.publicPhone(ctx, c, &out.Public, user) })
	return together(jobs)
}

// exchange makes the user whom the applications act as.
func (f *filler) exchange(ctx context.Context, c authority.Caller, out *Ringme) (authority.ID, error) {
	out.User = Person{strings.ToLower(c.Account().Contract) + ".phone", rand.Text()}
	user, err := f.caller(ctx, c, admin.NewUser{
		Login: out.User.Login, Name: "Администратор АТС", Group: authority.GroupAdministrator,
		Password: authority.NewSecret(out.User.Password),
	})
	out.UserID, out.User.Login = user.ID, user.Login
	return user.ID, err
}

// board makes the user who may only read.
func (f *filler) board(ctx context.Context, c authority.Caller) (authority.ID, error) {
	user, err := f.caller(ctx, c, admin.NewUser{
		Login: strings.ToLower(c.Account().Contract) + ".board", Name: "Табло АТС", Group: ringme.GroupReadOnly,
		Password: authority.NewSecret(rand.Text()),
	})
	return user.ID, err
}

func (f *filler) caller(ctx context.Context, c authority.Caller, n admin.NewUser) (authority.Principal, error) {
	role, err := f.role(ctx, c, "Телефония", switchboard())
	if err != nil {
		return authority.Principal{}, err
	}
	n.Roles, n.Areas = []authority.ID{role.ID}, authority.Areas{All: true}
	return f.user(ctx, c, n)
}

// callback is where the demo's applications want users back: a program that a
// developer runs beside it.
const callback = "http://127.0.0.1:8765/callback"

const publicName = "Телефония: мобильный помощник"

// publicPhone makes the application that users let act as them.
func (f *filler) publicPhone(ctx context.Context, c authority.Caller, out *RingmePublic, owner authority.ID) error {
	made, err := f.admin.CreateApplication(ctx, c, admin.NewApplication{
		Name: publicName, Dialect: ringme.Name, Areas: authority.Areas{All: true},
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
