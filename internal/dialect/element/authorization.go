package element

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

// authorizationRoutes are about the account's one authorization token, that of
// the operator dialect.
func (d *Dialect) authorizationRoutes() []web.Route {
	const path = base + "/authorization-token"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: path, Permission: admin.AccountRead,
			Fails: []authority.Code{authority.NotFound}, Request: none{}, Response: credential{}, Summary: "Tell of the account's authorization token, without its text.",
			Serve: web.JSON(d.authorizationToken),
		},
		{
			Method: http.MethodPost, Pattern: path, Permission: admin.ApplicationsManage, Secret: true,
			Audit: "authorization_token.generate", Request: newAuthorizationToken{}, Response: createdAuthorizationToken{},
			Summary: "Make the account's authorization token; every earlier one dies with all that came from it.",
			Serve:   emptyBody(web.JSON(d.createAuthorizationToken, web.KnownOnly)),
		},
		{
			Method: http.MethodDelete, Pattern: path, Permission: admin.ApplicationsManage, Audit: "credential.revoke",
			Fails: []authority.Code{authority.NotFound}, Request: none{}, Response: web.NoContent{}, Summary: "End the account's authorization token.",
			Serve: web.JSON(d.deleteAuthorizationToken),
		},
	}
}

func (d *Dialect) authorizationToken(ctx context.Context, c authority.Caller, _ none) (credential, error) {
	found, err := d.Admin.AuthorizationToken(ctx, c)
	if authority.CodeOf(err) == authority.NotFound {
		err = authority.E(authority.NotFound, "no such authorization token")
	}
	return credentialOf(found), err
}

type newAuthorizationToken struct {
	Description string     `json:"description"`
	Expires     *time.Time `json:"expires"`
}

type createdAuthorizationToken struct {
	created

	AuthorizationToken string  `json:"authorization-token"`
	Expires            *moment `json:"expires,omitempty"`
}

func (d *Dialect) createAuthorizationToken(ctx context.Context, c authority.Caller, req newAuthorizationToken) (createdAuthorizationToken, error) {
	made, err := d.Admin.GenerateAuthorizationToken(ctx, c, admin.Generate{
		Description: req.Description, Expires: given(req.Expires),
	})
	if err != nil {
		return createdAuthorizationToken{}, err
	}
	return createdAuthorizationToken{AuthorizationToken: made.Secret.Reveal(), Expires: momentOf(made.Credential.Expires)}, nil
}

// deleteAuthorizationToken is no error where there is none: what was asked is so.
func (d *Dialect) deleteAuthorizationToken(ctx context.Context, c authority.Caller, _ none) (web.NoContent, error) {
	err := d.Admin.RevokeAuthorizationToken(ctx, c)
	if authority.CodeOf(err) == authority.NotFound {
		err = nil
	}
	return web.NoContent{}, err
}
