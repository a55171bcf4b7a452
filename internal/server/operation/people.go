package operation

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

type principalView struct {
	ID       authority.ID `json:"id"`
	Name     string       `json:"name"`
	Login    string       `json:"login,omitempty"`
	Group    string       `json:"group,omitempty"`
	Roles    []string     `json:"roles"`
	AllAreas bool         `json:"all_areas"`
	Areas    []string     `json:"areas"`
	Disabled bool         `json:"disabled"`
	Created  time.Time    `json:"created"`
	Password string       `json:"password,omitempty"`  // shown once
	ClientID string       `json:"client_id,omitempty"` // of a new application
	Secret   string       `json:"secret,omitempty"`    // shown once
}

// people is one kind of principal: what its operations are called and do.
type people struct {
	kind

	prefix string // of its operations
	change func(*admin.Service, context.Context, authority.Caller, admin.PrincipalEdit) (authority.Principal, error)
	remove func(*admin.Service, context.Context, authority.Caller, authority.ID) error
}

func peopleOperations() []operation {
	var all []operation
	for _, p := range []people{
		{serviceUsers(), "service-user", (*admin.Service).ChangeServiceUser, (*admin.Service).DeleteServiceUser},
		{users(), "user", (*admin.Service).ChangeUser, (*admin.Service).DeleteUser},
		{applications(), "application", (*admin.Service).ChangeApplication, (*admin.Service).DeleteApplication},
	} {
		all = append(all,
			op(p.prefix+".list", inside, p.listAll), op(p.prefix+".change", inside, p.edit),
			op(p.prefix+".delete", inside, p.drop))
	}
	return append(all,
		op("service-user.create", inside, createServiceUser), op("user.create", inside, createUser),
		op("application.create", inside, createApplication), op("user.password", inside, setPassword))
}

// rights is what the names of an account's roles and areas mean.
type rights struct{ roles, areas []named }

func readRights(ctx context.Context, t *Table, c authority.Caller) (r rights, err error) {
	if r.roles, err = roleNames(ctx, t, c); err != nil {
		return r, err
	}
	r.areas, err = areaNames(ctx, t, c)
	return r, err
}

func (r rights) view(p authority.Principal) principalView {
	return principalView{
		ID: p.ID, Name: p.Name, Login: p.Login, Group: p.Group, Disabled: p.Disabled, Created: p.Created,
		Roles: say(r.roles, p.Roles), AllAreas: p.Areas.All, Areas: say(r.areas, p.Areas.IDs),
	}
}

func (p people) listAll(ctx context.Context, t *Table, c authority.Caller, _ nothing) ([]principalView, error) {
	r, err := readRights(ctx, t, c)
	if err != nil {
		return nil, err
	}
	return everyPage(func(page admin.Page) ([]principalView, int, error) {
		list, err := p.list(t.Admin, ctx, c, page)
		return mapped(list.Items, r.view), list.Total, err
	})
}

// rightsInput names roles and areas. A nil list says nothing.
type rightsInput struct {
	Roles    []string `json:"roles"`
	Areas    []string `json:"areas"`
	AllAreas yes      `json:"all_areas"`
}

// yes is a switch: true and false, or the words that a table has for them.
type yes bool

var errYes = errors.New("all_areas must be yes or no")

// UnmarshalJSON implements json.Unmarshaler.
func (y *yes) UnmarshalJSON(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "true", `"yes"`, `"true"`:
		*y = true
	case "false", "null", `"no"`, `"false"`, `""`:
		*y = false
	default:
		return errYes
	}
	return nil
}

func (in rightsInput) resolve(r rights) (roles []authority.ID, areas authority.Areas, err error) {
	if roles, err = find(r.roles, in.Roles, "role"); err != nil {
		return nil, areas, err
	}
	areas.All = bool(in.AllAreas)
	areas.IDs, err = find(r.areas, in.Areas, "area")
	return roles, areas, err
}

// byID names a row; a principal may also be called by its name or login.
type byID struct {
	ID string `json:"id"`
}

type principalInput struct {
	byID
	rightsInput

	Name     *string `json:"name"`
	Login    *string `json:"login"`
	Group    *string `json:"group"`
	Disabled *bool   `json:"disabled"`
}

