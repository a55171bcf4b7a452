package console

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/web"
	"propusk/internal/web/guard"
)

// Handler puts the consoles of both stands behind one origin: production's pages
// at /, the test stand's at /test/.
type Handler struct {
	Stands map[authority.Stand]*web.Edge
	// URL is the console's outside address; "" while none is configured: then only
	// names of this machine and addresses are answered, so that no name of a
	// stranger's leads here (DNS rebinding).
	URL string
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.ours(r.Host) && !guard.Refused(r) { // what the guard has refused has lost its host
		_ = web.NameRequest(w, r)
		http.Error(w, "This host name is not the console's. Set base_url.console to the address that people open.", http.StatusMisdirectedRequest)
		return
	}
	h.serve(w, r)
}

// Foreign refuses what changes something and comes from another site's page. The
// edge of each stand's pages has it as its Check.
func Foreign(r *http.Request) error {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return authority.E(authority.Forbidden, "the request comes from another site's page")
	}
	return nil
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	prefix := page.Base(authority.Test)
	if r.URL.Path != prefix && !strings.HasPrefix(r.URL.Path, prefix+"/") {
		h.Stands[authority.Production].ServeHTTP(w, page.Within(r))
		return
	}
	if r.URL.Path == prefix {
		r.URL.Path, r.URL.RawPath = prefix+"/", ""
	}
	within := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Stands[authority.Test].ServeHTTP(w, page.Within(r)) })
	http.StripPrefix(prefix, within).ServeHTTP(w, r)
}

// ours reports whether a Host field may lead to the console.
func (h *Handler) ours(host string) bool {
	if h.URL != "" {
		u, err := url.Parse(h.URL)
		return err == nil && strings.EqualFold(u.Host, host)
	}
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil || name == "localhost"
}
