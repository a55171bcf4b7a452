package element

import (
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// fixed is a member of a body that is chosen when something is made, or that
// nobody chooses. Whoever sends back what he read changes nothing; another value
// is refused, so that it never looks like a change.
type fixed[T comparable] struct {
	name string
	sent *T
	have T
}

func (f fixed[T]) check() error {
	if f.sent == nil || *f.sent == f.have {
		return nil
	}
	return authority.E(authority.InvalidValue, f.name+" cannot be changed").With("parameter", f.name)
}

// first gives the first refusal of several checks.
func first(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// named refuses a filter by a dialect that there is not: an empty list would look
// like the truth.
func (d *Dialect) named(dialect string) error {
	if dialect == "" || slices.Contains(d.Named, dialect) {
		return nil
	}
	return authority.E(authority.InvalidValue, "dialect must be one of "+strings.Join(d.Named, ", ")).With("parameter", "dialect")
}

// jsonAlone refuses a body that says it is something else than JSON, so that no
// page of another site can send one without asking first. Without a type the
// text decides.
func jsonAlone(r *http.Request) error {
	switch r.Method {
	case http.MethodPost, http.MethodPatch, http.MethodPut:
	default:
		return nil // RFC 9110 §9.3.1, §9.3.5: a body has no meaning there
	}
	header := r.Header.Get("Content-Type")
	if header == "" || r.ContentLength == 0 {
		return nil
	}
	kind, _, _ := strings.Cut(header, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json") {
		return nil
	}
	return web.NotJSON()
}
