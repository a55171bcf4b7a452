package people

import (
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

// keyScreens are what everybody has of his own keys.
func (a Area) keyScreens() []page.Screen {
	const list, one = "/keys", "/keys/secrets/{secret}/revoke"
	const may = admin.KeysManage
	return []page.Screen{
		{Path: list, May: may, Home: true, Serve: a.keys, Menu: &page.Item{Section: "profile", Label: "keys.title", Icon: "key-round", Order: 10}},
		{Path: list + "/new", May: may, Fresh: true, Home: true, Serve: a.newKey},
		{Method: http.MethodPost, Path: list + "/new", May: may, Audit: "access_key.create", Fresh: true, Home: true, Fields: holder.WantedFields(), Serve: a.createKey},
		{Path: one, May: may, Home: true, Serve: a.endingOwnKey},
		{Method: http.MethodPost, Path: one, May: may, Audit: "credential.revoke", Home: true, Serve: a.endOwnKey},
	}
}

func (a Area) keys(v *page.View) error {
	keys, err := holder.Secrets(v, a.Keys, v.User().ID, authority.AccessKey)
	if err != nil {
		return err
	}
	return v.Render("keys.html", keys)
}

func (Area) newKey(v *page.View) error { return v.Render("key-form.html", nil) }

func (a Area) createKey(v *page.View) error {
	sent := v.Sent()
	var key admin.NewSecret
	g, err := holder.Wanted(v, sent, v.User().ID)
	if err == nil {
		key, err = a.Keys.GenerateAccessKey(v.Context(), v.Caller, g)
	}
	if err != nil {
		return v.Again("key-form.html", nil, err)
	}
	return v.Render("key-made.html", key)
}

func (a Area) endingOwnKey(v *page.View) error {
	key, err := holder.Find(v, a.Keys, v.User().ID)
	if err != nil {
		return err
	}
	return v.Render("key-revoke.html", ending{v.User(), key, key.Tokens})
}

func (a Area) endOwnKey(v *page.View) error { return a.end(v, v.User().ID, "/keys") }
