package hubex

import (
	"context"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// The doors of audit entries: what a token was got with.
const (
	doorService = "service_token"
	doorRefresh = "refresh_token"
)

// accessRequest holds exactly one of its secrets.
type accessRequest struct {
	ServiceToken *authority.Secret `json:"serviceToken"`
	RefreshJWT   *authority.Secret `json:"refreshJwt"`
}

type accessResponse struct {
	AccessToken  string                        `json:"access_token"`
	ExpiresIn    int64                         `json:"expires_in" about:"Seconds"`
	TokenType    string                        `json:"token_type"`
	JWTValidTill time.Time                     `json:"jwtValidTill"`
	RefreshToken string                        `json:"refresh_token"`
	Tenant       ref                           `json:"tenant"`
	TenantMember tenantMember                  `json:"tenantMember"`
	Permissions  map[authority.Permission]bool `json:"permissions"`
}

// tenantMember is the principal. It is member and user at once: a principal
// belongs to one account.
type tenantMember struct {
	ID     authority.ID `json:"id"`
	UserID authority.ID `json:"userID"`
}

func (d *Dialect) access(ctx context.Context, _ authority.Caller, req accessRequest) (accessResponse, error) {
	origin := web.OriginOf(ctx)
	switch {
	case req.ServiceToken != nil && req.RefreshJWT != nil:
		return accessResponse{}, authority.E(authority.InvalidRequest, "send either serviceToken or refreshJwt, not both")
	case req.ServiceToken != nil:
		return tokens(d.Issuer.Issue(ctx, authority.IssueRequest{
			Origin: origin, Kind: authority.ServiceToken, Secret: *req.ServiceToken,
		}))
	case req.RefreshJWT != nil:
		origin.Door = doorRefresh
		return tokens(d.Issuer.Refresh(ctx, authority.RefreshRequest{Origin: origin, Token: *req.RefreshJWT}))
	}
	return accessResponse{}, authority.E(authority.InvalidRequest, "serviceToken is missing").With("field", "serviceToken")
}

// tokens is the answer that hands out i.
func tokens(i authority.Issued, err error) (accessResponse, error) {
	if err != nil {
		return accessResponse{}, err
	}
	member := i.Caller.Principal().ID
	out := accessResponse{
		AccessToken: i.Access.Reveal(), ExpiresIn: int64(i.ExpiresIn / time.Second), TokenType: "Bearer",
		JWTValidTill: i.AccessExpires.UTC(), RefreshToken: i.Refresh.Reveal(),
		Tenant:       ref{ID: i.Caller.Account().ID, Name: i.Caller.Account().Name},
		TenantMember: tenantMember{ID: member, UserID: member},
		Permissions:  map[authority.Permission]bool{},
	}
	for _, p := range i.Caller.Permissions() {
		out.Permissions[p] = true
	}
	return out, nil
}

// refreshRequest asks for nothing: the real API takes a validity in the body,
// which is not the client's to choose here.
type refreshRequest struct{ application }

type refreshResponse struct {
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
}

func (d *Dialect) refreshToken(ctx context.Context, c authority.Caller, _ refreshRequest) (refreshResponse, error) {
	text, left, err := d.Issuer.RefreshToken(ctx, c)
	if err != nil {
		return refreshResponse{}, err
	}
	return refreshResponse{RefreshToken: text.Reveal(), ExpiresIn: int64(left / time.Second)}, nil
}
