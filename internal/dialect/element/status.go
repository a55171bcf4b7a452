package element

import (
	"context"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// statusRoutes tell anybody whether this node answers. The older path is the one
// that the real API documents.
func (d *Dialect) statusRoutes() []web.Route {
	var out []web.Route
	for _, path := range []string{"/console/api/v1/status", base + "/status"} {
		out = append(out, web.Route{
			Method: http.MethodGet, Pattern: path, Public: true, Request: none{}, Response: status{},
			Summary: "Tell whether the server is ready.", Serve: web.JSON(d.status),
		})
	}
	return out
}

type status struct {
	Status string `json:"status"`
}

func (d *Dialect) status(ctx context.Context, _ authority.Caller, _ none) (status, error) {
	if err := d.Ready(ctx); err != nil {
		return status{}, authority.Wrap(authority.Unavailable, "the server is not ready", err)
	}
	return status{Status: running}, nil
}
