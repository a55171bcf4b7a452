package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Pipeline decides what happens to a request that has met its route.
type Pipeline interface {
	// Run checks the caller and serves the route. It writes the whole answer.
	Run(w http.ResponseWriter, r *http.Request, rt *Route)
	// Refuse writes err in the shape of dialect; "" is nobody's path and gets
	// problem details (RFC 9457).
	Refuse(w http.ResponseWriter, r *http.Request, dialect string, err error)
	// Cross gives the cross-origin policy of dialect.
	Cross(dialect string) CORS
}

// Router maps requests of one stand to routes. It is made by Mux.Router and
// safe for concurrent use.
type Router struct {
	stand    authority.Stand
	pipeline Pipeline
	exact    *http.ServeMux
	folded   *http.ServeMux
	folds    map[string]bool // what folded patterns begin with, see firstLiterals
	claims   []claim
	probes   sync.Pool // of *probe
}

// probe is a request that only asks the ServeMux for a route.
type probe struct {
	request http.Request
	url     url.URL
}

// Stand is the stand the router serves.
func (ro *Router) Stand() authority.Stand { return ro.stand }

// ServeHTTP implements http.Handler.
func (ro *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, err := Normalise(r.URL)
	if err != nil {
		ro.Refuse(w, r, err)
		return
	}
	if hidesSeparator(path) && !ro.keyed(path) {
		ro.Refuse(w, r, errSeparator())
		return
	}
	if len(r.Header["Authorization"]) > 1 {
		ro.Refuse(w, r, authority.E(authority.InvalidRequest, "the Authorization header is sent more than once"))
		return
	}
	if r.Method == http.MethodOptions {
		ro.options(w, r, path)
		return
	}
	e := ro.find(r.Method, path)
	if e == nil {
		ro.miss(w, r, path)
		return
	}
	ro.run(w, r, path, e)
}

func (ro *Router) run(w http.ResponseWriter, r *http.Request, path string, e *entry) {
	if e.keyed {
		path, _ = openKey(path)
	}
	setPathValues(r, path, e.wildcards)
	ex := ExchangeOf(r.Context())
	ex.Route, ex.Dialect = e.route, e.route.Dialect
	ro.cross(e.route).plain(w.Header(), r)
	ro.pipeline.Run(w, r, e.route)
}

// cross is the cross-origin policy of a route. RFC 9700 §2.6: none where people
// are sent to.
func (ro *Router) cross(rt *Route) CORS {
	if rt.Browsers {
		return CORS{}
	}
	return ro.pipeline.Cross(rt.Dialect)
}

// Refuse writes err in the shape of the dialect that owns the path of r.
func (ro *Router) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	ex := ExchangeOf(r.Context())
	if ex.Dialect == "" {
		ex.Dialect = ro.owner(r.URL.Path)
	}
	if ex.Dialect != "" {
		ro.pipeline.Cross(ex.Dialect).plain(w.Header(), r)
	}
	ro.pipeline.Refuse(w, r, ex.Dialect, err)
}

// find gives the route of method and path, or nil. A path that some method takes
// with a key has a key for all: /Docs/A('1') is no wildcard's "A('1')".
func (ro *Router) find(method, path string) *entry {
	if opened, ok := openKey(path); ok {
		if e := ro.findPlain(method, opened); e != nil && e.keyed {
			return e
		}
		if ro.takesKey(opened) {
			return nil
		}
	}
	if e := ro.findPlain(method, path); e != nil && !e.keyed {
		return e
	}
	return nil
}

func (ro *Router) keyed(path string) bool {
	opened, ok := openKey(path)
	return ok && ro.takesKey(opened)
}

func (ro *Router) takesKey(opened string) bool {
	return slices.ContainsFunc(methods(), func(method string) bool {
		e := ro.findPlain(method, opened)
		return e != nil && e.keyed
	})
}

// findPlain is find for a path without a key in parentheses. Folded patterns win
// where both kinds begin alike.
func (ro *Router) findPlain(method, path string) *entry {
	lower := spelling.LowerASCII(path)
	one, two := firstSegments(lower)
	if ro.folds[two] || ro.folds[one] || ro.folds[""] {
		if e := ro.lookup(ro.folded, method, lower); e != nil {
			return e
		}
	}
	return ro.lookup(ro.exact, method, path)
}

func (ro *Router) lookup(mux *http.ServeMux, method, path string) *entry {
	p, ok := ro.probes.Get().(*probe)
	if !ok {
		p = &probe{}
	}
	defer ro.probes.Put(p)
	p.url.Path, p.request.Method, p.request.URL = path, method, &p.url
	h, _ := mux.Handler(&p.request)
	e, ok := h.(*entry)
	if !ok || (method == http.MethodHead && e.route.NoHead) {
		return nil
	}
	return e
}

// miss answers a path that no route takes with this method: 405 where another
// method would do, else 404.
func (ro *Router) miss(w http.ResponseWriter, r *http.Request, path string) {
	allow, rt := ro.allowed(path)
	if len(allow) == 0 {
		ro.Refuse(w, r, errNoPath())
		return
	}
	ExchangeOf(r.Context()).Dialect = rt.Dialect
	ro.Refuse(w, r, notAllowed(allow))
}

// notAllowed is the 405 of a path that takes other methods.
func notAllowed(allow []string) *authority.Error {
	err := authority.E(authority.MethodNotAllowed, "this path takes "+strings.Join(allow, ", "))
	err.Allow = allow
	return err
}

// allowed lists the methods that path takes and one route that does.
func (ro *Router) allowed(path string) (allow []string, rt *Route) {
	for _, m := range methods() {
		if e := ro.find(m, path); e != nil {
			allow, rt = append(allow, m), e.route
		}
	}
	return allow, rt
}

// options answers OPTIONS: a preflight by the dialect's policy, or just Allow.
func (ro *Router) options(w http.ResponseWriter, r *http.Request, path string) {
	allow, rt := ro.allowed(path)
	if len(allow) == 0 {
		ro.Refuse(w, r, errNoPath())
		return
	}
	ex := ExchangeOf(r.Context())
	ex.Route, ex.Dialect = rt, rt.Dialect
	w.Header().Set("Allow", strings.Join(append(slices.Clone(allow), http.MethodOptions), ", "))
	ro.cross(rt).preflight(w.Header(), r, allow)
	w.WriteHeader(http.StatusNoContent)
}

// owner gives the dialect that claims path, or "".
func (ro *Router) owner(path string) string {
	path = spelling.LowerASCII(path)
	for _, c := range ro.claims {
		if c.takes(path) {
			return c.dialect
		}
	}
	return ""
}

// setPathValues cuts the wildcards out of path as it was sent: the ServeMux may
// have seen it folded.
func setPathValues(r *http.Request, path string, wild []wildcard) {
	for _, w := range wild {
		r.SetPathValue(w.name, showSeparators(segment(path, w)))
	}
}

func segment(path string, w wildcard) string {
	rest := path[1:]
	for range w.segment {
		_, rest, _ = strings.Cut(rest, "/")
	}
	if w.rest {
		return rest
	}
	value, _, _ := strings.Cut(rest, "/")
	return value
}
