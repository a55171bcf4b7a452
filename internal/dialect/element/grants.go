package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) grantRoutes() []web.Route {
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: base + "/grants", Permission: admin.AccountRead,
			Request: grantsRequest{}, Response: listing[grant]{}, Summary: "List who holds living tokens.", Serve: web.JSON(d.grants, web.KnownOnly),
		},
		{
			Method: http.MethodDelete, Pattern: base + "/grants", Permission: admin.GrantsManage, Audit: "grant.revoke_all",
			Fails: []authority.Code{authority.NotFound}, Request: grantsOf{}, Response: web.NoContent{}, Summary: "End every token of a principal, or of the account.", Serve: web.JSON(d.revokeGrants, web.KnownOnly),
		},
		{
			Method: http.MethodDelete, Pattern: base + "/grants/{grant}", Permission: admin.GrantsManage, Audit: "grant.revoke",
			Request: byGrant{}, Response: web.NoContent{}, Summary: "End one grant with all its tokens.", Serve: web.JSON(d.revokeGrant),
		},
	}
}

type byGrant struct {
	ID uuid `path:"grant" about:"Its id, as the list gives it"`
}

type grant struct {
	ID         uuid    `json:"id"`
	Dialect    string  `json:"dialect"`
	Door       string  `json:"door"`
	Principal  uuid    `json:"principal"`
	Holder     string  `json:"principal-name"`
	Credential uuid    `json:"credential"`
	ClientID   string  `json:"client-id,omitempty"`
	Issued     *moment `json:"issued"`
	Expires    *moment `json:"expires"`
	LastUsed   *moment `json:"last-used"`
	Address    string  `json:"address"`
}

func grantOf(g admin.LiveGrant) grant {
	return grant{
		ID: shown(g.ID), Dialect: g.Dialect, Door: g.Door, Principal: shown(g.Principal), Holder: g.Holder,
		Credential: shown(g.Credential), ClientID: g.ClientID, Issued: momentOf(g.Issued), Expires: momentOf(g.Expires),
		LastUsed: momentOf(g.LastUsed), Address: g.Address,
	}
}

type grantsRequest struct {
	paging

	Principal  *uuid  `query:"principal"`
	Credential *uuid  `query:"credential"`
	Dialect    string `query:"dialect"`
}

func (d *Dialect) grants(ctx context.Context, c authority.Caller, req grantsRequest) (listing[grant], error) {
	q := admin.GrantQuery{Dialect: req.Dialect}
	err := first(d.named(req.Dialect), asked(wanted{req.Principal, &q.Principal}, wanted{req.Credential, &q.Credential}))
	if err != nil {
		return listing[grant]{}, err
	}
	return page(req.paging, grantOf, func(p admin.Page) (admin.List[admin.LiveGrant], error) {
		return d.Admin.GrantPage(ctx, c, q, p)
	})
}

// grantsOf names exactly one of both.
type grantsOf struct {
	Principal *uuid `query:"principal"`
	All       bool  `query:"all" about:"Those of the whole account, the caller's own too"`
}

func (d *Dialect) revokeGrants(ctx context.Context, c authority.Caller, req grantsOf) (web.NoContent, error) {
	switch {
	case (req.Principal == nil) == !req.All:
		return web.NoContent{}, authority.E(authority.InvalidRequest, "send either principal or all=true").With("parameter", "principal")
	case req.All:
		return web.NoContent{}, d.Admin.RevokeEverything(ctx, c)
	}
	id, err := req.Principal.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.RevokeGrants(ctx, c, id)
}

func (d *Dialect) revokeGrant(ctx context.Context, c authority.Caller, req byGrant) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.RevokeGrant(ctx, c, id)
}
