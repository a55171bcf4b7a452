package oauth

import "net/http"

// BasicClient gives what the Authorization field of r says of a client.
func BasicClient(r *http.Request) (id, secret string, err error) {
	s, err := basicClient(r)
	return s.id, s.secret.Reveal(), err
}
