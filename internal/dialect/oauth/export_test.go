package oauth

import (
	"net/http"

	"propusk/internal/dialect"
)

// BasicClient gives what the Authorization field of r says of a client.
func BasicClient(r *http.Request) (id, secret string, err error) {
	s, err := dialect.BasicClient(r)
	return s.ID, s.Secret.Reveal(), err
}
