package consent

import (
	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// rows is a page of consents.
type rows struct {
	Items []admin.Consent
	Pager page.Pager
	Of    authority.Principal // the application that they were given to
}

// mine lists what the user lets applications do.
func (a Area) mine(v *page.View) error {
	list, err := a.Consents.MyConsents(v.Context(), v.Caller, v.Slice())
	if err != nil {
		return err
	}
	return v.Render("consents.html", rows{Items: list.Items, Pager: v.Numbered(len(list.Items), list.Total)})
}

// doubt is what is asked before a consent is withdrawn.
type doubt struct {
	Ask, Yes  string // words, and what they are about
	Whose     string
	Do, Leave string // addresses
}

func (a Area) sure(v *page.View) error {
	id, err := v.ID("application")
	if err != nil {
		return err
	}
	list, err := a.Consents.MyConsents(v.Context(), v.Caller, admin.Page{Size: most})
	if err != nil {
		return err
	}
	for _, c := range list.Items {
		if c.Application == id {
			return v.Render("withdraw.html", doubt{"consents.sure", "consents.withdraw", c.Name, v.URL("/consents/%d/withdraw", id), v.URL("/consents")})
		}
	}
	return noConsent()
}

// most is how many consents of one user are looked through.
const most = 1000

func noConsent() error { return authority.E(authority.NotFound, "there is no such consent") }

func (a Area) withdrawMine(v *page.View) error {
	application, err := v.ID("application")
	if err == nil {
		err = a.Consents.WithdrawMine(v.Context(), v.Caller, application)
	}
	if err != nil {
		return err
	}
	return v.Done("/consents", "consents.withdrawn")
}

// users lists whose consent an application has.
func (a Area) users(v *page.View) error {
	of, err := a.application(v)
	if err != nil {
		return err
	}
	list, err := a.Consents.Consents(v.Context(), v.Caller, admin.ConsentQuery{Application: of.ID}, v.Slice())
	if err != nil {
		return err
	}
	return v.Render("users.consents.html", rows{list.Items, v.Numbered(len(list.Items), list.Total), of})
}

func (a Area) application(v *page.View) (authority.Principal, error) {
	id, err := v.ID("application")
	if err != nil {
		return authority.Principal{}, err
	}
	return a.Consents.Application(v.Context(), v.Caller, id)
}

func (a Area) sureOf(v *page.View) error {
	of, user, err := ids(v)
	if err != nil {
		return err
	}
	list, err := a.Consents.Consents(v.Context(), v.Caller, admin.ConsentQuery{Application: of, User: user}, admin.Page{})
	if err == nil && len(list.Items) == 0 {
		err = noConsent()
	}
	if err != nil {
		return err
	}
	return v.Render("withdraw.html", doubt{
		"consents.sure-of", "consents.withdraw", list.Items[0].User,
		v.URL("/applications/%d/consents/%d/withdraw", of, user), v.URL("/applications/%d/consents", of),
	})
}

func (a Area) withdraw(v *page.View) error {
	of, user, err := ids(v)
	if err == nil {
		err = a.Consents.WithdrawConsent(v.Context(), v.Caller, user, of)
	}
	if err != nil {
		return err
	}
	return v.Done("/applications/"+v.Value("application")+"/consents", "consents.withdrawn")
}

// ids reads whose consent to which application a path is about.
func ids(v *page.View) (application, user authority.ID, err error) {
	if application, err = v.ID("application"); err != nil {
		return 0, 0, err
	}
	user, err = v.ID("user")
	return application, user, err
}
