package control

import (
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

func (a Area) accountScreens() []page.Screen {
	const list, one = "/accounts", "/accounts/{id}"
	out := []page.Screen{
		{
			Path: list, Serve: a.accounts,
			Menu: &page.Item{Section: "control", Label: "accounts.title", Icon: "building-2", Order: 50},
		},
		{Path: list + "/new", Fresh: true, Serve: func(v *page.View) error { return v.Render("account-new.html", nil) }},
		{Method: post, Path: list, Audit: "account.create", Fresh: true, Fields: []string{"name", "contract", "login", "full-name"}, Serve: a.createAccount},
		{Path: one, Serve: a.account},
		{Method: post, Path: one, Audit: "account.change", Fields: []string{"name"}, Serve: a.renameAccount},
		{Method: post, Path: one + "/hosts", Audit: "host.bind", Fields: []string{"host"}, Serve: a.bindHost},
		{Method: post, Path: one + "/hosts/delete", Audit: "host.unbind", Fields: []string{"host"}, Serve: a.unbindHost},
		{Method: post, Path: one + "/default", Audit: "account.default", Serve: a.makeDefault},
		{Path: one + "/disable", Serve: a.disabling},
		{Method: post, Path: one + "/disable", Audit: "account.disable", Serve: a.disableAccount},
		{Method: post, Path: one + "/enable", Audit: "account.enable", Serve: a.enableAccount},
		{Path: one + "/delete", Serve: a.endingAccount},
		{Method: post, Path: one + "/delete", Audit: "account.delete", Fresh: true, Fields: []string{"contract"}, Serve: a.deleteAccount},
	}
	for i := range out {
		out[i].May, out[i].Home = admin.AccountsManage, true
	}
	return out
}

func (a Area) accounts(v *page.View) error {
	list, err := a.Accounts.Accounts(v.Context(), v.Caller, v.Slice())
	if err != nil {
		return err
	}
	return v.Render("accounts.html", listing[authority.Account]{list.Items, v.Numbered(len(list.Items), list.Total)})
}

func (a Area) createAccount(v *page.View) error {
	sent := v.Sent()
	made, err := a.Accounts.CreateAccount(v.Context(), v.Caller, admin.NewAccount{
		Name: sent.Get("name"), Contract: strings.TrimSpace(sent.Get("contract")),
		Login: strings.TrimSpace(sent.Get("login")), FullName: sent.Get("full-name"),
	})
	if err != nil {
		return v.Again("account-new.html", nil, err)
	}
	if made.Password.Empty() {
		return v.Done("/accounts/"+page.Text(made.Account.ID), "accounts.created", made.Account.Name)
	}
	return v.Render("account-made.html", made)
}

// shownAccount is an account as its page shows it.
type shownAccount struct {
	Account                           authority.Account
	Bound                             []string
	Default, Own                      bool
	Users, ServiceUsers, Applications int
	Grants                            admin.GrantEffect
}

// shown reads the account of the address with its figures.
func (a Area) shown(v *page.View) (out shownAccount, err error) {
	id, err := v.ID("id")
	if err != nil {
		return out, err
	}
	if out.Account, err = a.Accounts.Account(v.Context(), v.Caller, id); err != nil {
		return out, err
	}
	out.Own = id == v.Account().ID
	if out.Bound, err = a.Hosts.Hosts(v.Context(), v.Caller, id); err != nil {
		return out, err
	}
	if out.Default, err = a.Hosts.IsDefault(v.Context(), v.Caller, id); err != nil {
		return out, err
	}
	return out, a.figures(v, &out)
}

// figures counts what lies in an account.
func (a Area) figures(v *page.View, out *shownAccount) error {
	ctx, one := v.Context(), admin.Page{Size: 1}
	c, err := a.Inside.Into(ctx, v.Caller, out.Account.ID)
	if err != nil {
		return err
	}
	users, err := a.Inside.Users(ctx, c, one)
	if err != nil {
		return err
	}
	service, err := a.Inside.ServiceUsers(ctx, c, one)
	if err != nil {
		return err
	}
	apps, err := a.Inside.Applications(ctx, c, one)
	if err != nil {
		return err
	}
	out.Users, out.ServiceUsers, out.Applications = users.Total, service.Total, apps.Total
	out.Grants, err = a.Inside.GrantEffect(ctx, c, admin.GrantQuery{})
	return err
}

// show renders one of the pages of an account.
func (a Area) show(v *page.View, file string) error {
	out, err := a.shown(v)
	if err != nil {
		return err
	}
	if file == "account.html" {
		v.Form = page.Filled("name", out.Account.Name)
	}
	return v.Render(file, out)
}

func (a Area) account(v *page.View) error       { return a.show(v, "account.html") }
func (a Area) disabling(v *page.View) error     { return a.show(v, "account-disable.html") }
func (a Area) endingAccount(v *page.View) error { return a.show(v, "account-delete.html") }

// change does something to the account of the address, and says so; key gets
// what is named.
func (a Area) change(v *page.View, file, key string, do func(id authority.ID) (named string, err error)) error {
	out, err := a.shown(v)
	if err != nil {
		return err
	}
	named, err := do(out.Account.ID)
	if err != nil {
		if !v.Form.Values.Has("name") {
			v.Form.Values.Set("name", out.Account.Name)
		}
		return v.Again(file, out, err)
	}
	if file == "account-delete.html" {
		return v.Done("/accounts", key, named)
	}
	return v.Done("/accounts/"+page.Text(out.Account.ID), key, named)
}

func (a Area) renameAccount(v *page.View) error {
	return a.change(v, "account.html", "accounts.renamed", func(id authority.ID) (string, error) {
		made, err := a.Accounts.RenameAccount(v.Context(), v.Caller, id, v.Form.Value("name"))
		return made.Name, err
	})
}

func (a Area) bindHost(v *page.View) error {
	return a.change(v, "account.html", "accounts.bound", func(id authority.ID) (string, error) {
		host := strings.TrimSpace(v.Form.Value("host"))
		return host, a.Hosts.BindHost(v.Context(), v.Caller, id, host)
	})
}

func (a Area) unbindHost(v *page.View) error {
	return a.change(v, "account.html", "accounts.unbound", func(id authority.ID) (string, error) {
		host := v.Form.Value("host")
		return host, a.Hosts.UnbindHost(v.Context(), v.Caller, id, host)
	})
}

func (a Area) makeDefault(v *page.View) error {
	return a.change(v, "account.html", "accounts.default-now", func(id authority.ID) (string, error) {
		return "", a.Hosts.SetDefaultAccount(v.Context(), v.Caller, id)
	})
}

func (a Area) disableAccount(v *page.View) error {
	return a.change(v, "account-disable.html", "accounts.disabled", func(id authority.ID) (string, error) {
		made, err := a.Accounts.DisableAccount(v.Context(), v.Caller, id)
		return made.Name, err
	})
}

func (a Area) enableAccount(v *page.View) error {
	return a.change(v, "account.html", "accounts.enabled", func(id authority.ID) (string, error) {
		made, err := a.Accounts.EnableAccount(v.Context(), v.Caller, id)
		return made.Name, err
	})
}

// deleteAccount asks for the contract number: what is gone with an account does
// not come back.
func (a Area) deleteAccount(v *page.View) error {
	return a.change(v, "account-delete.html", "accounts.deleted", func(id authority.ID) (string, error) {
		one, err := a.Accounts.Account(v.Context(), v.Caller, id)
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(v.Form.Value("contract")) != one.Contract {
			return "", authority.E(authority.InvalidValue, "type the account's contract number").With("field", "contract")
		}
		return one.Name, a.Accounts.DeleteAccount(v.Context(), v.Caller, id)
	})
}

// host is a name that is bound to an account, and as people write it.
type host struct{ Name, Shown string }

// Hosts are the names that are bound to the account.
func (s shownAccount) Hosts() []host {
	out := make([]host, len(s.Bound))
	for i, name := range s.Bound {
		out[i] = host{name, admin.ShowHost(name)}
	}
	return out
}
