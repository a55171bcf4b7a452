package web

import (
	"net/http"
	"slices"
	"strings"

	"propusk/internal/web/guard"
)

// CORS is the cross-origin policy of one dialect. Credentials (cookies) are
// never allowed: API callers send a token. The zero value allows no origin.
type CORS struct {
	Origins []string // exact origins, or "*" for any
}

// AnyOrigin is the default on API paths (rule 12).
func AnyOrigin() CORS { return CORS{Origins: []string{"*"}} }

// exposed lists the response fields that scripts of other origins may read.
const exposed = "X-Request-ID, Content-Range, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, " +
	"WWW-Authenticate, X-Ignored-Parameters, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Time-Zone"

// plain marks an ordinary answer. Only browsers send Origin and read the list of
// exposed fields.
func (c CORS) plain(h http.Header, r *http.Request) {
	if c.origin(h, r) && r.Header["Origin"] != nil {
		h["Access-Control-Expose-Headers"] = []string{exposed}
	}
}

// preflight answers the question a browser asks before the request itself.
func (c CORS) preflight(h http.Header, r *http.Request, allow []string) {
	if !c.origin(h, r) || r.Header.Get("Access-Control-Request-Method") == "" {
		return
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(allow, ", "))
	if names := tokens(r.Header.Get("Access-Control-Request-Headers")); len(names) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(names, ", "))
	}
	h.Set("Access-Control-Max-Age", "600")
}

// origin writes Access-Control-Allow-Origin if the policy allows r's origin.
func (c CORS) origin(h http.Header, r *http.Request) bool {
	if len(c.Origins) == 0 {
		return false
	}
	if slices.Contains(c.Origins, "*") {
		h["Access-Control-Allow-Origin"] = []string{"*"}
		return true
	}
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(c.Origins, origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	return true
}

// tokens splits a comma-separated list of field names and drops what is not one.
func tokens(list string) []string {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.Trim(name, " \t"); guard.IsToken(name) && len(out) < 32 {
			out = append(out, name)
		}
	}
	return out
}
