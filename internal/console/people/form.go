package people

import (
	"crypto/rand"
	"net/url"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// form is what forms about a user show.
type form struct {
	holder.Choices

	ID     authority.ID // 0 = he is to be made
	Title  string
	Groups []page.Option
}

func (a Area) form(v *page.View, p authority.Principal) (form, error) {
	choices, err := holder.Offer(v, a.Rights, p)
	return form{choices, p.ID, p.Name, groupOptions(v, "")}, err
}

func (a Area) newUser(v *page.View) error {
	data, err := a.form(v, authority.Principal{})
	if err != nil {
		return err
	}
	v.Form = page.Filled("all-areas", page.Yes, "group", authority.GroupMobileUser)
	return v.Render("user-form.html", data)
}

// made is a user with the password that is shown this once; "" = he knows it.
type made struct {
	authority.Principal

	Password authority.Secret
}

func (a Area) createUser(v *page.View) error {
	sent := v.Sent()
	var err error
	password, madeUp := wanted(sent)
	n := admin.NewUser{
		Login: sent.Get("login"), Name: sent.Get("name"), Group: sent.Get("group"), Password: password,
	}
	var p authority.Principal
	if n.KeysOff, err = v.Form.Ticked("keys-off"); err == nil {
		n.Roles, n.Areas, err = holder.Sent(v, a.Rights, sent)
	}
	if err == nil {
		p, err = a.Users.CreateUser(v.Context(), v.Caller, n)
	}
	if err != nil {
		return a.formAgain(v, authority.Principal{}, err)
	}
	if madeUp {
		return v.Render("user-made.html", made{p, password})
	}
	return v.Done(holder.Path("/users/", p.ID), "users.created", p.Name)
}

// wanted gives the password that was typed, or makes one up where none was.
func wanted(sent url.Values) (password authority.Secret, madeUp bool) {
	if text := sent.Get("password"); text != "" {
		return authority.NewSecret(text), false
	}
	return authority.NewSecret(rand.Text()), true
}

func (a Area) formAgain(v *page.View, p authority.Principal, wrong error) error {
	data, err := a.form(v, p)
	if err != nil {
		return err
	}
	return v.Again("user-form.html", data, wrong)
}

func (a Area) editUser(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	data, err := a.form(v, p)
	if err != nil {
		return err
	}
	v.Form = page.Filled("login", p.Login, "name", p.Name, "group", p.Group)
	holder.Fill(v.Form, p)
	return v.Render("user-form.html", data)
}

func (a Area) changeUser(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	sent := v.Sent()
	login, name, group := sent.Get("login"), sent.Get("name"), sent.Get("group")
	roles, areas, err := holder.Sent(v, a.Rights, sent)
	if err == nil {
		_, err = a.Users.ChangeUser(v.Context(), v.Caller, admin.PrincipalEdit{
			ID: p.ID, Login: &login, Name: &name, Group: &group, Roles: &roles, Areas: &areas,
		})
	}
	if err != nil {
		return a.formAgain(v, p, err)
	}
	return v.Done(holder.Path("/users/", p.ID), "users.changed", name)
}
