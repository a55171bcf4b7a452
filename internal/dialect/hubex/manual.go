package hubex

import (
	"net/http"

	"propusk/internal/dialect"
)

// Manual implements dialect.Documented.
func (d *Dialect) Manual() dialect.Manual {
	step := func(name, value string) dialect.Step {
		return dialect.Step{
			Method: http.MethodPost, Path: "/fsm/AUTHZ/AccessTokens", JSON: []dialect.Pair{{Name: name, Value: value}},
			Access: "access_token", Refresh: "refresh_token", Expires: "expires_in",
		}
	}
	again := step("refreshJwt", "{refresh_token}")
	return dialect.Manual{
		Title: "HubEx FSM API",
		About: "Work orders of a field service: lists, changes, stages and conversations.",
		Base:  "/fsm",
		Schemes: []dialect.Scheme{{
			Name: "accessToken", Kind: dialect.BearerScheme, Format: "JWT",
			About: "An access token, got with a service token. It lives 24 hours.",
		}},
		Headers: []dialect.Header{
			{Name: "Location", About: "Where to go on", Routes: []string{"POST /fsm/WORK/Tasks"}},
			{Name: "Content-Range", About: "Which part of the whole this is", Routes: []string{"GET /fsm/WORK/Tasks"}},
			{Name: "Link", About: "The next page, where there is one (RFC 8288)", Routes: []string{"GET /fsm/WORK/Tasks"}},
			{Name: "X-Ignored-Parameters", About: "Names of the query that nothing takes"},
		},
		Ways: []dialect.Way{{
			Name: "service_token", Title: "Service token",
			Inputs: []dialect.Input{{Name: "serviceToken", About: "The service user's token, shown once when it was generated", Secret: true}},
			Get:    step("serviceToken", "{serviceToken}"), Renew: &again,
		}},
	}
}
