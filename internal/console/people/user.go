package people

import (
	"net/http"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

func (a Area) userScreens() []page.Screen {
	const list, one = "/users", "/users/{id}"
	const read, may = admin.AccountRead, admin.UsersManage
	return []page.Screen{
		{Path: list, May: read, Serve: a.list, Menu: &page.Item{Section: "access", Label: "users.title", Icon: "users", Order: 10}},
		{Path: list + "/groups", May: read, Serve: a.groups},
		{Path: list + "/new", May: may, Fresh: true, Serve: a.newUser},
		{Method: http.MethodPost, Path: list + "/new", May: may, Audit: "user.create", Fresh: true, Fields: holder.Fields("login", "name", "group", "password", "keys-off"), Lists: holder.Several(), Serve: a.createUser},
		{Path: one, May: read, Serve: a.user},
		{Path: one + "/edit", May: may, Serve: a.editUser},
		{Method: http.MethodPost, Path: one + "/edit", May: may, Audit: "user.change", Fields: holder.Fields("login", "name", "group"), Lists: holder.Several(), Serve: a.changeUser},
		{Method: http.MethodPost, Path: one + "/state", May: may, Audit: "user.change", Fields: []string{"state"}, Serve: a.switchUser},
		{Method: http.MethodPost, Path: one + "/keys", May: may, Audit: "user.change", Fields: []string{"state"}, Serve: a.switchKeys},
		{Path: one + "/disable", May: may, Serve: a.disabling},
		{Path: one + "/keys-off", May: may, Serve: a.takingKeys},
		{Path: one + "/delete", May: may, Serve: a.deleting},
		{Method: http.MethodPost, Path: one + "/delete", May: may, Audit: "user.delete", Serve: a.deleteUser},
	}
}

// listed is a page of users.
type listed struct {
	holder.List

	Groups []page.Option
	Off    []string // dialects whose authorization is off
}

// noGroup stands for those without a group in the filter.
const noGroup = "none"

func (a Area) list(v *page.View) error {
	q := admin.PrincipalQuery{Text: v.Query("q")}
	group, err := v.Chosen("group", append(authority.Groups(), noGroup)...)
	if err != nil {
		return err
	}
	v.Form = page.Filled("q", q.Text, "group", group)
	if group != "" {
		in := strings.TrimPrefix(group, noGroup)
		q.Group = &in
	}
	list, err := holder.ByName(v, q, a.Users.FindUsers)
	if err != nil {
		return err
	}
	groups := []page.Option{{Value: "", Label: v.Name("users", "any-group")}}
	groups = append(groups, groupOptions(v, noGroup)...)
	return v.Render("users.html", listed{list, groups, a.unguarded(v)})
}

// groupOptions are the groups, and none of them under the word none.
func groupOptions(v *page.View, none string) []page.Option {
	var out []page.Option
	for _, g := range authority.Groups() {
		out = append(out, page.Option{Value: g, Label: v.Name("group", g)})
	}
	return append(out, page.Option{Value: none, Label: v.Name("group", noGroup)})
}

// grouped is the page of groups.
type grouped struct {
	Groups []admin.GroupCount
	Off    []string
}

func (a Area) groups(v *page.View) error {
	groups, err := a.Users.CountGroups(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	return v.Render("groups.html", grouped{groups, a.unguarded(v)})
}

// shown is a user with what he may and what keys he has.
type shown struct {
	authority.Principal

	Named  holder.Named
	Keys   []holder.Secret
	Tokens holder.Tokens
	Self   bool // the user looks at himself

	Factors admin.Factors // where he who looks may reset them
}

func (a Area) find(v *page.View) (authority.Principal, error) {
	id, err := v.ID("id")
	if err != nil {
		return authority.Principal{}, err
	}
	return a.Users.User(v.Context(), v.Caller, id)
}

func (a Area) user(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	data := shown{Principal: p, Self: p.ID == v.User().ID}
	if data.Named, err = holder.Name(v, a.Rights, p); err != nil {
		return err
	}
	if data.Keys, err = holder.Secrets(v, a.Keys, p.ID, authority.AccessKey); err != nil {
		return err
	}
	if data.Tokens, err = holder.LiveTokens(v, a.Keys, admin.GrantQuery{Principal: p.ID}); err != nil {
		return err
	}
	data.Factors, err = a.Factors.Factors(v.Context(), v.Caller, p.ID)
	if err = holder.Unseen(err); err != nil {
		return err
	}
	return v.Render("user.html", data)
}

// ending is what a page shows before something of a user ends.
type ending struct {
	authority.Principal

	Secret holder.Secret
	Tokens holder.Tokens
}

func (a Area) disabling(v *page.View) error  { return a.preview(v, "user-disable.html") }
func (a Area) takingKeys(v *page.View) error { return a.preview(v, "user-keys-off.html") }
func (a Area) deleting(v *page.View) error   { return a.preview(v, "user-delete.html") }

func (a Area) preview(v *page.View, file string) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	tokens, err := holder.LiveTokens(v, a.Keys, admin.GrantQuery{Principal: p.ID})
	if err != nil {
		return err
	}
	return v.Render(file, ending{Principal: p, Tokens: tokens})
}

func (a Area) switchUser(v *page.View) error {
	id, off, err := holder.Switched(v)
	if err != nil {
		return err
	}
	return a.switched(v, admin.PrincipalEdit{ID: id, Disabled: &off}, off, "users.disabled", "users.enabled")
}

func (a Area) switchKeys(v *page.View) error {
	id, off, err := holder.Switched(v)
	if err != nil {
		return err
	}
	return a.switched(v, admin.PrincipalEdit{ID: id, KeysOff: &off}, off, "users.keys-taken", "users.keys-given")
}

// switched applies the edit of a switch and says what it has done.
func (a Area) switched(v *page.View, e admin.PrincipalEdit, off bool, saysOff, saysOn string) error {
	p, err := a.Users.ChangeUser(v.Context(), v.Caller, e)
	if err != nil {
		return err
	}
	if off {
		return v.Done(holder.Path("/users/", p.ID), saysOff, p.Name)
	}
	return v.Done(holder.Path("/users/", p.ID), saysOn, p.Name)
}

func (a Area) deleteUser(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	if err := a.Users.DeleteUser(v.Context(), v.Caller, p.ID); err != nil {
		return err
	}
	return v.Done("/users", "users.deleted", p.Name)
}
