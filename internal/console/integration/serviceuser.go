package integration

import (
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

func (a Area) serviceScreens() []page.Screen {
	const list, one, secret = "/service-users", "/service-users/{id}", "/service-users/{id}/secrets/{secret}/revoke"
	const may = admin.ServiceUsersManage
	return []page.Screen{
		{Path: list, May: may, Serve: a.listServiceUsers, Menu: &page.Item{Section: "integration", Label: "service.title", Icon: "bot", Order: 10}},
		{Path: list + "/new", May: may, Serve: a.newServiceUser},
		{Method: http.MethodPost, Path: list + "/new", May: may, Audit: "service_user.create", Serve: a.createServiceUser},
		{Path: one, May: may, Serve: a.serviceUser},
		{Path: one + "/edit", May: may, Serve: a.editServiceUser},
		{Method: http.MethodPost, Path: one + "/edit", May: may, Audit: "service_user.change", Serve: a.changeServiceUser},
		{Method: http.MethodPost, Path: one + "/state", May: may, Audit: "service_user.change", Serve: a.switchServiceUser},
		{Path: one + "/disable", May: may, Serve: a.disablingServiceUser},
		{Path: one + "/delete", May: may, Serve: a.deletingServiceUser},
		{Method: http.MethodPost, Path: one + "/delete", May: may, Audit: "service_user.delete", Serve: a.deleteServiceUser},
		{Path: one + "/token", May: may, Fresh: true, Serve: a.newServiceToken},
		{Method: http.MethodPost, Path: one + "/token", May: may, Audit: "service_token.generate", Fresh: true, Serve: a.generateServiceToken},
		{Path: secret, May: may, Serve: a.endingServiceToken},
		{Method: http.MethodPost, Path: secret, May: may, Audit: "credential.revoke", Serve: a.endServiceToken},
	}
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
	sent, err := v.Sent(holder.Several()...)
	if err != nil {
		return err
	}
	var p authority.Principal
	roles, areas, err := holder.Sent(v, sent)
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

func (a Area) findServiceUser(v *page.View) (authority.Principal, error) {
	id, err := v.ID("id")
	if err != nil {
		return authority.Principal{}, err
	}
	return a.ServiceUsers.ServiceUser(v.Context(), v.Caller, id)
}

func (a Area) serviceUser(v *page.View) error {
	p, err := a.findServiceUser(v)
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
	p, err := a.findServiceUser(v)
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
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	sent, err := v.Sent(holder.Several()...)
	if err != nil {
		return err
	}
	name := sent.Get("name")
	roles, areas, err := holder.Sent(v, sent)
	if err == nil {
		_, err = a.ServiceUsers.ChangeServiceUser(v.Context(), v.Caller, admin.PrincipalEdit{ID: p.ID, Name: &name, Roles: &roles, Areas: &areas})
	}
	if err != nil {
		return a.serviceFormAgain(v, p, err)
	}
	return v.Done(holder.Path("/service-users/", p.ID), "service.changed", name)
}

// ending is what a page shows before something ends.
type ending struct {
	authority.Principal

	Secret holder.Secret // zero where the holder as a whole ends
	Tokens holder.Tokens
	At     string // an application's page
}

func (a Area) ending(v *page.View, p authority.Principal) (ending, error) {
	tokens, err := holder.LiveTokens(v, a.Secrets, admin.GrantQuery{Principal: p.ID})
	return ending{Principal: p, Tokens: tokens}, err
}

func (a Area) disablingServiceUser(v *page.View) error {
	return a.previewServiceUser(v, "service-user-disable.html")
}

func (a Area) deletingServiceUser(v *page.View) error {
	return a.previewServiceUser(v, "service-user-delete.html")
}

func (a Area) previewServiceUser(v *page.View, file string) error {
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	data, err := a.ending(v, p)
	if err != nil {
		return err
	}
	return v.Render(file, data)
}

func (a Area) switchServiceUser(v *page.View) error {
	id, off, err := holder.Switched(v)
	if err != nil {
		return err
	}
	p, err := a.ServiceUsers.ChangeServiceUser(v.Context(), v.Caller, admin.PrincipalEdit{ID: id, Disabled: &off})
	if err != nil {
		return err
	}
	if off {
		return v.Done(holder.Path("/service-users/", id), "service.disabled", p.Name)
	}
	return v.Done(holder.Path("/service-users/", id), "service.enabled", p.Name)
}

func (a Area) deleteServiceUser(v *page.View) error {
	p, err := a.findServiceUser(v)
	if err != nil {
		return err
	}
	if err := a.ServiceUsers.DeleteServiceUser(v.Context(), v.Caller, p.ID); err != nil {
		return err
	}
	return v.Done("/service-users", "service.deleted", p.Name)
}
