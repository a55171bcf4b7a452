package integration

import (
	"net/url"
	"slices"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// appType is one way in which an application gets its tokens, and the dialect
// whose client it is.
type appType struct{ word, dialect string }

// public is the type of those that users let in.
const public = "public"

func appTypes() []appType {
	return []appType{{"trusted", "ringme"}, {public, "ringme"}, {"password_credentials", "ringme"}, {"oauth", "oauth"}}
}

// accesses are how far an application reaches.
func accesses() []string { return []string{"Call API", "All"} }

// appForm is the form of an application.
type appForm struct {
	form

	Types, Accesses []page.Option
	Type            string // that it has, and keeps
	List, Back      string // the list that it is in, and where the form leads when it is given up
	Own             bool   // it acts as the user and has no rights of its own
}

// appForm offers the types of those dialects that are there.
func (a Area) appForm(v *page.View, p authority.Principal) (appForm, error) {
	out := appForm{form: form{ID: p.ID, Title: p.Name}, Type: p.Traits.Type, List: a.list(), Back: a.list(), Own: a.own}
	if p.ID != 0 {
		out.Back = a.at(p.ID)
	}
	var err error
	if !a.own {
		out.Choices, err = holder.Offer(v, a.Rights, p)
	}
	for _, t := range appTypes() {
		if a.has(t.dialect) {
			out.Types = append(out.Types, page.Option{Value: t.word, Label: v.Name("app.type", t.word)})
		}
	}
	for _, access := range accesses() {
		out.Accesses = append(out.Accesses, page.Option{Value: access, Label: v.Name("app.access", access)})
	}
	return out, err
}

func (a Area) has(dialect string) bool {
	return slices.ContainsFunc(a.Applications.Dialects(), func(d admin.Dialect) bool { return d.Name == dialect })
}

func (a Area) newApplication(v *page.View) error {
	if err := a.changes(v); err != nil {
		return err
	}
	data, err := a.appForm(v, authority.Principal{})
	if err != nil {
		return err
	}
	return v.Render("application-form.html", data)
}

func (a Area) createApplication(v *page.View) error {
	sent := v.Sent()
	n, err := a.wantedApplication(v, sent)
	if err != nil {
		return a.appFormAgain(v, authority.Principal{}, err)
	}
	client, err := a.Applications.CreateApplication(v.Context(), v.Caller, n)
	if err != nil {
		return a.appFormAgain(v, authority.Principal{}, err)
	}
	return v.Render("application-secret-made.html", made{client.Application, client.Secret, a.at(client.Application.ID)})
}

func (a Area) appFormAgain(v *page.View, p authority.Principal, wrong error) error {
	data, err := a.appForm(v, p)
	if err != nil {
		return err
	}
	return v.Again("application-form.html", data, wrong)
}

func (a Area) wantedApplication(v *page.View, sent url.Values) (n admin.NewApplication, err error) {
	kind := slices.IndexFunc(appTypes(), func(t appType) bool { return t.word == sent.Get("type") })
	if kind < 0 {
		return n, page.NoChoice("type")
	}
	n.Dialect = appTypes()[kind].dialect
	if n.Traits, err = traits(sent); err != nil {
		return n, err
	}
	n.Name, n.Traits.Type = sent.Get("name"), sent.Get("type")
	if n.Traits.NoSecret, err = v.Form.Ticked("no-secret"); err != nil {
		return n, err
	}
	if n.Traits.NoSecret && n.Traits.Type != public {
		return n, authority.E(authority.InvalidValue, "only a public application can do without a secret").With("field", "no-secret")
	}
	if n.Expires, err = holder.Expires(v, sent); err != nil {
		return n, err
	}
	n.Roles, n.Areas, err = holder.Sent(v, a.Rights, sent)
	return n, err
}

// traits reads what an application says of itself and may be changed.
func traits(sent url.Values) (authority.Traits, error) {
	t := authority.Traits{
		DisplayName: sent.Get("display-name"), Description: sent.Get("description"), Access: sent.Get("access"),
		RedirectURIs: strings.Fields(sent.Get("redirect-uris")),
	}
	if t.Access != "" && !slices.Contains(accesses(), t.Access) {
		return t, page.NoChoice("access")
	}
	return t, nil
}

func (a Area) editApplication(v *page.View) error {
	p, err := a.applications().find(v)
	if err != nil {
		return err
	}
	data, err := a.appForm(v, p)
	if err != nil {
		return err
	}
	v.Form = page.Filled("name", p.Name, "display-name", p.Traits.DisplayName, "description", p.Traits.Description,
		"access", p.Traits.Access, "redirect-uris", strings.Join(p.Traits.RedirectURIs, "\n"))
	holder.Fill(v.Form, p)
	return v.Render("application-form.html", data)
}

func (a Area) changeApplication(v *page.View) error {
	p, err := a.applications().find(v)
	if err != nil {
		return err
	}
	sent := v.Sent()
	edit, err := a.editOf(v, sent)
	if edit.ID = p.ID; err == nil {
		_, err = a.Applications.ChangeApplication(v.Context(), v.Caller, edit)
	}
	if err != nil {
		return a.appFormAgain(v, p, err)
	}
	return v.Done(a.at(p.ID), "app.changed", sent.Get("name"))
}

func (a Area) editOf(v *page.View, sent url.Values) (admin.PrincipalEdit, error) {
	t, err := traits(sent)
	if err != nil {
		return admin.PrincipalEdit{}, err
	}
	roles, areas, err := holder.Sent(v, a.Rights, sent)
	name := sent.Get("name")
	return admin.PrincipalEdit{Name: &name, Roles: &roles, Areas: &areas, Traits: &admin.TraitsEdit{
		DisplayName: &t.DisplayName, Description: &t.Description, Access: &t.Access, RedirectURIs: &t.RedirectURIs,
	}}, err
}

// formFields names the fields of an application's form that are there once:
// those of every form, and others. One's own has no rights of its own.
func (a Area) formFields(others ...string) []string {
	out := append(others, "name", "display-name", "description", "access", "redirect-uris")
	if a.own {
		return out
	}
	return holder.Fields(out...)
}

// formLists names those that may be there more than once.
func (a Area) formLists() []string {
	if a.own {
		return nil
	}
	return holder.Several()
}
