package smarts

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// address is where a request was sent to: below the stand's own address, or below a
// name that is known to be served here. What the client calls us is not believed:
// who follows a link shows his token there.
type address struct {
	root  string // up to /api/v1
	self  string // without its query
	query string
}

type contextKey struct{}

// underContext notes where a set lies.
func (d *Dialect) underContext(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		path := r.URL.EscapedPath()
		at := max(strings.LastIndex(strings.ToLower(path), root), 0)
		base := d.base(r, c)
		a := address{root: base + path[:at] + root, self: base + path, query: r.URL.RawQuery}
		w.Header()["Odata-Version"] = []string{"4.0"}
		if err := knownOptions(r); err != nil {
			return err
		}
		return serve(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, a)), c)
	}
}

// base is the outside address that links begin with. A name that is the dialect's
// own, or that is bound to the account, has scheme and port of the stand.
func (d *Dialect) base(r *http.Request, c authority.Caller) string {
	stand := web.OriginOf(r.Context()).Stand
	base := d.URL(stand)
	at, err := url.Parse(base)
	name, ok := authority.HostName(r.Host)
	if err != nil || !ok || name == at.Hostname() || !d.serves(r, c, name) {
		return base
	}
	if port := at.Port(); port != "" {
		name = net.JoinHostPort(name, port)
	}
	return at.Scheme + "://" + name
}

// serves reports whether name is known to lead here. One that cannot be looked up
// is not.
func (d *Dialect) serves(r *http.Request, c authority.Caller, name string) bool {
	if slices.Contains(d.Hosts, name) {
		return true
	}
	bound, err := d.Core.AccountBound(r.Context(), web.OriginOf(r.Context()).Stand, name)
	return err == nil && (c.Account().ID == 0 || bound.ID == c.Account().ID)
}

func addressOf(ctx context.Context) address {
	a, _ := ctx.Value(contextKey{}).(address)
	return a
}

// contextOf is the @odata.context of what.
func contextOf(ctx context.Context, what string) string {
	return addressOf(ctx).root + "/$metadata#" + what
}
