package element

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// readKey reads the access key from HTTP Basic, or from the form when there is
// none. Both at once must say the same. What cannot be read is refused like what
// is wrong.
func readKey(r *http.Request, f web.Form) (dialect.Client, error) {
	key, err := dialect.ShownClient(r, f)
	if err == nil && (key.ID == "" || key.Secret.Empty()) {
		return dialect.Client{}, authority.E(authority.InvalidClient,
			"the access key is missing; send Client-Id and Client-Secret by HTTP Basic")
	}
	return key, err
}
