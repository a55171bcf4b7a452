package dialect

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Dialect is one documented API.
type Dialect interface {
	// Name is the fixed word that routes, metrics and audit entries carry.
	Name() string
	// Mount adds the routes and claims the path prefixes. It runs once per
	// stand.
	Mount(mux *web.Mux)
	// Credential reads what a request shows to be let in. It gives
	// ErrNoCredential for none and another *authority.Error for one that cannot
	// be read.
	Credential(r *http.Request) (authority.Presented, error)
	// WriteError answers err in the documented shape: status, body and content
	// type. Allow, Retry-After and WWW-Authenticate are already set.
	WriteError(w http.ResponseWriter, r *http.Request, err error)
}

// ErrNoCredential says that a request shows nothing to be let in by.
var ErrNoCredential error = authority.E(authority.Unauthenticated, "no credential was presented")

// Bearer reads a bearer token. It is the Credential of dialects that document
// nothing else. Other schemes count as none.
func Bearer(r *http.Request) (authority.Presented, error) {
	token, err := web.Bearer(r)
	if err != nil {
		return authority.Presented{}, err
	}
	if token.Empty() {
		return authority.Presented{}, ErrNoCredential
	}
	return authority.Presented{Scheme: authority.Bearer, Token: token}, nil
}
