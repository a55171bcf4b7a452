package ringme

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// The types of an application: how it gets its tokens.
const (
	Trusted  = "trusted"
	Public   = "public"
	Password = "password_credentials"
)

// The doors of audit entries: what a token was got with.
const (
	doorClient   = "client_credentials"
	doorPassword = "password"
	doorRefresh  = "refresh_token"
	doorCode     = "authorization_code"
)

// tokenAnswer is the answer of the token endpoint. docs/dialects/ringme.md §1
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
}

// allScope is the one scope that there is.
const allScope = "all"

// TokenClaims implements dialect.TokenClaimant: our applications, our refresh
// tokens, and whatever nobody else takes (rule 14).
func (d *Dialect) TokenClaims() []dialect.TokenClaim {
	mine := func(r authority.Registration) bool { return r.Dialect == Name }
	return []dialect.TokenClaim{
		{Rank: dialect.RankApplication, Clients: mine, Serve: d.token},
		{Rank: dialect.RankRefreshToken, Serve: d.token},
		{Rank: dialect.RankAnything, Serve: d.token},
	}
}

// token serves POST /oauth/token.
func (d *Dialect) token(w http.ResponseWriter, r *http.Request, f web.Form) error {
	give, err := d.grant(f)
	if err != nil {
		return err
	}
	if err := checkScope(f["scope"]); err != nil {
		return err
	}
	client, err := readClient(r, f)
	if err != nil {
		return err
	}
	ex := web.ExchangeOf(r.Context())
	out, err := give(r.Context(), asked{ex.Origin(), client, f})
	if err != nil {
		return err
	}
	ex.Account, ex.Principal = out.Caller.Account().ID, out.Caller.Principal().ID
	answer := tokenAnswer{
		AccessToken: out.Access.Reveal(), TokenType: "Bearer", ExpiresIn: int64(out.ExpiresIn / time.Second), Scope: allScope,
	}
	if !out.Refresh.Empty() {
		answer.RefreshToken = out.Refresh.Reveal()
	}
	return web.Encode(w, answer)
}

func checkScope(scope string) error {
	if scope != "" && scope != allScope {
		return authority.E(authority.InvalidScope, "the scope is "+allScope)
	}
	return nil
}

// readClient asks for a secret where no application can do without one.
func readClient(r *http.Request, f web.Form) (dialect.Client, error) {
	switch f["grant_type"] {
	case doorCode, doorRefresh:
		return dialect.ReadPublicClient(r, f)
	}
	return dialect.ReadClient(r, f)
}

// asked is a readable request for a token.
type asked struct {
	origin authority.Origin
	client dialect.Client
	form   web.Form
}

// need refuses a request without one of its parameters. RFC 6749 §5.2
func (a asked) need(parameters ...string) error {
	for _, name := range parameters {
		if a.form[name] == "" {
			return authority.E(authority.InvalidRequest, name+" is missing").With("parameter", name)
		}
	}
	return nil
}

type granting func(context.Context, asked) (authority.Issued, error)

func (d *Dialect) grant(f web.Form) (granting, error) {
	switch f["grant_type"] {
	case doorClient:
		return d.trusted, nil
	case doorPassword:
		return d.password, nil
	case doorCode:
		return d.code, nil
	case doorRefresh:
		return d.refresh, nil
	case "":
		return nil, authority.E(authority.InvalidRequest, "grant_type is missing")
	}
	return nil, authority.E(authority.UnsupportedGrantType, "there is no such grant type here")
}

func (d *Dialect) trusted(ctx context.Context, a asked) (authority.Issued, error) {
	a.origin.Door = doorClient
	return d.Core.Issue(ctx, authority.IssueRequest{
		Origin: a.origin, Kind: authority.ApplicationSecret, ClientID: a.client.ID, Secret: a.client.Secret,
		Admit:     func(h authority.Holder) error { return ofType(h.Principal, Trusted) },
		NoRefresh: true, // who has a secret can always ask again
	})
}

// password signs a user in through an application of his account.
func (d *Dialect) password(ctx context.Context, a asked) (authority.Issued, error) {
	a.origin.Door = doorPassword
	if err := a.need("username", "password"); err != nil {
		return authority.Issued{}, err
	}
	through, err := d.application(ctx, a, Password)
	if err != nil {
		return authority.Issued{}, err
	}
	return d.Core.Issue(ctx, authority.IssueRequest{
		Origin: a.origin, Kind: authority.Password, ClientID: a.form["username"], Secret: a.form.Secret("password"),
		For: a.client.ID, Client: through,
		// Who is of another account is as one that nobody has (rule 9), and so is
		// an administrator: no application learns that his password was right (B25).
		Admit: func(h authority.Holder) error {
			if h.Account.ID != through.Account().ID || admin.Administers(h.Permissions) {
				return authority.E(authority.InvalidGrant, "wrong login or password")
			}
			return nil
		},
	})
}

// code exchanges what a user has approved.
func (d *Dialect) code(ctx context.Context, a asked) (authority.Issued, error) {
	a.origin.Door = doorCode
	if err := a.need("code"); err != nil {
		return authority.Issued{}, err
	}
	return d.Core.Redeem(ctx, authority.RedeemRequest{
		Origin: a.origin, ClientID: a.client.ID, Secret: a.client.Secret, Code: a.form.Secret("code"),
		RedirectURI: a.form["redirect_uri"], Verifier: a.form.Secret("code_verifier"),
	})
}

func (d *Dialect) refresh(ctx context.Context, a asked) (authority.Issued, error) {
	a.origin.Door, a.origin.Verb = doorRefresh, authority.VerbRefresh
	if err := a.need("refresh_token"); err != nil {
		return authority.Issued{}, err
	}
	if _, err := d.application(ctx, a, Password, Public); err != nil {
		return authority.Issued{}, err
	}
	return d.Core.Refresh(ctx, authority.RefreshRequest{
		Origin: a.origin, Token: a.form.Secret("refresh_token"), ClientID: a.client.ID,
	})
}

// application authenticates the client and asks for its type.
func (d *Dialect) application(ctx context.Context, a asked, types ...string) (authority.Caller, error) {
	c, err := d.Core.ApplicationClient(ctx, a.origin, a.client.ID, a.client.Secret)
	if err != nil {
		return authority.Caller{}, err
	}
	return c, ofType(c.Principal(), types...)
}

func ofType(p authority.Principal, types ...string) error {
	for _, t := range types {
		if p.Traits.Type == t {
			return nil
		}
	}
	return authority.E(authority.UnauthorizedClient, "the type of this application does not have this grant type")
}
