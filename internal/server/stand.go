package server

import (
	"context"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// handler makes everything that answers on a stand.
func (s *Server) handler(stand authority.Stand) (http.Handler, error) {
	c := s.data.Config
	rate := c.Limits.Requests.Production
	if stand == authority.Test {
		rate = c.Limits.Requests.Test
	}
	router, routes, err := dialect.Mount(dialect.Config{
		Stand: stand, Dialects: s.Dialects(), Authority: s.data.Authority,
		Guests: s.data.Authority, Clients: dialect.NewClients(s.data.Authority, s.data.Now), Refreshes: s.data.Authority,
		Limiter: web.NewLimiter(web.LimiterConfig{Rate: rate.PerSecond, Burst: rate.Burst, Now: s.data.Now}),
		Lease:   s.lease, Refused: func(_ context.Context, e authority.Entry) { s.data.Authority.Refuse(e) },
		Origins: s.origins(), MaxBody: int64(c.Limits.Body), Logger: s.data.Log,
	})
	if err != nil {
		return nil, err
	}
	s.routes[stand] = routes
	proxies := web.Proxies{}
	for _, n := range c.TrustedProxies {
		proxies.Trusted = append(proxies.Trusted, n.Prefix())
	}
	return &web.Edge{Router: router, Proxies: proxies, Logger: s.data.Log, Metrics: s.metrics}, nil
}

func (s *Server) origins() map[string]web.CORS {
	origins := make(map[string]web.CORS)
	for name, d := range s.data.Config.Dialects {
		origins[name] = web.CORS{Origins: d.CORSOrigins}
	}
	return origins
}

// lease reports whether this process may still answer: a lock that was lost may
// have another holder by now.
func (s *Server) lease(context.Context) error {
	for _, lock := range s.data.locks {
		select {
		case <-lock.Lost():
			return authority.E(authority.Unavailable, "this node has lost its database; try again")
		default:
		}
	}
	return nil
}

// attempts makes the limit on refused attempts.
func attempts(r Refused, now clock) *web.Attempts {
	return web.NewAttempts(web.AttemptsConfig{
		PerPair: r.PerClientAndAddress, PerClient: r.PerClient, Window: window(r), Now: now,
	})
}
