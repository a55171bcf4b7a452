package smarts

import (
	"net/http"

	"propusk/internal/dialect"
	"propusk/internal/web"
)

// Manual implements dialect.Documented.
func (d *Dialect) Manual() dialect.Manual {
	step := func(form ...dialect.Pair) dialect.Step {
		return dialect.Step{
			Method: http.MethodPost, Path: "/api/session", Form: form,
			Access: "Access_token", Refresh: "Refresh_token", Expires: "Expires_in",
		}
	}
	again := step(dialect.Pair{Name: "grant_type", Value: "refresh_token"}, dialect.Pair{Name: "refresh_token", Value: "{refresh_token}"})
	return dialect.Manual{
		Title: "Mobile SMARTS REST API",
		About: "A warehouse terminal's catalogue, documents and users, as OData 4 writes them.",
		Base:  root,
		Under: []string{"/api/"},
		Schemes: []dialect.Scheme{
			{Name: "accessToken", Kind: dialect.BearerScheme, About: "An access token of a session. It lives 24 hours."},
			{Name: "basic", Kind: dialect.BasicScheme, About: "Login and password on every call.", Holds: [2]string{"{username}", "{password}"}},
		},
		Usual: []string{"accessToken", "basic"},
		Headers: []dialect.Header{
			{Name: "OData-Version", About: "The version of OData that the answer is written in", Refusals: true},
			{Name: "Location", About: "Where to go on", Routes: []string{"POST " + root + "/Docs/{type}"}},
			{Name: "OData-Version", Refusals: true, Routes: []string{"GET " + root + "/BaseInfo", "GET " + root + "/$metadata"}},
		},
		Ways: []dialect.Way{{
			Name: "password", Title: "Login and password",
			Inputs: []dialect.Input{
				{Name: "username", About: "The login of a user of the group external connection or administrator"},
				{Name: "password", About: "The user's password", Secret: true},
			},
			Get: step(dialect.Pair{Name: "grant_type", Value: "password"}, dialect.Pair{Name: "username", Value: "{username}"},
				dialect.Pair{Name: "password", Value: "{password}"}),
			Renew: &again,
		}},
		Token: web.Route{Request: formFields{}, Response: answer{}, Summary: "Exchange login and password, or a refresh token, for tokens."},
	}
}
