package web

import (
	"context"
	"errors"
	"net/http"

	"propusk/internal/authority"
)

type connKey struct{}

// connOf gives the guarded connection of a request; nil with HTTP/2 and where
// no guard is, as in tests of handlers.
func connOf(ctx context.Context) *guardConn {
	c, _ := ctx.Value(connKey{}).(*guardConn)
	return c
}

// refuseHead answers a head that the guard refused. Only here is it known which
// methods its path takes.
func refuseHead(ro *Router, w http.ResponseWriter, r *http.Request, err error) {
	var e *authority.Error
	if errors.As(err, &e) && e.Code == authority.MethodNotAllowed {
		if path, perr := Normalise(r.URL); perr == nil {
			if allow, _ := ro.allowed(path); len(allow) > 0 {
				err = notAllowed(allow)
			}
		}
	}
	ro.Refuse(w, r, err)
}
