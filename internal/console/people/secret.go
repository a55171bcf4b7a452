package people

import (
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

func (a Area) secretScreens() []page.Screen {
	const one, secret = "/users/{id}", "/users/{id}/secrets/{secret}/revoke"
	const may = admin.UsersManage
	return []page.Screen{
		{Path: one + "/password", May: may, Fresh: true, Serve: a.newPassword},
		{Method: http.MethodPost, Path: one + "/password", May: may, Audit: "user.password", Fresh: true, Fields: []string{"password"}, Serve: a.setPassword},
		{Path: one + "/factors", May: may, Fresh: true, Serve: a.resettingFactors},
		{Method: http.MethodPost, Path: one + "/factors", May: may, Audit: "factor.reset", Fresh: true, Serve: a.resetFactors},
		{Path: secret, May: may, Serve: a.endingKey},
		{Method: http.MethodPost, Path: secret, May: may, Audit: "credential.revoke", Serve: a.endKey},
	}
}

func (a Area) newPassword(v *page.View) error { return a.preview(v, "user-password.html") }

func (a Area) setPassword(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	sent := v.Sent()
	password, madeUp := wanted(sent)
	err = a.Users.SetPassword(v.Context(), v.Caller, p.ID, password)
	switch {
	case err != nil:
		return v.Again("user-password.html", ending{Principal: p}, err)
	case madeUp:
		return v.Render("user-made.html", made{p, password})
	case p.ID == v.User().ID:
		return v.Redirect("/sign-in") // his own session has ended with everything else
	}
	return v.Done(holder.Path("/users/", p.ID), "users.password-set", p.Name)
}

// factors is a user with his second factors.
type factors struct {
	authority.Principal

	Factors admin.Factors
}

func (a Area) resettingFactors(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	f, err := a.Factors.Factors(v.Context(), v.Caller, p.ID)
	if err != nil {
		return err
	}
	return v.Render("user-factors.html", factors{p, f})
}

func (a Area) resetFactors(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	if err := a.Factors.ResetFactors(v.Context(), v.Caller, p.ID); err != nil {
		return err
	}
	return v.Done(holder.Path("/users/", p.ID), "users.factors-reset", p.Name)
}

func (a Area) endingKey(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	key, err := holder.Find(v, a.Keys, p.ID)
	if err != nil {
		return err
	}
	return v.Render("user-key-revoke.html", ending{p, key, key.Tokens})
}

func (a Area) endKey(v *page.View) error {
	p, err := a.find(v)
	if err != nil {
		return err
	}
	return a.end(v, p.ID, holder.Path("/users/", p.ID))
}

// end revokes the key that the path names, of the user.
func (a Area) end(v *page.View, user authority.ID, to string) error {
	key, err := holder.Find(v, a.Keys, user)
	if err != nil {
		return err
	}
	if err := a.Keys.RevokeCredential(v.Context(), v.Caller, key.ID); err != nil {
		return err
	}
	return v.Done(to, "keys.revoked")
}
