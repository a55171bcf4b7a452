package element

import (
	"context"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// testRoutes are there on the test stand alone (rule 10).
func (d *Dialect) testRoutes() []web.Route {
	return []web.Route{{
		Method: http.MethodPost, Pattern: base + "/test/expire", Audit: authority.VerbExpire, Stands: []authority.Stand{authority.Test},
		Request: expiry{}, Response: web.NoContent{}, Summary: "Have a token, or all tokens of a grant, count as expired from now on.",
		Serve: web.JSON(d.expire),
	}}
}

// expiry names exactly one of both.
type expiry struct {
	Token *authority.Secret `json:"token" about:"Either a token …"`
	Grant *uuid             `json:"grant-id" about:"… or a grant"`
}

func (d *Dialect) expire(ctx context.Context, c authority.Caller, req expiry) (web.NoContent, error) {
	switch {
	case (req.Token == nil) == (req.Grant == nil):
		return web.NoContent{}, authority.E(authority.InvalidRequest, "send either token or grant-id")
	case req.Token != nil:
		return web.NoContent{}, d.Core.Expire(ctx, c, *req.Token)
	}
	id, err := req.Grant.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Core.ExpireGrant(ctx, c, id)
}
