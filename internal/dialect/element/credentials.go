package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

// credentialRoutes are about long-lived secrets of any kind: who has which, and
// an end to one of them, such as a replaced one before its overlap is over.
func (d *Dialect) credentialRoutes() []web.Route {
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: base + "/credentials", Permission: admin.AccountRead,
			Fails: []authority.Code{authority.NotFound}, Request: credentialsOf{}, Response: []credential{}, Summary: "List the long-lived secrets of a principal, without the secrets.",
			Serve: web.JSON(d.credentials),
		},
		{
			Method: http.MethodDelete, Pattern: base + "/credentials/{credential}", Audit: "credential.revoke",
			Request: byCredential{}, Response: web.NoContent{}, Summary: "End a long-lived secret with everything made from it.",
			Serve: web.JSON(d.revokeCredential),
		},
	}
}

type credential struct {
	ID          uuid                     `json:"id"`
	Kind        authority.CredentialKind `json:"kind"`
	Dialect     string                   `json:"dialect"`
	ClientID    string                   `json:"client-id"`
	Description string                   `json:"description"`
	Created     *moment                  `json:"date-created"`
	Expires     *moment                  `json:"expires"`
	Ends        *moment                  `json:"ends"` // of a replaced one, when its overlap is over
	Revoked     bool                     `json:"revoked"`
	LastUsed    *moment                  `json:"last-used"`
	LastAddress string                   `json:"last-address"`
}

func credentialOf(c admin.Credential) credential {
	return credential{
		ID: shown(c.ID), Kind: c.Kind, Dialect: c.Application, ClientID: c.ClientID, Description: c.Description,
		Created: momentOf(c.Created), Expires: momentOf(c.Expires), Ends: momentOf(c.Ends), Revoked: c.Revoked,
		LastUsed: momentOf(c.LastUsed), LastAddress: c.LastAddress,
	}
}

type credentialsOf struct {
	Principal uuid `query:"principal" required:"true" about:"Whose: the id of a user, service user or application"`
}

func (d *Dialect) credentials(ctx context.Context, c authority.Caller, req credentialsOf) ([]credential, error) {
	id, err := req.Principal.need()
	if err != nil {
		return nil, err
	}
	list, err := d.Admin.Credentials(ctx, c, id)
	out := make([]credential, len(list))
	for i, one := range list {
		out[i] = credentialOf(one)
	}
	return out, err
}

type byCredential struct {
	ID uuid `path:"credential" about:"Its id, as the list gives it"`
}

func (d *Dialect) revokeCredential(ctx context.Context, c authority.Caller, req byCredential) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.RevokeCredential(ctx, c, id)
}
