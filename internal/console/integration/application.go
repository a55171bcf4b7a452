package integration

import (
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// registration is the address that the documents give for a new application.
const registration = "/app/register"

// applicationScreens are those of all applications, and of everybody's own.
func (a Area) applicationScreens() []page.Screen {
	menu := &page.Item{Section: "integration", Label: "app.title", Icon: "app-window", Order: 20}
	all := append(a.screensOf(admin.AccountRead, admin.ApplicationsManage), a.mine().ownScreens()...)
	return append(all, page.Screen{Path: a.list(), May: admin.AccountRead, Serve: a.listApplications, Menu: menu},
		page.Screen{Path: registration, Serve: a.register})
}

func (a Area) screensOf(read, may authority.Permission) []page.Screen {
	list := a.list()
	one := list + "/{id}"
	secret := one + "/secrets/{secret}/revoke"
	return []page.Screen{
		{Path: list + "/new", May: may, Fresh: true, Serve: a.newApplication},
		{Method: http.MethodPost, Path: list + "/new", May: may, Audit: "application.create", Fresh: true, Serve: a.createApplication},
		{Path: one, May: read, Serve: a.application},
		{Path: one + "/edit", May: may, Serve: a.editApplication},
		{Method: http.MethodPost, Path: one + "/edit", May: may, Audit: "application.change", Serve: a.changeApplication},
		{Method: http.MethodPost, Path: one + "/state", May: may, Audit: "application.change", Serve: a.switchApplication},
		{Path: one + "/disable", May: may, Serve: a.disablingApplication},
		{Path: one + "/delete", May: may, Serve: a.deletingApplication},
		{Method: http.MethodPost, Path: one + "/delete", May: may, Audit: "application.delete", Serve: a.deleteApplication},
		{Path: one + "/secret", May: may, Fresh: true, Serve: a.newApplicationSecret},
		{Method: http.MethodPost, Path: one + "/secret", May: may, Audit: "application_secret.generate", Fresh: true, Serve: a.rotateApplicationSecret},
		{Path: secret, May: may, Serve: a.endingApplicationSecret},
		{Method: http.MethodPost, Path: secret, May: may, Audit: "credential.revoke", Serve: a.endApplicationSecret},
	}
}

func (a Area) listApplications(v *page.View) error {
	v.Form = page.Filled("q", v.Query("q"))
	list, err := holder.ByName(v, admin.PrincipalQuery{Text: v.Query("q")}, a.Find.FindApplications)
	if err != nil {
		return err
	}
	return v.Render("applications.html", list)
}

// shownApplication is an application with whom it acts as.
type shownApplication struct {
	held

	Owner    string // "" = itself
	ClientID string
	Dialect  string
	At, List string // its page, and the list that it is in
	May, Own bool   // the user may change it, as one of his own
}

func (a Area) application(v *page.View) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	data := shownApplication{At: a.at(p.ID), List: a.list(), May: a.may(v), Own: a.own}
	if data.held, err = a.held(v, p, authority.ApplicationSecret); err != nil {
		return err
	}
	for _, s := range data.Secrets {
		data.ClientID, data.Dialect = s.ClientID, s.Application
	}
	if data.Owner, err = a.ownerOf(v, p); err != nil {
		return err
	}
	return v.Render("application.html", data)
}

// ownerOf names the user that an application acts as; "" = none.
func (a Area) ownerOf(v *page.View, p authority.Principal) (string, error) {
	if p.Traits.Owner == 0 {
		return "", nil
	}
	if a.own {
		return v.User().Name, nil
	}
	owner, err := a.Users.User(v.Context(), v.Caller, p.Traits.Owner)
	if err != nil && authority.CodeOf(err) != authority.NotFound {
		return "", err
	}
	return owner.Name, nil
}

func (a Area) findApplication(v *page.View) (authority.Principal, error) {
	id, err := v.ID("id")
	if err != nil {
		return authority.Principal{}, err
	}
	return a.Applications.Application(v.Context(), v.Caller, id)
}

func (a Area) disablingApplication(v *page.View) error {
	return a.previewApplication(v, "application-disable.html")
}

func (a Area) deletingApplication(v *page.View) error {
	return a.previewApplication(v, "application-delete.html")
}

func (a Area) previewApplication(v *page.View, file string) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	data, err := a.ending(v, p)
	if err != nil {
		return err
	}
	data.At = a.at(p.ID)
	return v.Render(file, data)
}

func (a Area) switchApplication(v *page.View) error {
	id, off, err := holder.Switched(v)
	if err != nil {
		return err
	}
	p, err := a.Applications.ChangeApplication(v.Context(), v.Caller, admin.PrincipalEdit{ID: id, Disabled: &off})
	if err != nil {
		return err
	}
	if off {
		return v.Done(a.at(id), "app.disabled", p.Name)
	}
	return v.Done(a.at(id), "app.enabled", p.Name)
}

func (a Area) deleteApplication(v *page.View) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	if err := a.Applications.DeleteApplication(v.Context(), v.Caller, p.ID); err != nil {
		return err
	}
	return v.Done(a.list(), "app.deleted", p.Name)
}

func (a Area) newApplicationSecret(v *page.View) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	data, err := a.wanting(v, p, authority.ApplicationSecret)
	if err != nil {
		return err
	}
	data.At = a.at(p.ID)
	return v.Render("application-secret-form.html", data)
}

func (a Area) rotateApplicationSecret(v *page.View) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	sent, err := v.Sent()
	if err != nil {
		return err
	}
	var secret admin.NewSecret
	g, err := holder.Wanted(v, sent, p.ID)
	if err == nil {
		secret, err = a.Applications.RotateApplicationSecret(v.Context(), v.Caller, g)
	}
	if err == nil {
		return v.Render("application-made.html", made{p, secret, a.at(p.ID)})
	}
	data, failed := a.wanting(v, p, authority.ApplicationSecret)
	if failed != nil {
		return failed
	}
	data.At = a.at(p.ID)
	return v.Again("application-secret-form.html", data, err)
}

func (a Area) endingApplicationSecret(v *page.View) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	secret, err := holder.Find(v, a.Secrets, p.ID)
	if err != nil {
		return err
	}
	return v.Render("application-secret-revoke.html", ending{p, secret, secret.Tokens, a.at(p.ID)})
}

func (a Area) endApplicationSecret(v *page.View) error {
	p, err := a.findApplication(v)
	if err != nil {
		return err
	}
	return a.endSecret(v, p, a.at(p.ID))
}
