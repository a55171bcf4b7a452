package oauth

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/keys"
	"propusk/internal/web"
)

// Name is the dialect's fixed word.
const Name = "oauth"

// Core decides who asks and what a token is worth; *authority.Authority does.
type Core interface {
	// Registered tells the kind of a client id; NotFound for none.
	Registered(ctx context.Context, stand authority.Stand, clientID string) (authority.Registration, error)
	// AnyClient authenticates a client of whichever dialect.
	AnyClient(ctx context.Context, o authority.Origin, r authority.Registration, clientID string, secret authority.Secret) (authority.Caller, error)
	// ApplicationClient lets in an application, with its secret if it has one.
	ApplicationClient(ctx context.Context, o authority.Origin, clientID string, secret authority.Secret) (authority.Caller, error)
	Introspect(ctx context.Context, c authority.Caller, token authority.Secret) (authority.Introspection, error)
	RevokeToken(ctx context.Context, c authority.Caller, token authority.Secret) error
}

// Issuer gives tokens; *authority.Authority does.
type Issuer interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Redeem(ctx context.Context, req authority.RedeemRequest) (authority.Issued, error)
	Refresh(ctx context.Context, req authority.RefreshRequest) (authority.Issued, error)
}

// KeySet publishes public keys; *keys.Ring does.
type KeySet interface {
	JWKS(stand string, uses ...string) keys.JWKS
}

// Config is what the dialect works with.
type Config struct {
	Core    Core
	Tokens  Issuer
	Keys    KeySet
	Signers []string                     // dialects whose public keys are published; symmetric ones have none
	Issuer  func(authority.Stand) string // the stand's base URL without a slash at its end; the iss of its tokens
	Scopes  []authority.Permission       // what tokens may carry
	Now     func() time.Time             // nil = time.Now
}

// Dialect is the standard door. Safe for concurrent use.
type Dialect struct {
	core    Core
	tokens  Issuer
	keys    KeySet
	signers []string
	issuer  func(authority.Stand) string
	scopes  []string
	clients *dialect.Clients
}

// New makes the dialect.
func New(c Config) *Dialect {
	return &Dialect{
		core: c.Core, tokens: c.Tokens, keys: c.Keys, signers: c.Signers, issuer: c.Issuer,
		scopes: words(c.Scopes), clients: dialect.NewClients(c.Core, c.Now),
	}
}

// Profile declares the dialect's tokens: a JWT as RFC 9068 has it, signed with
// algorithm (EdDSA or RS256), and for those that act as a user a refresh token. A
// client that acts as itself can always ask again (RFC 6749 §4.4.3).
func Profile(algorithm keys.Algorithm, lifetime time.Duration) authority.Profile {
	const day = 24 * time.Hour
	return authority.Profile{
		Dialect:     Name,
		Credentials: []authority.CredentialKind{authority.ApplicationSecret, authority.AccessKey},
		Access: authority.TokenSpec{
			Form: authority.JWT, Algorithm: algorithm, Typ: "at+jwt", Lifetime: lifetime,
		},
		Refresh:      authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * day},
		ReplayWindow: 30 * time.Second,
		Family:       180 * day,
		Codes: &authority.CodeRules{
			Takes: func(app authority.Principal) bool { return len(app.Traits.RedirectURIs) > 0 }, Scope: readScope, AnyPort: true,
		},
		Scoped: true, // RFC 9068 §2.2.3
		Claims: func(f authority.TokenFacts) map[string]any {
			return map[string]any{"client_id": f.ClientID}
		},
	}
}

// Name implements dialect.Dialect.
func (d *Dialect) Name() string { return Name }

// Credential implements dialect.Dialect. No route asks for it yet: clients of
// introspection and revocation show their secret instead of a token.
func (d *Dialect) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

// maxForm bounds the forms of introspection and revocation: a token has 8 kB at
// most.
const maxForm = 64 << 10

// Mount implements dialect.Dialect.
func (d *Dialect) Mount(mux *web.Mux) {
	mux.Claim("/oauth", Name)
	mux.Handle(web.Route{
		Method: http.MethodPost, Pattern: "/oauth/introspect", Dialect: Name, Public: true, Secret: true,
		MaxBody: maxForm, Request: TokenForm{}, Response: Introspection{}, Serve: d.introspect,
		Summary: "Tell what a token of any dialect is worth (RFC 7662). Client authentication required.",
	})
	mux.Handle(web.Route{
		Method: http.MethodPost, Pattern: "/oauth/revoke", Dialect: Name, Public: true, Secret: true,
		MaxBody: maxForm, Request: TokenForm{}, Audit: authority.VerbRevoke, Serve: d.revoke,
		Summary: "End a token of any dialect (RFC 7009). Client authentication required.",
	})
	d.mountMetadata(mux)
}
