package operator

import (
	"context"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// Name is the dialect's name in routes, metrics, settings and audit entries.
const Name = "operator"

// Issuer gives tokens; *authority.Authority does.
type Issuer interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Refresh(ctx context.Context, req authority.RefreshRequest) (authority.Issued, error)
}

// Config is what the dialect translates to. All fields are required.
type Config struct {
	Issuer Issuer
}

// Dialect implements dialect.Dialect. Safe for concurrent use.
type Dialect struct {
	Config

	page []byte // the documentation
}

var _ dialect.Dialect = (*Dialect)(nil)

// New makes the dialect over c.
func New(c Config) *Dialect {
	d := &Dialect{Config: c}
	d.page = page(d.tokenRoutes())
	return d
}

// Name implements dialect.Dialect.
func (d *Dialect) Name() string { return Name }

// Credential implements dialect.Dialect.
func (d *Dialect) Credential(r *http.Request) (authority.Presented, error) {
	token, err := bearer(r)
	if err != nil {
		return authority.Presented{}, err
	}
	return authority.Presented{Scheme: authority.Bearer, Token: token}, nil
}

// prefixes are what every method's path begins with: the documented addresses
// have the version in them, the documented names do not.
func prefixes() []string { return []string{"/api/v1", ""} }

const (
	createPath  = "/auth/integrationapi/create"
	refreshPath = "/auth/integrationapi/refresh"
	docsPath    = "/docs"
)

// Mount implements dialect.Dialect. Of /api/v1, which two APIs document, auth
// and request are ours (rule 14).
func (d *Dialect) Mount(mux *web.Mux) {
	for _, prefix := range prefixes() {
		mux.Claim(prefix+"/auth", Name)
		mux.Claim(prefix+"/request", Name)
	}
	mux.Claim(docsPath, Name)
	for _, rt := range d.tokenRoutes() {
		for _, prefix := range prefixes() {
			again := rt
			again.Pattern = prefix + rt.Pattern
			mux.Handle(again)
		}
	}
	mux.Handle(web.Route{
		Method: http.MethodGet, Pattern: docsPath, Dialect: Name, Public: true,
		Summary: "Describe the methods of this API.", Serve: d.docs,
	})
}

// tokenRoutes are the ways to a pair (docs/dialects/operator.md §1). They change
// something though they are GET, so a HEAD or a prefetch must not reach them.
func (d *Dialect) tokenRoutes() []web.Route {
	var out []web.Route
	for _, way := range []web.Route{
		{
			Pattern: createPath, Door: doorAuthorization, Audit: authority.VerbIssue,
			Summary: "Exchange the authorization token for a pair of tokens.", Serve: d.exchange(d.create),
		},
		{
			Pattern: refreshPath, Door: doorRefresh, Audit: authority.VerbRefresh,
			Summary: "Exchange the refresh token for the next pair of tokens.", Serve: d.exchange(d.refresh),
		},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			rt := way
			rt.Method, rt.NoHead = method, method == http.MethodGet
			rt.Dialect, rt.Public, rt.Secret, rt.Response = Name, true, true, pair{}
			out = append(out, rt)
		}
	}
	return out
}
