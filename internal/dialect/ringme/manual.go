package ringme

import (
	"net/http"
	"slices"

	"propusk/internal/dialect"
	"propusk/internal/web"
)

// tokenFields documents the form of the token endpoint; token reads it.
type tokenFields struct {
	GrantType    string `form:"grant_type"    required:"true" enum:"client_credentials,authorization_code,password,refresh_token" example:"client_credentials"`
	ClientID     string `form:"client_id"     about:"Application_ID, unless HTTP Basic is sent"`
	ClientSecret string `form:"client_secret" about:"Application_Secret, unless HTTP Basic is sent"`
	Scope        string `form:"scope"         enum:"all" about:"There is one scope"`
	Username     string `form:"username"      about:"The user's login, with grant_type=password"`
	Password     string `form:"password"      about:"The user's password, with grant_type=password"`
	Code         string `form:"code"          about:"The code that the browser came back with, with grant_type=authorization_code"`
	RedirectURI  string `form:"redirect_uri"  about:"Where it came back to, with grant_type=authorization_code, if it was named there"`
	CodeVerifier string `form:"code_verifier" about:"What code_challenge was made of (RFC 7636), with grant_type=authorization_code"`
	RefreshToken string `form:"refresh_token" about:"The refresh token, with grant_type=refresh_token"`
}

// Manual implements dialect.Documented.
func (d *Dialect) Manual() dialect.Manual {
	application := []dialect.Input{
		{Name: "client_id", About: "Application_ID, as the application's registration gave it"},
		{Name: "client_secret", About: "Application_Secret; a public application has none", Secret: true},
	}
	ask := func(grant string, more ...dialect.Pair) dialect.Step {
		form := append([]dialect.Pair{
			{Name: "grant_type", Value: grant}, {Name: "client_id", Value: "{client_id}"}, {Name: "client_secret", Value: "{client_secret}"},
		}, more...)
		return dialect.Step{
			Method: http.MethodPost, Path: "/oauth/token", Form: form,
			Access: "access_token", Refresh: "refresh_token", Expires: "expires_in",
		}
	}
	again := ask("refresh_token", dialect.Pair{Name: "refresh_token", Value: "{refresh_token}"})
	return dialect.Manual{
		Title:   "IP telephony API ver1.0",
		About:   "Users, extensions, call history and recordings of an IP-telephony provider.",
		Page:    base + "/client_api_explorer",
		Base:    base,
		Schemes: []dialect.Scheme{{Name: "accessToken", Kind: dialect.BearerScheme, About: "An access token of an application. It lives an hour."}},
		Codes:   true,
		Headers: slices.Concat(meterHeaders(), meterHeaders("GET "+base+"/storage/{link}"), []dialect.Header{{
			Name: "Link", About: "The next page, where there is one (RFC 8288)", Routes: []string{
				"GET " + base + "/client/{client}/call_history", "GET " + base + "/client/{client}/record", "GET " + base + "/client/{client}/extension",
			},
		}}),
		Ways: []dialect.Way{
			{Name: "client_credentials", Title: "Application", Inputs: application, Get: ask("client_credentials")},
			{
				Name: "password", Title: "User through an application",
				Inputs: append([]dialect.Input{
					{Name: "username", About: "The user's login"}, {Name: "password", About: "The user's password", Secret: true},
				}, application...),
				Get:   ask("password", dialect.Pair{Name: "username", Value: "{username}"}, dialect.Pair{Name: "password", Value: "{password}"}),
				Renew: &again,
			},
			dialect.CodeWay(application[0], application[1]),
		},
		Token: web.Route{
			Request: tokenFields{}, Response: tokenAnswer{},
			Summary: "Exchange an application's pair, a code, a user's password or a refresh token for an access token.",
		},
	}
}

// meterHeaders are the fields that Meter writes.
func meterHeaders(routes ...string) []dialect.Header {
	field := func(name, about string) dialect.Header {
		return dialect.Header{Name: name, About: about, Routes: routes, Refusals: true}
	}
	return []dialect.Header{
		field("RateLimit", "What the limits leave"), field("RateLimit-Policy", "The limits"),
		field("X-RateLimit-Limit", "Calls that the account has in an hour"),
		field("X-RateLimit-Remaining", "Calls that are left of them"),
		field("X-RateLimit-Reset", "Seconds until all of them are there again"),
	}
}
