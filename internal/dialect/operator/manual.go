package operator

import (
	"net/http"

	"propusk/internal/dialect"
)

// Manual implements dialect.Documented.
func (d *Dialect) Manual() dialect.Manual {
	const root = "/api/v1"
	step := func(path, bearer string) dialect.Step {
		return dialect.Step{Method: http.MethodGet, Path: root + path, Bearer: bearer, Access: "accessToken", Refresh: "refreshToken"}
	}
	again := step(refreshPath, "{refresh_token}")
	bearer := func(name, about, holds string) dialect.Scheme {
		return dialect.Scheme{Name: name, Kind: dialect.BearerScheme, Format: "JWT", About: about, Holds: [2]string{holds}}
	}
	return dialect.Manual{
		Title: "Telephony integration API",
		About: "Call history and recordings of a telecom operator's subscriber.",
		Page:  docsPath, Base: root, Under: []string{root + "/"},
		Schemes: []dialect.Scheme{
			bearer("accessToken", "The access token of a pair. It lives 24 hours, or until the next pair is made.", ""),
			bearer("authorizationToken", "The subscriber's authorization token, shown once.", "{authorization_token}"),
			bearer("refreshToken", "The refresh token of a pair. It lives 25 hours.", "{refresh_token}"),
		},
		Headers: []dialect.Header{{
			Name: "X-Time-Zone", About: "The zone that the dates of the answer are in",
			Routes: []string{"GET " + root + createPath, "POST " + root + createPath, "GET " + root + refreshPath, "POST " + root + refreshPath},
		}},
		Shown: map[string][]string{root + createPath: {"authorizationToken"}, root + refreshPath: {"refreshToken"}},
		Ways: []dialect.Way{{
			Name: "authorization_token", Title: "Authorization token",
			Inputs: []dialect.Input{{
				Name: "authorization_token", Label: "authorization token", Secret: true,
				About: "From the subscriber's console, section Integration API, shown once. A new pair ends the former one at once.",
			}},
			Get: step(createPath, "{authorization_token}"), Renew: &again,
		}},
	}
}
