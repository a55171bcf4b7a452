package smarts

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// Name is the dialect's name in routes, metrics, settings and audit entries.
const Name = "smarts"

// Read is what the guest of an account may whose authorization is off.
const Read authority.Permission = "SmartsRead"

// Core decides who gets in; *authority.Authority does.
type Core interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Refresh(ctx context.Context, req authority.RefreshRequest) (authority.Issued, error)
	Registered(ctx context.Context, stand authority.Stand, clientID string) (authority.Registration, error)
	ApplicationClient(ctx context.Context, o authority.Origin, id string, secret authority.Secret) (authority.Caller, error)
	AccountBound(ctx context.Context, stand authority.Stand, host string) (authority.Account, error)
	AccountFor(ctx context.Context, o authority.Origin, host, contract string) (authority.Account, error)
}

// Users reads an account's users; the store does. Who may read them is said by
// the caller's group, as the real API has it.
type Users interface {
	UsersOf(ctx context.Context, account, of authority.ID, p admin.Page) (admin.List[authority.Principal], error)
	Principal(ctx context.Context, account, id authority.ID, kind authority.PrincipalKind) (authority.Principal, error)
}

// Catalog reads an account's warehouse; *catalog.Service does.
type Catalog interface {
	Products(ctx context.Context, c authority.Caller, l catalog.Lookup) (catalog.Page[catalog.Product], error)
	Product(ctx context.Context, c authority.Caller, id string) (catalog.Product, error)
	Docs(ctx context.Context, c authority.Caller, l catalog.Lookup) (catalog.Page[catalog.Doc], error)
	Doc(ctx context.Context, c authority.Caller, kind, id string) (catalog.Doc, error)
	Directory(ctx context.Context, c authority.Caller) (catalog.Directory, error)
}

// Writer changes documents; *catalog.Service does.
type Writer interface {
	AddDoc(ctx context.Context, c authority.Caller, d catalog.Doc) (catalog.Doc, error)
	ChangeDoc(ctx context.Context, c authority.Caller, kind, id string, p catalog.DocPatch) (catalog.Doc, error)
	RemoveDoc(ctx context.Context, c authority.Caller, kind, id string) error
}

// Uploads replaces catalogues; *catalog.Uploads does.
type Uploads interface {
	Begin(ctx context.Context, c authority.Caller, s catalog.Scheme) error
	Add(ctx context.Context, c authority.Caller, all []catalog.Product, cells []string) error
	End(ctx context.Context, c authority.Caller) (int64, error)
	Reset(ctx context.Context, c authority.Caller) error
}

// Config is what the dialect translates to. All but Hosts and NoQuery is required.
type Config struct {
	Core    Core
	Users   Users
	Catalog Catalog
	Writer  Writer
	Uploads Uploads
	// URL is the outside address of a stand, without a slash at its end.
	URL func(authority.Stand) string
	// Hosts are the names that are the dialect's own.
	Hosts []string
	// NoQuery shuts the door that takes a password in the address.
	NoQuery bool
}

// Dialect implements dialect.Dialect. Safe for concurrent use.
type Dialect struct{ Config }

var (
	_ dialect.Dialect       = (*Dialect)(nil)
	_ dialect.Admitter      = (*Dialect)(nil)
	_ dialect.GuestHost     = (*Dialect)(nil)
	_ dialect.TokenClaimant = (*Dialect)(nil)
)

// New makes the dialect over c.
func New(c Config) *Dialect { return &Dialect{c} }

// Profile is what the dialect declares of its tokens: login and password are
// exchanged for an opaque pair, or shown on every call (docs/dialects/smarts.md
// §1).
func Profile() authority.Profile {
	const day = 24 * time.Hour
	return authority.Profile{
		Dialect:      Name,
		Credentials:  []authority.CredentialKind{authority.Password},
		Basic:        []authority.CredentialKind{authority.Password},
		DoorsOff:     []string{doorQuery},
		WeakDoors:    []string{doorQuery, doorRaw},
		ByGroup:      catalog.ByGroup,
		Guest:        []authority.Permission{Read, catalog.CatalogRead},
		Access:       authority.TokenSpec{Form: authority.Sealed, Lifetime: day},
		Refresh:      authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * day},
		ReplayWindow: 30 * time.Second,
		Family:       180 * day,
	}
}

// Name implements dialect.Dialect.
func (d *Dialect) Name() string { return Name }

// prefixes are what every path may begin with. README of the real server:
// http://host:port/MobileSMARTS, http://host:port/{database}.
func prefixes() []string { return []string{"", "/MobileSMARTS", "/{" + contractValue + "}"} }

// contractValue names the path segment that says whose a request is (rule 20).
const contractValue = "contract"

// Mount implements dialect.Dialect. What others claim below /api/v1 is theirs:
// the longest claim wins (rule 14).
func (d *Dialect) Mount(mux *web.Mux) {
	for _, prefix := range []string{"/api/session", "/api/v1", "/MobileSMARTS", "/*/api/session", "/*/api/v1", "/*/oauth/token"} {
		mux.Claim(prefix, Name)
	}
	for _, prefix := range prefixes() {
		for _, rt := range append(d.doorRoutes(prefix), d.setRoutes()...) {
			rt.Pattern, rt.Dialect = prefix+rt.Pattern, Name
			rt.Fold = prefix != "/{"+contractValue+"}" // a folded wildcard would be tried on every path of the stand
			if !rt.Public {
				rt.Serve = atHome(rt.Serve)
			}
			mux.Handle(rt)
		}
	}
}

// atHome refuses callers below another account's prefix as if they were unknown
// there (rule 9).
func atHome(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if contract := r.PathValue(contractValue); contract != "" && contract != c.Account().Contract {
			return authority.E(authority.InvalidToken, "")
		}
		return serve(w, r, c)
	}
}

// Admit implements dialect.Admitter: of an account's users, administrators and
// external connections get in. Callers of other dialects that the account lets
// in have no group.
func (d *Dialect) Admit(_ context.Context, _ *web.Route, c authority.Caller) error {
	return admit(c.Principal())
}

func admit(p authority.Principal) error {
	switch {
	case p.Kind != authority.User, p.Group == authority.GroupExternalConnection, p.Group == authority.GroupAdministrator:
		return nil
	}
	return authority.E(authority.Forbidden, "the REST API is open to the groups external connection and administrator")
}

// Guest implements dialect.GuestHost.
func (d *Dialect) Guest(r *http.Request) (authority.ID, error) {
	account, err := d.accountOf(r)
	return account.ID, err
}

// accountOf is the account that a request without a credential is about.
func (d *Dialect) accountOf(r *http.Request) (authority.Account, error) {
	return d.Core.AccountFor(r.Context(), web.OriginOf(r.Context()), r.Host, r.PathValue(contractValue))
}
