package element

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

// keyRoutes are the methods of access keys. A developer manages his own: who may
// what is asked by package admin.
func (d *Dialect) keyRoutes() []web.Route {
	const list = base + "/user-lists/{list}/users/{user}/access-tokens"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountRead,
			Request: userRequest{}, Response: []accessKey{}, Summary: "List a user's access keys, without their secrets.",
			Serve: web.JSON(d.accessKeys),
		},
		{
			Method: http.MethodPost, Pattern: list, Audit: "access_key.create", Secret: true,
			Request: newAccessKey{}, Response: createdAccessKey{}, Summary: "Make an access key; its secret is shown this once.",
			Serve: web.JSON(d.createAccessKey),
		},
		{
			Method: http.MethodDelete, Pattern: list + "/{client}", Audit: "credential.revoke",
			Request: accessKeyRequest{}, Response: web.NoContent{}, Summary: "Delete an access key and end its tokens.",
			Serve: web.JSON(d.deleteAccessKey),
		},
	}
}

// accessKey is a key as lists show it: without the secret.
type accessKey struct {
	ClientID    string  `json:"client-id"`
	Description string  `json:"description"`
	Created     *moment `json:"date-created"`
	Expires     *moment `json:"expires"`
	LastUsed    *moment `json:"last-used"`
	LastAddress string  `json:"last-address"`
}

func accessKeys(list []admin.Credential) []accessKey {
	out := []accessKey{}
	for _, k := range living(list, authority.AccessKey) {
		out = append(out, accessKey{
			ClientID: k.ClientID, Description: k.Description, Created: momentOf(k.Created), Expires: momentOf(k.Expires),
			LastUsed: momentOf(k.LastUsed), LastAddress: k.LastAddress,
		})
	}
	return out
}

func (d *Dialect) accessKeys(ctx context.Context, c authority.Caller, req userRequest) ([]accessKey, error) {
	c, p, err := d.find(ctx, c, req)
	if err != nil {
		return nil, err
	}
	list, err := d.Admin.Credentials(ctx, c, p.ID)
	return accessKeys(list), err
}

type newAccessKey struct {
	userRequest

	Description string     `json:"description"`
	Expires     *time.Time `json:"expires"`
}

type createdAccessKey struct {
	created

	ClientID     string  `json:"client-id"`
	ClientSecret string  `json:"client-secret"`
	Description  string  `json:"description"`
	Expires      *moment `json:"expires,omitempty"`
}

func (d *Dialect) createAccessKey(ctx context.Context, c authority.Caller, req newAccessKey) (createdAccessKey, error) {
	c, p, err := d.find(ctx, c, req.userRequest)
	if err != nil {
		return createdAccessKey{}, err
	}
	made, err := d.Admin.GenerateAccessKey(ctx, c, admin.Generate{
		Principal: p.ID, Description: req.Description, Expires: given(req.Expires),
	})
	if err != nil {
		return createdAccessKey{}, err
	}
	return createdAccessKey{
		ClientID: made.Credential.ClientID, ClientSecret: made.Secret.Reveal(),
		Description: made.Credential.Description, Expires: momentOf(made.Credential.Expires),
	}, nil
}

type accessKeyRequest struct {
	userRequest

	ClientID string `path:"client" about:"client-id, as the list gives it"`
}

func (d *Dialect) deleteAccessKey(ctx context.Context, c authority.Caller, req accessKeyRequest) (web.NoContent, error) {
	c, p, err := d.find(ctx, c, req.userRequest)
	if err != nil {
		return web.NoContent{}, err
	}
	list, err := d.Admin.Credentials(ctx, c, p.ID)
	if err != nil {
		return web.NoContent{}, err
	}
	for _, k := range living(list, authority.AccessKey) {
		if k.ClientID == req.ClientID {
			return web.NoContent{}, d.Admin.RevokeCredential(ctx, c, k.ID)
		}
	}
	return web.NoContent{}, authority.E(authority.NotFound, "no such access key")
}
