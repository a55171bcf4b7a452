package oauth

import (
	"net/http"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// grantClient is the one grant type that is served.
const grantClient = "client_credentials"

// TokenAnswer is the answer of the token endpoint. RFC 6749 §5.1.
type TokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Scope       string `json:"scope,omitempty"`
}

// SetHeaders implements web.Headerer.
func (TokenAnswer) SetHeaders(h http.Header) { noStore(h) }

// TokenClaims implements dialect.TokenClaimant: what clients of this dialect,
// and of every dialect that takes their kind, send to the shared path.
func (d *Dialect) TokenClaims() []dialect.TokenClaim {
	return []dialect.TokenClaim{
		{Rank: dialect.RankApplication, Clients: mine, Serve: d.token},
		{Rank: dialect.RankElse, Serve: d.token},
	}
}

// mine reports whether a client is served here: one of this dialect, or of any
// that takes its kind.
func mine(r authority.Registration) bool { return r.Dialect == "" || r.Dialect == Name }

// token serves POST /oauth/token. RFC 6749 §4.4.2; parameters without a value
// count as not sent (§3.2).
func (d *Dialect) token(w http.ResponseWriter, r *http.Request, f web.Form) error {
	if err := checkGrant(f["grant_type"]); err != nil {
		return err
	}
	scope, err := readScope(f["scope"])
	if err != nil {
		return err
	}
	client, err := dialect.ReadClient(r, f)
	if err != nil {
		return err
	}
	ex := web.ExchangeOf(r.Context())
	known, err := d.clients.Find(r.Context(), ex.Stand, client.ID)
	if err != nil {
		return err
	}
	issued, err := d.core.Issue(r.Context(), authority.IssueRequest{
		Origin: ex.Origin(), Kind: known.Kind, ClientID: client.ID, Secret: client.Secret, Scope: scope,
	})
	if err != nil {
		return err
	}
	ex.Account, ex.Principal = issued.Caller.Account().ID, issued.Caller.Principal().ID
	return web.Encode(w, tokenAnswer(issued))
}

func tokenAnswer(i authority.Issued) TokenAnswer {
	return TokenAnswer{
		AccessToken: i.Access.Reveal(), TokenType: "Bearer", ExpiresIn: int64(i.ExpiresIn / time.Second),
		Scope: writeScope(i.Caller.Permissions()),
	}
}

func checkGrant(grant string) error {
	switch grant {
	case grantClient:
		return nil
	case "":
		return authority.E(authority.InvalidRequest, "grant_type is missing; send grant_type="+grantClient)
	}
	return authority.E(authority.UnsupportedGrantType, "the grant type served here is "+grantClient)
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

func writeScope(scope []authority.Permission) string {
	words := make([]string, len(scope))
	for i, p := range scope {
		words[i] = string(p)
	}
	return strings.Join(words, " ")
}

// noStore keeps an answer out of every cache, the old ones of HTTP/1.0 too.
// RFC 6749 §5.1.
func noStore(h http.Header) {
	h["Cache-Control"] = []string{"no-store"}
	h["Pragma"] = []string{"no-cache"}
}
