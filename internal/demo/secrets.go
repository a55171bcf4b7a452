package demo

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/oauth"
	"propusk/internal/tasks"
)

// machine is a service user of the demo and where its secret goes.
type machine struct {
	name        string
	permissions []authority.Permission
	area        bool // sees the first area only
	id          *authority.ID
	token       *string
}

// machines lists the service users of an account.
func machines(h *HubEx) []machine {
	return []machine{
		{
			name: "Обмен с 1С", id: &h.ServiceUserID, token: &h.ServiceToken,
			permissions: []authority.Permission{
				tasks.TasksList, tasks.TaskAdd, tasks.TaskChange, tasks.TaskStageChange, tasks.TaskRemove, tasks.TaskConversation,
			},
		},
		{
			name: "Сайт: приём заявок", id: &h.LimitedUserID, token: &h.LimitedServiceToken,
			permissions: []authority.Permission{tasks.TaskAdd},
		},
		{
			name: "Подрядчик участка", id: &h.AreaServiceUserID, token: &h.AreaServiceToken, area: true,
			permissions: []authority.Permission{tasks.TasksList},
		},
	}
}

// gateway is the application's role.
func gateway() []authority.Permission {
	return []authority.Permission{authority.TokensIntrospect, authority.TokensRevoke}
}

// principals makes the account's service users and its application, each with a
// role of its own name, and their secrets.
func (f *filler) principals(ctx context.Context, c authority.Caller, out *Account) error {
	var jobs []func() error
	for _, m := range machines(&out.HubEx) {
		jobs = append(jobs, func() error { return f.machine(ctx, c, m, out.HubEx.AreaID) })
	}
	jobs = append(jobs,
		func() error { return f.application(ctx, c, &out.OAuth) },
		func() error { return authorize(ctx, f.admin, c, &out.Operator) },
		func() error { return f.telephony(ctx, c, &out.Ringme) },
		func() error { return f.terminals(ctx, c, out) })
	return together(jobs)
}

// role gives the account's role of a name, made where there is none.
func (f *filler) role(ctx context.Context, c authority.Caller, name string, may []authority.Permission) (authority.Role, error) {
	made, err := f.admin.CreateRole(ctx, c, name, may)
	if authority.CodeOf(err) != authority.Conflict {
		return made, err
	}
	found, err := f.admin.Roles(ctx, c, admin.Page{Size: listed})
	if err != nil {
		return authority.Role{}, err
	}
	for _, r := range found.Items {
		if r.Name == name {
			return r, nil
		}
	}
	return authority.Role{}, authority.E(authority.Conflict, "the role "+name+" can neither be made nor found")
}

func (f *filler) machine(ctx context.Context, c authority.Caller, m machine, area authority.ID) error {
	role, err := f.role(ctx, c, m.name, m.permissions)
	if err != nil {
		return err
	}
	areas := authority.Areas{All: true}
	if m.area {
		areas = authority.Areas{IDs: []authority.ID{area}}
	}
	user, err := f.admin.CreateServiceUser(ctx, c, admin.NewServiceUser{Name: m.name, Roles: []authority.ID{role.ID}, Areas: areas})
	if err != nil {
		return err
	}
	*m.id = user.ID
	return generate(ctx, f.admin, c, m)
}

// generate makes the service token of m; a former one dies at once.
func generate(ctx context.Context, a *admin.Service, c authority.Caller, m machine) error {
	made, err := a.GenerateServiceToken(ctx, c, admin.Generate{Principal: *m.id, Description: "демонстрация"})
	*m.token = made.Secret.Reveal()
	return err
}

// authorize makes the account's authorization token; a former one dies at once.
func authorize(ctx context.Context, a *admin.Service, c authority.Caller, out *Operator) error {
	made, err := a.GenerateAuthorizationToken(ctx, c, admin.Generate{Description: "демонстрация"})
	out.AuthorizationToken = made.Secret.Reveal()
	return err
}

const applicationName = "Шлюз API"

func (f *filler) application(ctx context.Context, c authority.Caller, out *OAuth) error {
	role, err := f.role(ctx, c, applicationName, gateway())
	if err != nil {
		return err
	}
	client, err := f.admin.CreateApplication(ctx, c, admin.NewApplication{
		Name: applicationName, Dialect: oauth.Name, Roles: []authority.ID{role.ID}, Areas: authority.Areas{All: true},
		Traits: authority.Traits{Type: oauth.Name, RedirectURIs: []string{callback}},
	})
	out.RedirectURI = callback
	out.ClientID, out.ClientSecret = client.Secret.Credential.ClientID, client.Secret.Secret.Reveal()
	return err
}

// callerOf acts inside an account of the fixture.
func callerOf(ctx context.Context, a *admin.Service, account *Account) (authority.Caller, error) {
	found, err := a.AccountByContract(ctx, acting(account.Stand, authority.Account{}), account.Contract)
	return acting(account.Stand, found), err
}
