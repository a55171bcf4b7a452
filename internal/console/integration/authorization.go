package integration

import (
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/console/page/holder"
)

func (a Area) authorizationScreens() []page.Screen {
	const path = "/integration-api"
	const read, may = admin.AccountRead, admin.ApplicationsManage
	return []page.Screen{
		{Path: path, May: read, Serve: a.authorization, Menu: &page.Item{Section: "integration", Label: "operator.menu", Icon: "phone-call", Order: 30}},
		{Path: path + "/token", May: may, Fresh: true, Serve: a.newAuthorizationToken},
		{Method: http.MethodPost, Path: path + "/token", May: may, Audit: "authorization_token.generate", Fresh: true, Fields: holder.WantedFields(), Serve: a.generateAuthorizationToken},
		{Path: path + "/revoke", May: may, Serve: a.endingAuthorizationToken},
		{Method: http.MethodPost, Path: path + "/revoke", May: may, Audit: "credential.revoke", Serve: a.endAuthorizationToken},
	}
}

// present is the account's authorization token; its id is 0 when there is none.
func (a Area) present(v *page.View) (holder.Secret, error) {
	found, err := a.Authorization.AuthorizationToken(v.Context(), v.Caller)
	if authority.CodeOf(err) == authority.NotFound {
		return holder.Secret{}, nil
	}
	if err != nil {
		return holder.Secret{}, err
	}
	tokens, err := holder.LiveTokens(v, a.Secrets, admin.GrantQuery{Credential: found.ID})
	return holder.Secret{Credential: found, Tokens: tokens}, err
}

func (a Area) authorization(v *page.View) error { return a.showPresent(v, "integration-api.html") }

func (a Area) newAuthorizationToken(v *page.View) error {
	return a.showPresent(v, "integration-api-form.html")
}

func (a Area) showPresent(v *page.View, file string) error {
	secret, err := a.present(v)
	if err != nil {
		return err
	}
	return v.Render(file, secret)
}

func (a Area) generateAuthorizationToken(v *page.View) error {
	sent := v.Sent()
	var secret admin.NewSecret
	g, err := holder.Wanted(v, sent, 0)
	if err == nil {
		secret, err = a.Authorization.GenerateAuthorizationToken(v.Context(), v.Caller, g)
	}
	if err == nil {
		return v.Render("integration-api-made.html", secret)
	}
	data, failed := a.present(v)
	if failed != nil {
		return failed
	}
	return v.Again("integration-api-form.html", data, err)
}

func (a Area) endingAuthorizationToken(v *page.View) error {
	secret, err := a.present(v)
	if err == nil && secret.ID == 0 {
		return authority.E(authority.NotFound, "no such authorization token")
	}
	if err != nil {
		return err
	}
	return v.Render("integration-api-revoke.html", ending{Secret: secret, Tokens: secret.Tokens})
}

func (a Area) endAuthorizationToken(v *page.View) error {
	if err := a.Authorization.RevokeAuthorizationToken(v.Context(), v.Caller); err != nil {
		return err
	}
	return v.Done("/integration-api", "secret.revoked")
}
