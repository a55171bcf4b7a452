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

// applications are the programs that have an application secret.
func (a Area) applications() program {
	return program{
		secrets: a.Secrets, list: a.list(),
		file: "application", words: "app", verb: "application",
		kind: authority.ApplicationSecret, secretFile: "application-secret", secretPath: "/secret", secretVerb: "application_secret",
		load: a.Applications.Application, change: a.Applications.ChangeApplication,
		end: a.Applications.DeleteApplication, make: a.Applications.RotateApplicationSecret,
	}
}

func (a Area) screensOf(read, may authority.Permission) []page.Screen {
	p := a.applications()
	p.may = may
	list := a.list()
	one := list + "/{id}"
	return append(p.screens(),
		page.Screen{Path: list + "/new", May: may, Fresh: true, Serve: a.newApplication},
		page.Screen{Method: http.MethodPost, Path: list + "/new", May: may, Audit: "application.create", Fresh: true, Fields: a.formFields("type", "no-secret", "expires"), Lists: a.formLists(), Serve: a.createApplication},
		page.Screen{Path: one, May: read, Serve: a.application},
		page.Screen{Path: one + "/edit", May: may, Serve: a.editApplication},
		page.Screen{Method: http.MethodPost, Path: one + "/edit", May: may, Audit: "application.change", Fields: a.formFields(), Lists: a.formLists(), Serve: a.changeApplication},
	)
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
	p, err := a.applications().find(v)
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
