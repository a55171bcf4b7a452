package element

import (
	"net/http"

	"propusk/internal/dialect"
)

// Manual implements dialect.Documented.
func (d *Dialect) Manual() dialect.Manual {
	return dialect.Manual{
		Title: "Control panel API",
		About: "Everything that the console can do: users, service users, applications, secrets, tokens, roles, areas, audit and settings of an account.",
		Base:  base,
		Schemes: []dialect.Scheme{
			{Name: "idToken", Kind: dialect.BearerScheme, Format: "JWT", About: "The id token of an access key. It lives an hour."},
			{
				Name: "accessKey", Kind: dialect.BasicScheme, About: "An access key: Client-Id and Client-Secret.",
				Holds: [2]string{"{client_id}", "{client_secret}"},
			},
		},
		Headers: []dialect.Header{
			{Name: "Link", About: "The next page, where there is one (RFC 8288)"},
			{Name: "X-Next-Cursor", About: "The cursor of the next page, where there is one", Routes: []string{"GET " + base + "/audit"}},
		},
		Shown: map[string][]string{
			"/console/sys/token": {"accessKey"}, "/applications/{id}/sys/token": {"accessKey"}, cdrPath: {"idToken", "accessKey"},
		},
		Ways: []dialect.Way{{
			Name: "access_key", Title: "Access key",
			Inputs: []dialect.Input{
				{Name: "client_id", Label: "Client-Id", About: "From the profile, section Access keys"},
				{Name: "client_secret", Label: "Client-Secret", About: "Shown once when the key was made", Secret: true},
			},
			Get: dialect.Step{
				Method: http.MethodPost, Path: "/console/sys/token", User: "{client_id}", Password: "{client_secret}",
				Form: []dialect.Pair{{Name: "grant_type", Value: grantClient}}, Access: "id_token", Expires: "expires_in",
			},
		}},
	}
}