func (p people) edit(ctx context.Context, t *Table, c authority.Caller, in principalInput) (principalView, error) {
	r, err := readRights(ctx, t, c)
	if err != nil {
		return principalView{}, err
	}
	roles, areas, err := in.resolve(r)
	if err != nil {
		return principalView{}, err
	}
	id, err := t.who(ctx, c, in.ID, p.kind)
	if err != nil {
		return principalView{}, err
	}
	edit := admin.PrincipalEdit{ID: id, Name: in.Name, Login: in.Login, Group: in.Group, Disabled: in.Disabled}
	if in.Roles != nil {
		edit.Roles = &roles
	}
	if in.Areas != nil || bool(in.AllAreas) {
		edit.Areas = &areas
	}
	after, err := p.change(t.Admin, ctx, c, edit)
	return r.view(after), err
}

func (p people) drop(ctx context.Context, t *Table, c authority.Caller, in byID) (nothing, error) {
	id, err := t.who(ctx, c, in.ID, p.kind)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, p.remove(t.Admin, ctx, c, id)
}

type newPrincipal struct {
	rightsInput

	Name     string `json:"name"`
	Login    string `json:"login"`    // users
	Group    string `json:"group"`    // users
	Password string `json:"password"` // users; "" = one is made up
	Dialect  string `json:"dialect"`  // applications
	Expires  Moment `json:"expires"`  // of an application's secret
}

// create resolves the rights and lets make do the rest.
func create(ctx context.Context, t *Table, c authority.Caller, in newPrincipal,
	make func(roles []authority.ID, areas authority.Areas, view func(authority.Principal) principalView) (principalView, error),
) (principalView, error) {
	r, err := readRights(ctx, t, c)
	if err != nil {
		return principalView{}, err
	}
	roles, areas, err := in.resolve(r)
	if err != nil {
		return principalView{}, err
	}
	return make(roles, areas, r.view)
}

func createServiceUser(ctx context.Context, t *Table, c authority.Caller, in newPrincipal) (principalView, error) {
	return create(ctx, t, c, in, func(roles []authority.ID, areas authority.Areas, view func(authority.Principal) principalView) (principalView, error) {
		p, err := t.Admin.CreateServiceUser(ctx, c, admin.NewServiceUser{Name: in.Name, Roles: roles, Areas: areas})
		return view(p), err
	})
}

func createUser(ctx context.Context, t *Table, c authority.Caller, in newPrincipal) (principalView, error) {
	return create(ctx, t, c, in, func(roles []authority.ID, areas authority.Areas, view func(authority.Principal) principalView) (principalView, error) {
		password, shown := chosen(in.Password)
		p, err := t.Admin.CreateUser(ctx, c, admin.NewUser{
			Login: in.Login, Name: in.Name, Group: in.Group, Roles: roles, Areas: areas, Password: password,
		})
		v := view(p)
		v.Password = shown
		return v, err
	})
}

// chosen gives the password to set, and the text to show when it is made up.
func chosen(password string) (set authority.Secret, shown string) {
	if password == "" {
		shown = rand.Text()
		return authority.NewSecret(shown), shown
	}
	return authority.NewSecret(password), ""
}

func createApplication(ctx context.Context, t *Table, c authority.Caller, in newPrincipal) (principalView, error) {
	return create(ctx, t, c, in, func(roles []authority.ID, areas authority.Areas, view func(authority.Principal) principalView) (principalView, error) {
		made, err := t.Admin.CreateApplication(ctx, c, admin.NewApplication{
			Name: in.Name, Dialect: in.Dialect, Roles: roles, Areas: areas, Expires: in.Expires.at(time.Now()),
		})
		v := view(made.Application)
		v.ClientID, v.Secret = made.Secret.Credential.ClientID, made.Secret.Secret.Reveal()
		return v, err
	})
}

type passwordInput struct {
	byID

	Password string `json:"password"`
}

type passwordView struct {
	Password string `json:"password,omitempty"` // shown once, when it was made up
}

func setPassword(ctx context.Context, t *Table, c authority.Caller, in passwordInput) (passwordView, error) {
	id, err := t.who(ctx, c, in.ID, users())
	if err != nil {
		return passwordView{}, err
	}
	password, shown := chosen(in.Password)
	return passwordView{shown}, t.Admin.SetPassword(ctx, c, id, password)
}
