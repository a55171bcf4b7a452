package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Mux collects the routes and path claims of all dialects. It serves nothing
// itself: Router makes the handler of one stand. Use it from one goroutine.
type Mux struct {
	routes []*Route
	claims []claim
}

// claim says whose error shape unknown paths below a prefix get.
type claim struct {
	prefix  string // lower case, without trailing slash
	dialect string
}

// NewMux gives an empty table.
func NewMux() *Mux { return &Mux{} }

// Handle adds a route. What is wrong with it is reported by Router.
func (m *Mux) Handle(rt Route) { m.routes = append(m.routes, &rt) }

// Claim gives every path at and below prefix that no route takes to dialect:
// its 404 and 405 are written there. The longest prefix wins; case is folded. A
// prefix that begins with "/*" is claimed behind whatever stands before it; it
// gives way to all others.
func (m *Mux) Claim(prefix, dialect string) {
	m.claims = append(m.claims, claim{strings.TrimSuffix(spelling.LowerASCII(prefix), "/"), dialect})
}

// Routes lists every route, in the order they were added. Changing the copies
// changes nothing.
func (m *Mux) Routes() []Route {
	out := make([]Route, len(m.routes))
	for i, rt := range m.routes {
		out[i] = *rt
	}
	return out
}

// Router makes the handler of one stand. Every malformed or conflicting route
// is an error here, at start, never a panic.
func (m *Mux) Router(stand authority.Stand, p Pipeline) (*Router, error) {
	r := &Router{
		stand: stand, pipeline: p, exact: http.NewServeMux(), folded: http.NewServeMux(),
		folds: map[string]bool{}, claims: slices.Clone(m.claims),
	}
	slices.SortStableFunc(r.claims, func(a, b claim) int { return b.weight() - a.weight() })
	var errs []error
	for _, rt := range m.routes {
		if !rt.on(stand) {
			continue
		}
		errs = append(errs, r.add(rt))
	}
	return r, errors.Join(append(errs, claimConflicts(r.claims))...)
}

// weight orders claims: those for anywhere come last.
func (c claim) weight() int {
	if strings.HasPrefix(c.prefix, anywhere) {
		return len(c.prefix) - maxClaim
	}
	return len(c.prefix)
}

// anywhere begins the prefix of a claim behind any first segment; maxClaim is
// more than any prefix has.
const (
	anywhere = "/*"
	maxClaim = 1 << 16
)

// takes reports whether path, in lower case, lies at or below the prefix.
func (c claim) takes(path string) bool {
	if rest, ok := strings.CutPrefix(c.prefix, anywhere); ok {
		at := strings.Index(path, rest)
		if at < 1 {
			return false
		}
		path = c.prefix + path[at+len(rest):]
	}
	rest, ok := strings.CutPrefix(path, c.prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// claimConflicts refuses two dialects on one prefix: such a path needs a rule
// of its own.
func claimConflicts(claims []claim) error {
	owner := map[string]string{}
	for _, c := range claims {
		if before, ok := owner[c.prefix]; ok && before != c.dialect {
			return fmt.Errorf("web: %s and %s both claim %q", before, c.dialect, c.prefix)
		}
		owner[c.prefix] = c.dialect
	}
	return nil
}

// entry is what the ServeMux holds for a route. It is found through
// ServeMux.Handler and never served by it.
type entry struct {
	route     *Route
	wildcards []wildcard
	keyed     bool // the last segment is Name({key})
}

// wildcard is one {name} of a pattern and the segment it stands for.
type wildcard struct {
	name    string
	segment int
	rest    bool // {name...}: this segment and all behind it
}

// ServeHTTP makes entry a http.Handler, which the ServeMux demands.
func (*entry) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "not served here", http.StatusInternalServerError)
}

// add registers rt. ServeMux reports conflicts by panicking.
func (ro *Router) add(rt *Route) (err error) {
	if err := rt.check(); err != nil {
		return err
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("web: route %s %s: %v", rt.Method, rt.Pattern, v)
		}
	}()
	spelling, keyed := openKey(rt.Pattern)
	pattern, wild := compile(spelling, rt.Fold)
	mux := ro.exact
	if rt.Fold {
		mux = ro.folded
		ro.folds[firstLiterals(pattern)] = true
	}
	mux.Handle(rt.Method+" "+pattern, &entry{route: rt, wildcards: wild, keyed: keyed})
	return nil
}

// firstLiterals gives the first two segments of a pattern, or those before its
// first wildcard.
func firstLiterals(pattern string) string {
	one, two := firstSegments(pattern)
	switch {
	case strings.HasPrefix(one, "{"):
		return ""
	case strings.Contains(two, "{"):
		return one
	}
	return two
}

// firstSegments gives the first segment of a path, and the first two.
func firstSegments(path string) (one, two string) {
	one, rest, more := strings.Cut(path[1:], "/")
	if !more {
		return one, one
	}
	second, _, _ := strings.Cut(rest, "/")
	return one, path[1 : 1+len(one)+1+len(second)]
}

// compile gives the pattern as it is registered, without a trailing slash and
// folded if asked, and where its wildcards lie.
func compile(pattern string, fold bool) (string, []wildcard) {
	if pattern == "/" {
		return "/{$}", nil
	}
	segs := strings.Split(strings.TrimSuffix(pattern, "/")[1:], "/")
	var wild []wildcard
	for i, seg := range segs {
		name, isWild := strings.CutPrefix(seg, "{")
		if !isWild {
			if fold {
				segs[i] = spelling.LowerASCII(seg)
			}
			continue
		}
		name, rest := strings.CutSuffix(strings.TrimSuffix(name, "}"), "...")
		wild = append(wild, wildcard{name, i, rest})
	}
	return "/" + strings.Join(segs, "/"), wild
}
