package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) signingRoutes() []web.Route {
	const path = base + "/signing-keys"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: path, Permission: admin.AccountRead,
			Request: none{}, Response: []signingKey{}, Summary: "List the keys that sign tokens on this stand.",
			Serve: web.JSON(d.signingKeys),
		},
		{
			Method: http.MethodPost, Pattern: path, Permission: admin.AccountsManage, Audit: "signing_key.rotate",
			Fails:   []authority.Code{authority.NotFound},
			Request: rotation{}, Response: createdKey{}, Summary: "Have the next key sign for a dialect, or end one that has leaked.",
			Serve: web.JSON(d.rotateKey),
		},
	}
}

type signingKey struct {
	ID        string  `json:"id"`
	Dialect   string  `json:"dialect"`
	Algorithm string  `json:"algorithm"`
	State     string  `json:"state"`
	Version   int     `json:"version"`
	Created   *moment `json:"date-created"`
	Retires   *moment `json:"retires"`
}

func signingKeyOf(k admin.SigningKey) signingKey {
	return signingKey{
		ID: k.ID, Dialect: k.Dialect, Algorithm: k.Algorithm, State: k.State, Version: k.Version,
		Created: momentOf(k.Created), Retires: momentOf(k.Retires),
	}
}

func (d *Dialect) signingKeys(ctx context.Context, c authority.Caller, _ none) ([]signingKey, error) {
	list, err := d.Admin.SigningKeys(ctx, c)
	out := make([]signingKey, len(list))
	for i, k := range list {
		out[i] = signingKeyOf(k)
	}
	return out, err
}

type rotation struct {
	Dialect string  `json:"dialect" required:"true" example:"hubex"`
	Force   bool    `json:"force" about:"The key that signs has leaked: end what it signed, do not wait until clients can know the next"`
	ID      *string `json:"id" about:"The key that has leaked, where that is not the one that signs"`
}

type createdKey struct {
	created
	signingKey
}

func (d *Dialect) rotateKey(ctx context.Context, c authority.Caller, req rotation) (createdKey, error) {
	if req.ID != nil && *req.ID == "" { // a script whose variable is empty must not rotate instead
		return createdKey{}, authority.E(authority.InvalidValue, "id must name a key, or be left out").With("parameter", "id")
	}
	var k admin.SigningKey
	var err error
	if req.Force || req.ID != nil {
		k, err = d.Admin.EndSigningKey(ctx, c, req.Dialect, given(req.ID))
	} else {
		k, err = d.Admin.RotateSigningKey(ctx, c, req.Dialect)
	}
	return createdKey{signingKey: signingKeyOf(k)}, err
}
