package oauth

import (
	"net/http"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// The grant types that are served.
const (
	grantClient  = "client_credentials"
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// grants lists them.
func grants() []string { return []string{grantClient, grantCode, grantRefresh} }

// TokenAnswer is the answer of the token endpoint. RFC 6749 §5.1.
type TokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Refresh     string `json:"refresh_token,omitempty"`
	Scope       string `json:"scope,omitempty"`
}

// SetHeaders implements web.Headerer.
func (TokenAnswer) SetHeaders(h http.Header) { noStore(h) }

// TokenClaims implements dialect.TokenClaimant: what clients of this dialect,
// and of every dialect that takes their kind, send to the shared path.
func (d *Dialect) TokenClaims() []dialect.TokenClaim {
	return []dialect.TokenClaim{
		{Rank: dialect.RankApplication, Clients: mine, Serve: d.token},
		{Rank: dialect.RankRefreshToken, Serve: d.token},
		{Rank: dialect.RankElse, Serve: d.token},
	}
}

// mine reports whether a client is served here: one of this dialect, or of any
// that takes its kind.
func mine(r authority.Registration) bool { return r.Dialect == "" || r.Dialect == Name }

// token serves POST /oauth/token. RFC 6749 §4.1.3, §4.4.2, §6; parameters without
// a value count as not sent (§3.2).
func (d *Dialect) token(w http.ResponseWriter, r *http.Request, f web.Form) error {
	give, err := d.grant(f["grant_type"])
	if err != nil {
		return err
	}
	scope, err := readScope(f["scope"])
	if err != nil {
		return err
	}
	issued, err := give(r, f, scope)
	if err != nil {
		return err
	}
	ex := web.ExchangeOf(r.Context())
	ex.Account, ex.Principal = issued.Caller.Account().ID, issued.Caller.Principal().ID
	return web.Encode(w, tokenAnswer(issued))
}

type granting func(r *http.Request, f web.Form, scope []authority.Permission) (authority.Issued, error)

func (d *Dialect) grant(kind string) (granting, error) {
	switch kind {
	case grantClient:
		return d.credentials, nil
	case grantCode:
		return d.code, nil
	case grantRefresh:
		return d.refresh, nil
	case "":
		return nil, authority.E(authority.InvalidRequest, "grant_type is missing; send one of "+strings.Join(grants(), ", "))
	}
	return nil, authority.E(authority.UnsupportedGrantType, "the grant types served here are "+strings.Join(grants(), ", "))
}

func (d *Dialect) credentials(r *http.Request, f web.Form, scope []authority.Permission) (authority.Issued, error) {
	client, err := dialect.ReadClient(r, f)
	if err != nil {
		return authority.Issued{}, err
	}
	ex := web.ExchangeOf(r.Context())
	known, err := d.clients.Find(r.Context(), ex.Stand, client.ID)
	if err != nil {
		return authority.Issued{}, err
	}
	return d.tokens.Issue(r.Context(), authority.IssueRequest{
		Origin: ex.Origin(), Kind: known.Kind, ClientID: client.ID, Secret: client.Secret, Scope: scope,
		NoRefresh: true, // who has a secret can always ask again
	})
}

// code exchanges what a user has approved; what it may is decided already, so a
// scope is not asked for again.
func (d *Dialect) code(r *http.Request, f web.Form, _ []authority.Permission) (authority.Issued, error) {
	client, err := dialect.ReadPublicClient(r, f)
	if err != nil {
		return authority.Issued{}, err
	}
	if f["code"] == "" {
		return authority.Issued{}, authority.E(authority.InvalidRequest, "code is missing")
	}
	o := web.OriginOf(r.Context())
	o.Door = grantCode
	return d.tokens.Redeem(r.Context(), authority.RedeemRequest{
		Origin: o, ClientID: client.ID, Secret: client.Secret, Code: f.Secret("code"),
		RedirectURI: f["redirect_uri"], Verifier: f.Secret("code_verifier"),
	})
}

func (d *Dialect) refresh(r *http.Request, f web.Form, scope []authority.Permission) (authority.Issued, error) {
	client, err := dialect.ReadPublicClient(r, f)
	if err != nil {
		return authority.Issued{}, err
	}
	if f["refresh_token"] == "" {
		return authority.Issued{}, authority.E(authority.InvalidRequest, "refresh_token is missing")
	}
	o := web.OriginOf(r.Context())
	if _, err := d.core.ApplicationClient(r.Context(), o, client.ID, client.Secret); err != nil {
		return authority.Issued{}, err
	}
	o.Door, o.Verb = grantRefresh, authority.VerbRefresh
	return d.tokens.Refresh(r.Context(), authority.RefreshRequest{
		Origin: o, Token: f.Secret("refresh_token"), ClientID: client.ID, Scope: scope,
	})
}

func tokenAnswer(i authority.Issued) TokenAnswer {
	out := TokenAnswer{
		AccessToken: i.Access.Reveal(), TokenType: "Bearer", ExpiresIn: int64(i.ExpiresIn / time.Second),
		Scope: writeScope(i.Caller.Permissions()),
	}
	if !i.Refresh.Empty() {
		out.Refresh = i.Refresh.Reveal()
	}
	return out
}

// readScope gives the permissions that a scope names; nil when nothing was
// sent. RFC 6749 §3.3.
func readScope(text string) ([]authority.Permission, error) {
	if text == "" {
		return nil, nil
	}
	var scope []authority.Permission
	for word := range strings.SplitSeq(text, " ") {
		if word == "" || strings.ContainsFunc(word, notScope) {
			return nil, authority.E(authority.InvalidScope, "scope must be permissions separated by single spaces")
		}
		scope = append(scope, authority.Permission(word))
	}
	return scope, nil
}

// notScope reports what a scope-token cannot hold. RFC 6749 §3.3.
func notScope(c rune) bool { return c <= ' ' || c == '"' || c == '\\' || c > '~' }

func writeScope(scope []authority.Permission) string { return strings.Join(words(scope), " ") }

func words(scope []authority.Permission) []string {
	out := make([]string, len(scope))
	for i, p := range scope {
		out[i] = string(p)
	}
	return out
}

// noStore keeps an answer out of every cache, the old ones of HTTP/1.0 too.
// RFC 6749 §5.1.
func noStore(h http.Header) {
	h["Cache-Control"] = []string{"no-store"}
	h["Pragma"] = []string{"no-cache"}
}
