package element

import (
	"context"
	"net/http"
	"slices"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/keys"
	"propusk/internal/web"
)

// Name is the dialect's name in routes, metrics, settings and audit entries.
const Name = "element"

// Core decides who gets in; *authority.Authority does.
type Core interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Authenticate(ctx context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error)
	Expire(ctx context.Context, c authority.Caller, token authority.Secret) error
	ExpireGrant(ctx context.Context, c authority.Caller, grant authority.ID) error
	// Mark and ReadMark carry a place in a list through a client's hands.
	Mark(c authority.Caller, list string, at authority.ID) (string, error)
	ReadMark(c authority.Caller, list, text string) (authority.ID, error)
}

// Config is what the dialect translates to. All fields are required.
type Config struct {
	Core  Core
	Admin *admin.Service
	Calls Calls
	Ready func(ctx context.Context) error // nil error = this node answers
	Named []string                        // dialects whose name entries and grants may have
}

// Dialect implements dialect.Dialect. Safe for concurrent use.
type Dialect struct{ Config }

var _ dialect.Dialect = (*Dialect)(nil)

// New makes the dialect over c.
func New(c Config) *Dialect { return &Dialect{c} }

// lifetime is the documented one, of both tokens of a grant.
const lifetime = time.Hour

// Profile is what the dialect declares of its tokens: an access key is exchanged
// for an id token that is the bearer, and for an access token that is one too.
// There is no refresh token: whoever has the key asks again
// (docs/dialects/element.md §1).
func Profile() authority.Profile {
	return authority.Profile{
		Dialect:     Name,
		Credentials: []authority.CredentialKind{authority.AccessKey},
		Basic:       []authority.CredentialKind{authority.AccessKey}, // where records of calls are taken
		Access:      authority.TokenSpec{Form: authority.Sealed, Lifetime: lifetime},
		ID:          authority.TokenSpec{Form: authority.JWT, Algorithm: keys.RS512, Lifetime: lifetime},
		Claims:      claims,
	}
}

// Name implements dialect.Dialect.
func (d *Dialect) Name() string { return Name }

// Credential implements dialect.Dialect.
func (d *Dialect) Credential(r *http.Request) (authority.Presented, error) {
	if rt := web.ExchangeOf(r.Context()).Route; rt != nil && rt.Pattern == cdrPath {
		return recordKey(r)
	}
	return dialect.Bearer(r)
}

// Mount implements dialect.Dialect. /applications belongs to the whole dialect:
// only the tokens of application users are had there.
func (d *Dialect) Mount(mux *web.Mux) {
	for _, prefix := range []string{"/console/sys", "/console/api", "/applications"} {
		mux.Claim(prefix, Name)
	}
	for _, rt := range slices.Concat(d.doors(), d.statusRoutes(), d.panelRoutes()) {
		rt.Dialect = Name
		if !rt.Public {
			rt.Serve = panel(rt.Serve)
		}
		mux.Handle(rt)
	}
	for _, rt := range d.recordRoutes() {
		rt.Dialect = Name
		mux.Handle(rt)
	}
}

// panel lets users of the panel pass: those of the account's own list who hold
// a right of the panel. Users of an application are refused whatever their role,
// and so is whatever is no user.
func panel(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if !ofPanel(c) {
			return authority.E(authority.Forbidden, "the control panel is for its administrators and developers")
		}
		if err := jsonAlone(r); err != nil {
			return err
		}
		return serve(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, r)), c)
	}
}

// requestKey is where typed handlers find the request itself: a stream shows its
// bearer again.
type requestKey struct{}

func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

func ofPanel(c authority.Caller) bool {
	p := c.Principal()
	if p.Kind != authority.User || p.Of != 0 {
		return false
	}
	return c.Can(admin.AccountsManage) || slices.ContainsFunc(admin.Permissions(), c.Can)
}
