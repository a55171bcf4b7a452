package oauth

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// grantForm documents the form of the token endpoint; token reads it.
type grantForm struct {
	GrantType    string           `form:"grant_type"    required:"true" enum:"client_credentials,authorization_code,refresh_token" example:"client_credentials"`
	Scope        string           `form:"scope"         about:"Permissions, separated by single spaces; none = all that the client may"`
	ClientID     string           `form:"client_id"     about:"Unless HTTP Basic is sent"`
	ClientSecret authority.Secret `form:"client_secret" about:"Unless HTTP Basic is sent"`
	Code         string           `form:"code"          about:"The code that the browser came back with, with grant_type=authorization_code"`
	RedirectURI  string           `form:"redirect_uri"  about:"Where it came back to, with grant_type=authorization_code, if it was named there"`
	CodeVerifier string           `form:"code_verifier" about:"What code_challenge was made of (RFC 7636), with grant_type=authorization_code"`
	RefreshToken string           `form:"refresh_token" about:"The refresh token, with grant_type=refresh_token"`
}

// Manual implements dialect.Documented.
func (d *Dialect) Manual() dialect.Manual {
	pair := [2]string{"{client_id}", "{client_secret}"}
	client := []string{"client"}
	inputs := []dialect.Input{{Name: "client_id"}, {Name: "client_secret", Secret: true, About: "A client that cannot keep a secret has none"}}
	return dialect.Manual{
		Title: "OAuth 2.0",
		About: "The endpoints of the RFCs: tokens by client credentials and by code, introspection, revocation, metadata and keys.",
		Schemes: []dialect.Scheme{
			{Name: "accessToken", Kind: dialect.BearerScheme, Format: "JWT", About: "An access token (RFC 9068)."},
			{Name: "client", Kind: dialect.BasicScheme, About: "Client id and secret.", Holds: pair},
		},
		Codes: true,
		Shown: map[string][]string{"/oauth/token": client, "/oauth/introspect": client, "/oauth/revoke": client},
		Ways: []dialect.Way{
			{
				Name: "client_credentials", Title: "Client", Inputs: inputs,
				Get: dialect.Step{
					Method: http.MethodPost, Path: "/oauth/token", User: pair[0], Password: pair[1],
					Form: []dialect.Pair{{Name: "grant_type", Value: grantClient}}, Access: "access_token", Expires: "expires_in",
				},
			},
			dialect.CodeWay(inputs[0], inputs[1]),
		},
		Token: web.Route{Request: grantForm{}, Response: TokenAnswer{}, Summary: "Exchange client credentials, a code or a refresh token for an access token (RFC 6749 §4.4, §4.1.3, §6)."},
	}
}
