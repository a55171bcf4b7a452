package operator

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// The doors of audit entries: what a pair was got with.
const (
	doorAuthorization = "authorization_token"
	doorRefresh       = "refresh_token"
)

// pair is the answer of both methods. docs/dialects/operator.md §1
type pair struct {
	AccessToken           string `json:"accessToken"`
	AccessTokenExpiredIn  string `json:"accessTokenExpiredIn"` // a date, not a number of seconds
	RefreshToken          string `json:"refreshToken"`
	RefreshTokenExpiredIn string `json:"refreshTokenExpiredIn"`

	zone string
}

// SetHeaders implements web.Headerer: the dates do not say which zone they are
// in.
func (p pair) SetHeaders(h http.Header) { h.Set("X-Time-Zone", p.zone) }

func (d *Dialect) create(ctx context.Context, o authority.Origin, token authority.Secret) (authority.Issued, error) {
	return d.Issuer.Issue(ctx, authority.IssueRequest{Origin: o, Kind: authority.AuthorizationToken, Secret: token})
}

func (d *Dialect) refresh(ctx context.Context, o authority.Origin, token authority.Secret) (authority.Issued, error) {
	return d.Issuer.Refresh(ctx, authority.RefreshRequest{Origin: o, Token: token})
}

// exchange serves a method that gives a pair for the bearer token.
func (d *Dialect) exchange(give func(context.Context, authority.Origin, authority.Secret) (authority.Issued, error)) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
		token, err := bearer(r)
		if err != nil {
			return err
		}
		if r.Method == http.MethodPost {
			if _, err := web.ReadBody(r); err != nil { // it has no meaning, but it has a limit
				return err
			}
		}
		ex := web.ExchangeOf(r.Context())
		issued, err := give(r.Context(), ex.Origin(), token)
		if authority.CodeOf(err) == authority.InvalidGrant { // here every token is a bearer, RFC 6750 §3.1
			return authority.Wrap(authority.InvalidToken, "", err)
		}
		if err != nil {
			return err
		}
		ex.Account, ex.Principal = issued.Caller.Account().ID, issued.Caller.Principal().ID
		return web.Encode(w, pairOf(issued))
	}
}

func pairOf(i authority.Issued) pair {
	zone := zoneOf(i.Caller.Account())
	return pair{
		AccessToken: i.Access.Reveal(), AccessTokenExpiredIn: i.AccessExpires.In(zone).Format(time.DateTime),
		RefreshToken: i.Refresh.Reveal(), RefreshTokenExpiredIn: i.RefreshExpires.In(zone).Format(time.DateTime),
		zone: zone.String(),
	}
}

// zoneOf is the zone that an account's dates are written in.
func zoneOf(a authority.Account) *time.Location {
	for _, name := range []string{a.Settings.TimeZone, "Europe/Moscow"} {
		if name == "" {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.UTC
}
