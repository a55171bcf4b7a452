package server

import (
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
)

// entry is one documented API: what it declares of its tokens, and how it is
// made for a stand.
type entry struct {
	name    string
	profile func(Dialect) authority.Profile
	make    func(*Server, authority.Stand) dialect.Dialect
}

// registry lists every dialect. A new one is a folder and a line here.
func registry() []entry {
	return []entry{}
}

// profiles lists what the dialects declare, switched on or not: a token outlives
// the switch, and its keys must stay.
func profiles(c Config) []authority.Profile {
	var out []authority.Profile
	for _, e := range registry() {
		d := c.Dialects[e.name]
		p := e.profile(d)
		if d.AccessLifetime > 0 {
			p.Access.Lifetime = time.Duration(d.AccessLifetime)
		}
		out = append(out, p)
	}
	return out
}

// dialects makes those that are switched on, for one stand.
func (s *Server) dialects(stand authority.Stand) []dialect.Dialect {
	var out []dialect.Dialect
	for _, e := range registry() {
		if s.data.Config.Dialects[e.name].Enabled {
			out = append(out, e.make(s, stand))
		}
	}
	return out
}
