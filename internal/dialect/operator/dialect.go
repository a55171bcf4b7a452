package operator

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/dialect"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// Name is the dialect's name in routes, metrics, settings and audit entries.
const Name = "operator"

// Issuer gives tokens; *authority.Authority does.
type Issuer interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Refresh(ctx context.Context, req authority.RefreshRequest) (authority.Issued, error)
}

// Authenticator lets callers in; *authority.Authority does.
type Authenticator interface {
	Authenticate(ctx context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error)
}

// Calls reads the history and its recordings; *calls.Service does.
type Calls interface {
	Calls(ctx context.Context, c authority.Caller, q calls.Query) (calls.Page, error)
	OpenMP3(ctx context.Context, c authority.Caller, id authority.ID) (calls.Recording, io.ReadSeekCloser, error)
}

// Results keeps answers that can be asked for again; *calls.Results does.
type Results interface {
	Keep(ctx context.Context, c authority.Caller, key calls.ResultKey, r calls.Result) error
	Find(ctx context.Context, c authority.Caller, key calls.ResultKey) (calls.Result, error)
}

// Config is what the dialect translates to. All fields are required.
type Config struct {
	Issuer  Issuer
	Core    Authenticator
	Calls   Calls
	Results Results
	Misses  *limit.Rate // hashes that find nothing, by credential; nil = not counted
	Now     func() time.Time
}

// Guesses is how many hashes that find nothing a credential may ask for at once,
// and in each second after.
const (
	Guesses        = 200
	GuessesASecond = 1
)

// Dialect implements dialect.Dialect. Safe for concurrent use.
type Dialect struct{ Config }

var _ dialect.Dialect = (*Dialect)(nil)

// New makes the dialect over c.
func New(c Config) *Dialect { return &Dialect{Config: c} }

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
	historyPath = "/request/getcallhistory"
	filePath    = "/request/getcallrecordfile"
	resultPath  = "/request/getrequestresultbyhash"
	docsPath    = "/docs"
)

// Mount implements dialect.Dialect. Of /api/v1, which two APIs document, auth
// and request are ours (rule 14).
func (d *Dialect) Mount(mux *web.Mux) {
	for _, prefix := range prefixes() {
		mux.Claim(prefix+"/auth", Name)
		mux.Claim(prefix+"/request", Name)
	}
	for _, rt := range slices.Concat(d.tokenRoutes(), d.callRoutes()) {
		for _, prefix := range prefixes() {
			again := rt
			again.Pattern = prefix + rt.Pattern
			mux.Handle(again)
		}
	}
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

// callRoutes are the methods that the tokens are for (docs/dialects/operator.md
// §4).
func (d *Dialect) callRoutes() []web.Route {
	return []web.Route{
		{
			Method: http.MethodPost, Pattern: historyPath, Dialect: Name, Permission: calls.CallsList,
			Request: historyFields{}, Response: historyBody{}, Summary: "List calls of a period, newest first.",
			Serve: remembering(web.JSON(d.history, web.ExactKeys)),
		},
		{
			Method: http.MethodGet, Pattern: filePath, Dialect: Name, Permission: calls.RecordRead,
			Fails:   []authority.Code{authority.NotFound, authority.NotAcceptable},
			Request: fileRequest{}, Response: fileBody{}, Summary: "Give the recording of a call as base64.",
			Serve: remembering(web.JSON(d.file)),
		},
		{
			Method: http.MethodGet, Pattern: resultPath, Dialect: Name,
			Fails:   []authority.Code{authority.NotFound},
			Request: resultRequest{}, Response: resultBody{}, Summary: "Give the answer of a former request again.",
			Serve: remembering(web.JSON(d.result)),
		},
	}
}
