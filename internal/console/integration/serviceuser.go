package integration

import (
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// serviceUsers are the programs that have a service token.
func (a Area) serviceUsers() program {
	return program{
		secrets: a.Secrets, list: "/service-users", may: admin.ServiceUsersManage,
		file: "service-user", words: "service", verb: "service_user",
		kind: authority.ServiceToken, secretFile: "service-token", secretPath: "/token", secretVerb: "service_token",
		load: a.ServiceUsers.ServiceUser, change: a.ServiceUsers.ChangeServiceUser,
		end: a.ServiceUsers.DeleteServiceUser, make: a.ServiceUsers.GenerateServiceToken,
	}
}

func (a Area) serviceScreens() []page.Screen {
	const list, one = "/service-users", "/service-users/{id}"
	const may = admin.ServiceUsersManage
	return append(a.serviceUsers().screens(),
		page.Screen{Path: list, May: may, Serve: a.listServiceUsers, Menu: &page.Item{Section: "integration", Label: "service.title", Icon: "bot", Order: 10}},
		page.Screen{Path: list + "/new", May: may, Serve: a.newServiceUser},
		page.Screen{Method: http.MethodPost, Path: list + "/new", May: may, Audit: "service_user.create", Fields: holder.Fields("name"), Lists: holder.Several(), Serve: a.createServiceUser},
		page.Screen{Path: one, May: may, Serve: a.serviceUser},
		page.Screen{Path: one + "/edit", May: may, Serve: a.editServiceUser},
		page.Screen{Method: http.MethodPost, Path: one + "/edit", May: may, Audit: "service_user.change", Fields: holder.Fields("name"), Lists: holder.Several(), Serve: a.changeServiceUser},
	)
}

func (a Area) listServiceUsers(v *page.View) error {
	v.Form = page.Filled("q", v.Query("q"))
	list, err := holder.ByName(v, admin.PrincipalQuery{Text: v.Query("q")}, a.ServiceUsers.FindServiceUsers)
	if err != nil {
		return err
	}
	return v.Render("service-users.html", list)
}

// form is what forms about one principal show.
type form struct {
	holder.Choices

	ID    authority.ID // 0 = it is to be made
	Title string
}

func (a Area) newServiceUser(v *page.View) error {
	choices, err := holder.Offer(v, a.Rights, authority.Principal{})
	if err != nil {
		return err
	}
	v.Form = page.Filled("all-areas", page.Yes)
	return v.Render("service-user-form.html", form{Choices: choices})
}

func (a Area) createServiceUser(v *page.View) error {
	sent := v.Sent()
	var p authority.Principal
	roles, areas, err := holder.Sent(v, a.Rights, sent)
	if err == nil {
		p, err = a.ServiceUsers.CreateServiceUser(v.Context(), v.Caller, admin.NewServiceUser{Name: sent.Get("name"), Roles: roles, Areas: areas})
	}
	if err != nil {
		return a.serviceFormAgain(v, authority.Principal{}, err)
	}
	return v.Done(holder.Path("/service-users/", p.ID), "service.created", p.Name)
}

func (a Area) serviceFormAgain(v *page.View, p authority.Principal, wrong error) error {
	choices, err := holder.Offer(v, a.Rights, p)
	if err != nil {
		return err
	}
	return v.Again("service-user-form.html", form{Choices: choices, ID: p.ID, Title: p.Name}, wrong)
}

// held is a principal with what it may and what secrets it has.
type held struct {
	authority.Principal

	Named   holder.Named
	Secrets []holder.Secret
}

func (a Area) held(v *page.View, p authority.Principal, kind authority.CredentialKind) (held, error) {
	named, err := holder.Name(v, a.Rights, p)
	if err != nil {
		return held{}, err
	}
	secrets, err := holder.Secrets(v, a.Secrets, p.ID, kind)
	return held{p, named, secrets}, err
}

func (a Area) serviceUser(v *page.View) error {
	p, err := a.serviceUsers().find(v)
	if err != nil {
		return err
	}
	data, err := a.held(v, p, authority.ServiceToken)
	if err != nil {
		return err
	}
	return v.Render("service-user.html", data)
}

func (a Area) editServiceUser(v *page.View) error {
	p, err := a.serviceUsers().find(v)
	if err != nil {
		return err
	}
	choices, err := holder.Offer(v, a.Rights, p)
	if err != nil {
		return err
	}
	v.Form = page.Filled("name", p.Name)
	holder.Fill(v.Form, p)
	return v.Render("service-user-form.html", form{Choices: choices, ID: p.ID, Title: p.Name})
}

func (a Area) changeServiceUser(v *page.View) error {
	p, err := a.serviceUsers().find(v)
	if err != nil {
		return err
	}
	sent := v.Sent()
	name := sent.Get("name")
	roles, areas, err := holder.Sent(v, a.Rights, sent)
	if err == nil {
		_, err = a.ServiceUsers.ChangeServiceUser(v.Context(), v.Caller, admin.PrincipalEdit{ID: p.ID, Name: &name, Roles: &roles, Areas: &areas})
	}
	if err != nil {
		return a.serviceFormAgain(v, p, err)
	}
	return v.Done(holder.Path("/service-users/", p.ID), "service.changed", name)
}
