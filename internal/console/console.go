package console

import (
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// Name is the dialect's.
const Name = page.Dialect

// Profile is what the console declares of its sessions: a password, or what
// stands for it, is exchanged for an opaque token that lives as long as lifetime says.
func Profile(lifetime time.Duration) authority.Profile {
	return authority.Profile{
		Dialect:     Name,
		Credentials: []authority.CredentialKind{authority.Password}, Sessions: true,
		Access: authority.TokenSpec{Form: authority.Sealed, Lifetime: lifetime},
	}
}

// Console implements dialect.Dialect. Safe for concurrent use.
type Console struct{ kit *page.Kit }

var _ dialect.Dialect = (*Console)(nil)

// New makes the console of the areas in c.
func New(c page.Config) (*Console, error) {
	kit, err := page.New(c)
	return &Console{kit}, err
}

// Permissions lists those that open one of its pages.
func (c *Console) Permissions() []authority.Permission { return c.kit.Permissions() }

// Name implements dialect.Dialect.
func (*Console) Name() string { return Name }

// Mount implements dialect.Dialect.
func (c *Console) Mount(mux *web.Mux) { c.kit.Mount(mux) }

// Credential implements dialect.Dialect: the session's cookie, and nothing else.
func (*Console) Credential(r *http.Request) (authority.Presented, error) {
	return page.Credential(r, dialect.ErrNoCredential)
}

// WriteError implements dialect.Dialect.
func (c *Console) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	c.kit.WriteError(w, r, err)
}
