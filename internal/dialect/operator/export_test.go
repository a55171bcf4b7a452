package operator

import (
	"net/http"

	"propusk/internal/authority"
)

// StatusOf gives the status of a code; false for one that the table lacks.
func StatusOf(code authority.Code) (int, bool) { return statusOf(code) }

// ReadBearer gives the token of a request.
func ReadBearer(r *http.Request) (authority.Secret, error) { return bearer(r) }
