package server

import (
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/dialect/hubex"
	"propusk/internal/dialect/oauth"
	"propusk/internal/keys"
)

// entry is one documented API: what it declares of its tokens, what an account
// may choose of it, and how it is made for a stand.
type entry struct {
	name    string
	shapes  []string // shapes of its answers besides the default
	profile func(Dialect) authority.Profile
	make    func(*Server) dialect.Dialect
}

// registry lists every dialect. A new one is a folder and a line here.
func registry() []entry {
	return []entry{
		{hubex.Name, []string{"map"}, func(Dialect) authority.Profile { return hubex.Profile() }, newHubex},
		{oauth.Name, nil, oauthProfile, newOAuth},
	}
}

func newHubex(s *Server) dialect.Dialect {
	return hubex.New(hubex.Config{Issuer: s.data.Authority, Tasks: s.tasks, Conversations: s.tasks})
}

func oauthProfile(d Dialect) authority.Profile {
	return oauth.Profile(keys.Algorithm(d.Algorithm), time.Duration(d.AccessLifetime))
}

func newOAuth(s *Server) dialect.Dialect {
	return oauth.New(oauth.Config{
		Core: s.data.Authority, Keys: s.data.Ring, Signers: signers(s.data.Config),
		Issuer: s.data.issuers.url, Now: s.data.Now,
	})
}

// signers lists the dialects whose tokens anybody can verify.
func signers(c Config) []string {
	var out []string
	for _, p := range profiles(c) {
		public := func(t authority.TokenSpec) bool { return t.Form == authority.JWT && t.Algorithm != keys.HS256 }
		if public(p.Access) || public(p.Refresh) || public(p.ID) {
			out = append(out, p.Dialect)
		}
	}
	return out
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

// choices lists what an account's settings may say of each dialect.
func choices() []admin.Dialect {
	var out []admin.Dialect
	for _, e := range registry() {
		out = append(out, admin.Dialect{Name: e.name, Shapes: e.shapes})
	}
	return out
}

// dialects makes those that are switched on.
func (s *Server) dialects() []dialect.Dialect {
	var out []dialect.Dialect
	for _, e := range registry() {
		if s.data.Config.Dialects[e.name].Enabled {
			out = append(out, e.make(s))
		}
	}
	return out
}
