package demo

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/element"
)

// Person is somebody who signs in with a login and a password.
type Person struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// Console is who signs in at the console of an account.
type Console struct {
	Administrator Person `json:"administrator"`
	Developer     Person `json:"developer"`
}

// Key is an access key.
type Key struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// Element is what opens an account in the element dialect: the administrator's
// key, a developer's, and that of a user of the application.
type Element struct {
	Key

	Developer       Key    `json:"developer"`
	ApplicationUser Key    `json:"application_user"`
	Application     string `json:"application"` // UUID
}

// Owner is the owner of the deployment: a user of the first account of the
// production stand who may manage all accounts of it.
type Owner struct {
	Person

	Element Key `json:"element"`
}

// human is a user of the demo and where his secrets go.
type human struct {
	login, name string
	roles       []string
	visitor     bool // a user of the application
	person      *Person
	key         *Key
}

// humans lists the users of an account with access keys; o is nil where the
// owner is not one of them.
func humans(a *Account, o *Owner) []human {
	mine := "-" + strings.ToLower(a.Contract)
	list := []human{
		{
			login: "admin" + mine, name: "Соколова Анна Викторовна", roles: []string{admin.AdministratorRole},
			person: &a.Console.Administrator, key: &a.Element.Key,
		},
		{
			login: "developer" + mine, name: "Лебедев Пётр Андреевич", roles: []string{admin.DeveloperRole},
			person: &a.Console.Developer, key: &a.Element.Developer,
		},
		{
			login: "client" + mine, name: "Диспетчерская заказчика", visitor: true,
			person: &Person{}, key: &a.Element.ApplicationUser,
		},
	}
	if o != nil {
		list = append(list, human{
			login: "owner", name: "Орлова Мария Сергеевна", roles: []string{admin.AdministratorRole, admin.OwnerRole},
			person: &o.Person, key: &o.Element,
		})
	}
	return list
}

// staff makes the users of an account whose application is there.
func (f *filler) staff(ctx context.Context, c authority.Caller, out *Account, o *Owner) error {
	application, err := gatewayOf(ctx, f.admin, c)
	if err != nil {
		return err
	}
	out.Element.Application = element.FormatID(application)
	if o != nil {
		if _, err := f.role(ctx, c, admin.OwnerRole, []authority.Permission{admin.AccountsManage}); err != nil {
			return err
		}
	}
	named, err := rolesOf(ctx, f.admin, c)
	if err != nil {
		return err
	}
	var jobs []func() error
	for _, h := range humans(out, o) {
		jobs = append(jobs, func() error { return f.human(ctx, c, h, h.wanted(named, application)) })
	}
	return together(jobs)
}

// rolesOf gives the account's roles by their names.
func rolesOf(ctx context.Context, a *admin.Service, c authority.Caller) (map[string]authority.ID, error) {
	roles, err := a.Roles(ctx, c, admin.Page{Size: listed})
	named := map[string]authority.ID{}
	for _, r := range roles.Items {
		named[r.Name] = r.ID
	}
	return named, err
}

// wanted is h as a user to be made, with roles by their names.
func (h human) wanted(roles map[string]authority.ID, application authority.ID) admin.NewUser {
	n := admin.NewUser{Login: h.login, Name: h.name, Areas: authority.Areas{All: true}}
	for _, name := range h.roles {
		n.Roles = append(n.Roles, roles[name])
	}
	if h.visitor {
		n.Of, n.Areas = application, authority.Areas{}
	}
	return n
}

func (f *filler) human(ctx context.Context, c authority.Caller, h human, n admin.NewUser) error {
	*h.person = Person{Login: n.Login, Password: rand.Text()}
	n.Password = authority.NewSecret(h.person.Password)
	user, err := f.user(ctx, c, n)
	h.person.Login = user.Login
	if err != nil {
		return err
	}
	return keyOf(ctx, f.admin, c, user.ID, h.key)
}

// user makes n, under another login where somebody else has come to his: logins
// are unique on a stand.
func (f *filler) user(ctx context.Context, c authority.Caller, n admin.NewUser) (authority.Principal, error) {
	login := n.Login
	for i := 2; ; i++ {
		made, err := f.admin.CreateUser(ctx, c, n)
		if authority.CodeOf(err) != authority.Conflict || i == 100 {
			return made, err
		}
		n.Login = login + "-" + strconv.Itoa(i)
	}
}

// keyOf makes an access key of a user.
func keyOf(ctx context.Context, a *admin.Service, c authority.Caller, user authority.ID, out *Key) error {
	made, err := a.GenerateAccessKey(ctx, c, admin.Generate{Principal: user, Description: "демонстрация"})
	*out = Key{made.Credential.ClientID, made.Secret.Reveal()}
	return err
}

// gatewayOf finds the demo's application.
func gatewayOf(ctx context.Context, a *admin.Service, c authority.Caller) (authority.ID, error) {
	list, err := a.Applications(ctx, c, admin.Page{Size: listed})
	if err != nil {
		return 0, err
	}
	for _, p := range list.Items {
		if p.Name == applicationName {
			return p.ID, nil
		}
	}
	return 0, authority.E(authority.NotFound, "the demo's application is gone")
}
