package ringme

import (
	"context"
	"net/http"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// Name is the dialect's name in routes, metrics, settings and audit entries.
const Name = "ringme"

// Core decides everything that a request asks for; *authority.Authority does.
type Core interface {
	// ApplicationClient lets in an application, with its secret if it has one.
	ApplicationClient(ctx context.Context, o authority.Origin, clientID string, secret authority.Secret) (authority.Caller, error)
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Redeem(ctx context.Context, req authority.RedeemRequest) (authority.Issued, error)
	Refresh(ctx context.Context, req authority.RefreshRequest) (authority.Issued, error)
	// Through gives the application that a caller's token was issued to.
	Through(ctx context.Context, c authority.Caller) (authority.Principal, error)
}

// Config is what the dialect translates to.
type Config struct {
	Core      Core
	Links     Links
	Calls     Calls
	Directory Directory
	Events    Events
	URL       func(authority.Stand) string // where a stand is reached, without a slash at the end
	Hours     *limit.Hourly                // calls by account; nil = not counted
}

// Dialect implements dialect.Dialect. Safe for concurrent use.
type Dialect struct {
	Config

	marks *marks
}

var (
	_ dialect.Dialect       = (*Dialect)(nil)
	_ dialect.Meter         = (*Dialect)(nil)
	_ dialect.Admitter      = (*Dialect)(nil)
	_ dialect.TokenClaimant = (*Dialect)(nil)
)

// New makes the dialect over c.
func New(c Config) *Dialect { return &Dialect{c, newMarks()} }

// Profile is what the dialect declares of its tokens: 30 alphanumerics that live
// an hour, and for those who sign in a refresh token
// (docs/dialects/ringme.md §1).
func Profile() authority.Profile {
	const day = 24 * time.Hour
	return authority.Profile{
		Dialect:      Name,
		Credentials:  []authority.CredentialKind{authority.ApplicationSecret, authority.Password},
		WeakDoors:    []string{doorPassword},
		HexClients:   true,
		Owned:        true,
		TellsBlocked: true,
		Reach:        reach,
		Codes: &authority.CodeRules{
			Takes: func(app authority.Principal) bool { return app.Traits.Type == Public },
			Scope: func(scope string) ([]authority.Permission, error) { return nil, checkScope(scope) },
		},
		Access:       authority.TokenSpec{Form: authority.Short, Lifetime: time.Hour},
		Refresh:      authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * day},
		ReplayWindow: 30 * time.Second,
		Family:       180 * day,
	}
}

// Name implements dialect.Dialect.
func (d *Dialect) Name() string { return Name }

// Credential implements dialect.Dialect.
func (d *Dialect) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

// Meter implements dialect.Meter: the calls of an hour are counted by account.
func (d *Dialect) Meter(h http.Header, c authority.Caller) error {
	return d.Hours.Take(h, c.Account().ID)
}

// ShowMeter implements dialect.Meter.
func (d *Dialect) ShowMeter(h http.Header, c authority.Caller) { d.Hours.Show(h, c.Account().ID) }

const base = "/api/ver1.0"

// Mount implements dialect.Dialect.
func (d *Dialect) Mount(mux *web.Mux) {
	mux.Claim(base, Name)
	mux.Handle(web.Route{
		Method: http.MethodGet, Pattern: base + "/user", Dialect: Name, Response: user{},
		Summary: "Tell which user the token acts as.", Serve: web.JSON(d.user),
	})
	for _, rt := range slices.Concat(d.historyRoutes(), d.recordRoutes(), d.extensionRoutes(), d.eventRoutes()) {
		rt.Dialect = Name
		mux.Handle(rt)
	}
}
