package hubex

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/keys"
	"propusk/internal/tasks"
	"propusk/internal/web"
)

// Name is the dialect's name in routes, metrics, settings and audit entries.
const Name = "hubex"

// Issuer gives tokens; *authority.Authority does.
type Issuer interface {
	Issue(ctx context.Context, req authority.IssueRequest) (authority.Issued, error)
	Refresh(ctx context.Context, req authority.RefreshRequest) (authority.Issued, error)
	RefreshToken(ctx context.Context, c authority.Caller) (authority.Secret, time.Duration, error)
}

// Tasks reads and changes work orders; *tasks.Service does.
type Tasks interface {
	Tasks(ctx context.Context, c authority.Caller, f tasks.Filter) (tasks.Page, error)
	Task(ctx context.Context, c authority.Caller, id authority.ID, deleted bool) (tasks.Task, error)
	Create(ctx context.Context, c authority.Caller, d tasks.Draft, once tasks.Once) (tasks.Created, error)
	Change(ctx context.Context, c authority.Caller, id authority.ID, p tasks.Patch) (tasks.Task, error)
	Remove(ctx context.Context, c authority.Caller, id authority.ID) error
	Move(ctx context.Context, c authority.Caller, id, stage authority.ID) (tasks.Task, error)
	NextStages(ctx context.Context, c authority.Caller, id authority.ID) ([]tasks.Stage, error)
}

// Conversations keeps what is said about a work order; *tasks.Service does.
type Conversations interface {
	Comment(ctx context.Context, c authority.Caller, id authority.ID, text string) (tasks.Comment, error)
	Conversation(ctx context.Context, c authority.Caller, q tasks.CommentQuery) (tasks.Conversation, error)
}

// Config is what the dialect translates to. All fields are required.
type Config struct {
	Issuer        Issuer
	Tasks         Tasks
	Conversations Conversations
}

// Dialect implements dialect.Dialect. Safe for concurrent use.
type Dialect struct{ Config }

var _ dialect.Dialect = (*Dialect)(nil)

// New makes the dialect over c.
func New(c Config) *Dialect { return &Dialect{c} }

// Profile is what the dialect declares of its tokens: a service token is
// exchanged for a JWT of 24 hours (docs/dialects/hubex.md §1).
func Profile() authority.Profile {
	const day = 24 * time.Hour
	return authority.Profile{
		Dialect:      Name,
		Credentials:  []authority.CredentialKind{authority.ServiceToken},
		Access:       authority.TokenSpec{Form: authority.JWT, Algorithm: keys.HS256, Typ: "JWT", Lifetime: day},
		Refresh:      authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * day},
		ReplayWindow: 30 * time.Second,
		Family:       180 * day,
	}
}

// Name implements dialect.Dialect.
func (d *Dialect) Name() string { return Name }

// Credential implements dialect.Dialect.
func (d *Dialect) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

// Mount implements dialect.Dialect. Everything below /fsm is ours, matched
// without case.
func (d *Dialect) Mount(mux *web.Mux) {
	mux.Claim("/fsm", Name)
	for _, rt := range append(d.tokenRoutes(), d.taskRoutes()...) {
		rt.Dialect, rt.Fold = Name, true
		if !rt.Public {
			rt.Serve = demandApplication(rt.Serve)
		}
		mux.Handle(rt)
	}
}

// application is the field that names the calling program. The real API knows a
// few numbers; the documentation's own samples leave it out.
type application struct {
	Application int64 `header:"X-Application-ID" min:"1" example:"5" about:"The calling program; strict accounts demand it"`
}

// demandApplication refuses requests without X-Application-ID where the account
// is strict. What the field holds is judged with the other parameters.
func demandApplication(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if c.Account().Settings.Strict[Name] && r.Header.Get("X-Application-ID") == "" {
			return authority.E(authority.Forbidden, "the header X-Application-ID is missing").
				With("header", "X-Application-ID")
		}
		return serve(w, r, c)
	}
}
