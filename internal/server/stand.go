package server

import (
	"context"
	"net/http"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/console"
	"propusk/internal/dialect"
	"propusk/internal/explorer"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// handler makes everything that answers on a stand.
func (s *Server) handler(stand authority.Stand) (http.Handler, error) {
	c := s.data.Config
	rate := c.Limits.Requests.Production
	if stand == authority.Test {
		rate = c.Limits.Requests.Test
	}
	edge := s.edge()
	return edge, s.mount(edge, dialect.Config{
		Stand: stand, Dialects: s.Dialects(), Authority: s.data.Authority,
		Guests: s.data.Authority, Answers: s.data.DB, Clients: dialect.NewClients(s.data.Authority, s.data.Now), Refreshes: s.data.Authority,
		Codes: s.data.Authority, Issuer: s.data.issuers.url, Console: func(authority.Stand) string { return s.ConsoleURL() },
		Limiter: limit.NewRate(limit.RateConfig{Rate: rate.PerSecond, Burst: rate.Burst, Now: s.data.Now}),
		Lease:   s.lease, Refused: func(_ context.Context, e authority.Entry) { s.data.Authority.Refuse(e) },
		Origins: s.origins(), MaxBody: int64(c.Limits.Body), Logger: s.data.Log,
	})
}

// edge makes what every request of a listener passes first.
func (s *Server) edge() *web.Edge {
	edge := &web.Edge{Logger: s.data.Log, Metrics: s.metrics}
	for _, n := range s.data.Config.TrustedProxies {
		edge.Proxies.Trusted = append(edge.Proxies.Trusted, n.Prefix())
	}
	return edge
}

// mount gives the dialects that have host names of their own a router for each,
// and the others one for every other name. The route table of the stand holds
// all.
func (s *Server) mount(edge *web.Edge, c dialect.Config) (err error) {
	all := c.Dialects
	if _, s.routes[c.Stand], err = dialect.Mount(c); err != nil { // they must fit together wherever they are
		return err
	}
	shared := func(d dialect.Dialect) bool { return len(s.hosts(d)) == 0 }
	if edge.Router, err = s.router(c, all, shared); err != nil {
		return err
	}
	edge.Hosts = make(map[string]*web.Router)
	for _, d := range all {
		for _, host := range s.hosts(d) {
			bound := func(d dialect.Dialect) bool { return slices.Contains(s.hosts(d), host) }
			if edge.Hosts[host], err = s.router(c, all, bound); err != nil {
				return err
			}
		}
	}
	return nil
}

// router mounts those of all that belong together, with the explorer that shows
// them and the ways to the console.
func (s *Server) router(c dialect.Config, all []dialect.Dialect, belongs func(dialect.Dialect) bool) (*web.Router, error) {
	c.Dialects = slices.DeleteFunc(slices.Clone(all), func(d dialect.Dialect) bool { return !belongs(d) })
	if s.data.Config.Explorer.Enabled {
		e, err := explorer.New(explorer.Config{Dialects: slices.Clone(c.Dialects), URL: s.data.issuers.url})
		if err != nil {
			return nil, err
		}
		c.Dialects = append(c.Dialects, e)
	}
	if s.data.Config.Listen.Console != off {
		c.Dialects = append(c.Dialects, consoleLinks{c.Stand, s.ConsoleURL})
	}
	r, _, err := dialect.Mount(c)
	return r, err
}

// hosts are the names that a dialect is bound to; none = all that are nobody's.
func (s *Server) hosts(d dialect.Dialect) []string { return s.data.Config.Dialects[d.Name()].Hosts }

func (s *Server) origins() map[string]web.CORS {
	origins := map[string]web.CORS{console.Name: {}}
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
func attempts(r Refused, now clock) *limit.Attempts {
	return limit.NewAttempts(limit.AttemptsConfig{
		PerPair: r.PerClientAndAddress, PerClient: r.PerClient, Window: window(r), Now: now,
	})
}
