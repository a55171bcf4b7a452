package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
)

// Serve handles one request that has passed every check of its route. The zero
// Caller comes with Public routes only. A returned error is written by the
// dialect of the route; after a write has begun, return nil.
type Serve func(w http.ResponseWriter, r *http.Request, c authority.Caller) error

// Route is one line of the route table: what is served, for whom, and what
// documentation, metrics and the generated tests need to know about it.
type Route struct {
	Method  string // "GET", "POST", …; GET serves HEAD as well unless NoHead
	Pattern string // documented spelling, "/fsm/WORK/Tasks/{id}", as http.ServeMux reads it, without host; its end may be Name({key})
	Fold    bool   // literal segments match without (ASCII) case

	Dialect    string
	Permission authority.Permission // "" = any living caller
	Public     bool                 // no caller needed
	Door       string               // fixed word for routes that issue, "" otherwise
	Audit      string               // audit verb of a route that changes something, "" for reads

	Request  any // zero value of the typed request, for documentation
	Response any // zero value of the typed response
	Summary  string
	Fails    []authority.Code // what Serve refuses with besides what the other fields let expect; for documentation

	MaxBody  int64             // bytes; 0 = what the deployment sets, 1 MiB if nothing
	NoHead   bool              // GET that changes something: HEAD and prefetches are refused
	Stands   []authority.Stand // empty = both
	Secret   bool              // the answer carries a secret or a token
	Browsers bool              // people are sent here: no page of another origin may read the answers
	// Object names what a request is about, for the audit of its refusal, before
	// anything was read; nil = only Serve knows.
	Object  func(*http.Request) string
	Repeats bool // Serve reads Idempotency-Key and keeps its answers by itself
	Serve   Serve
}

// defaultMaxBody is the body limit of rule 5.
const defaultMaxBody = 1 << 20

// on reports whether the route is served on stand.
func (rt *Route) on(stand authority.Stand) bool {
	return len(rt.Stands) == 0 || slices.Contains(rt.Stands, stand)
}

// check refuses a route that could not be served or documented.
func (rt *Route) check() error {
	var errs []error
	demand := func(ok bool, what string) {
		if !ok {
			errs = append(errs, fmt.Errorf("web: route %s %s: %s", rt.Method, rt.Pattern, what))
		}
	}
	demand(slices.Contains(methods(), rt.Method) && rt.Method != http.MethodHead, "method is not one of ours")
	demand(strings.HasPrefix(rt.Pattern, "/"), "pattern must begin with a slash")
	demand(rt.Serve != nil, "Serve is missing")
	demand(!rt.Public || rt.Permission == "", "a public route cannot ask for a permission")
	demand(!rt.NoHead || rt.Method == http.MethodGet, "NoHead is for GET")
	demand(rt.MaxBody >= 0, "MaxBody is negative")
	return errors.Join(errs...)
}

// methods lists what routes may use, in the order of Allow fields.
func methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete,
	}
}
