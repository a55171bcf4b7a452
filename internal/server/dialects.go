package server

import (
	"cmp"
	"slices"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/console"
	"propusk/internal/dialect"
	"propusk/internal/dialect/element"
	"propusk/internal/dialect/hubex"
	"propusk/internal/dialect/oauth"
	"propusk/internal/dialect/operator"
	"propusk/internal/dialect/ringme"
	"propusk/internal/dialect/smarts"
	"propusk/internal/keys"
	storeadmin "propusk/internal/store/admin"
	"propusk/internal/web/limit"
)

// Entry is one documented API: what it declares of its tokens, what an account
// may choose of it, and how it is made for a server.
type Entry struct {
	Name    string
	Shapes  []string // shapes of its answers besides the default
	Profile func(Dialect) authority.Profile
	Make    func(*Server) dialect.Dialect
}

// registry lists every dialect. A new one is a folder and a line here.
func registry() []Entry {
	return []Entry{
		{hubex.Name, []string{"map"}, func(Dialect) authority.Profile { return hubex.Profile() }, newHubex},
		{element.Name, []string{"literal"}, func(Dialect) authority.Profile { return element.Profile() }, newElement},
		{oauth.Name, nil, oauthProfile, newOAuth},
		{operator.Name, nil, func(Dialect) authority.Profile { return operator.Profile() }, newOperator},
		{ringme.Name, nil, func(Dialect) authority.Profile { return ringme.Profile() }, newRingme},
		{smarts.Name, nil, func(Dialect) authority.Profile { return smarts.Profile() }, newSmarts},
	}
}

func newHubex(s *Server) dialect.Dialect {
	return hubex.New(hubex.Config{Issuer: s.data.Authority, Tasks: s.tasks, Conversations: s.tasks})
}

func newElement(s *Server) dialect.Dialect {
	var named []string
	for _, p := range s.data.Profiles() {
		named = append(named, p.Dialect)
	}
	return element.New(element.Config{Core: s.data.Authority, Admin: s.data.Admin, Calls: s.data.Calls, Ready: s.reachable, Named: named})
}

func oauthProfile(d Dialect) authority.Profile {
	return oauth.Profile(keys.Algorithm(d.Algorithm), time.Duration(d.AccessLifetime))
}

func newOAuth(s *Server) dialect.Dialect {
	return oauth.New(oauth.Config{
		Core: s.data.Authority, Tokens: s.data.Authority, Keys: s.data.Ring, Signers: signers(s.data.Profiles()),
		Issuer: s.data.issuers.url, Scopes: s.data.Admin.Known(), Now: s.data.Now,
	})
}

func newOperator(s *Server) dialect.Dialect {
	return operator.New(operator.Config{
		Issuer: s.data.Authority, Core: s.data.Authority, Calls: s.data.Calls,
		Results: calls.NewResults(s.data.records, int64(s.data.Config.Limits.Results), s.data.Now),
		Misses:  limit.NewRate(limit.RateConfig{Rate: operator.GuessesASecond, Burst: operator.Guesses, Now: s.data.Now}),
		Now:     s.data.Now,
	})
}

func newRingme(s *Server) dialect.Dialect {
	most := s.data.Config.Dialects[ringme.Name].HourlyCalls
	return ringme.New(ringme.Config{
		Core: s.data.Authority, Links: s.data.Authority, Calls: s.data.Calls, Directory: s.data.Directory, Events: s.data.Directory,
		URL: s.data.issuers.url, Hours: limit.NewHourly(limit.HourlyConfig{Most: most, Now: s.data.Now}),
	})
}

func newSmarts(s *Server) dialect.Dialect {
	return smarts.New(smarts.Config{
		Core: s.data.Authority, Users: storeadmin.New(s.data.DB, s.data.Feed.Apply),
		Catalog: s.data.Catalog, Writer: s.data.Catalog, Uploads: s.data.Uploads,
		URL: s.data.issuers.url, Hosts: s.data.Config.Dialects[smarts.Name].Hosts,
		NoQuery: slices.Contains(s.data.Config.Dialects[smarts.Name].DoorsOff, doorQuery),
	})
}

// signers lists the dialects whose tokens anybody can verify.
func signers(profiles []authority.Profile) []string {
	var out []string
	for _, p := range profiles {
		public := func(t authority.TokenSpec) bool { return t.Form == authority.JWT && t.Algorithm != keys.HS256 }
		if public(p.Access) || public(p.Refresh) || public(p.ID) {
			out = append(out, p.Dialect)
		}
	}
	return out
}

// Profiles lists what the dialects declare, switched on or not: a token outlives
// the switch, and its keys must stay.
func (d *Data) Profiles() []authority.Profile {
	var out []authority.Profile
	for _, e := range d.entries {
		set := d.Config.Dialects[e.Name]
		p := e.Profile(set)
		if set.AccessLifetime > 0 {
			p.Access.Lifetime = time.Duration(set.AccessLifetime)
		}
		out = append(out, p)
	}
	return append(out, console.Profile(sessionLife))
}

// choices lists what an account's settings may say of each dialect.
func (d *Data) choices() []admin.Dialect {
	var out []admin.Dialect
	for _, e := range d.entries {
		set := d.Config.Dialects[e.Name]
		p := e.Profile(set)
		out = append(out, admin.Dialect{
			Name: e.Name, Access: cmp.Or(time.Duration(set.AccessLifetime), p.Access.Lifetime), Doors: p.DoorsOff, Shapes: e.Shapes, Guests: len(p.Guest) > 0, HexClients: p.HexClients, Owned: p.Owned, LongestAccess: p.LongestAccess(),
			Integration: slices.Contains(p.Credentials, authority.AuthorizationToken), IntegrationMay: p.Integration,
		})
	}
	return out
}

// Dialects makes those that are switched on.
func (s *Server) Dialects() []dialect.Dialect {
	var out []dialect.Dialect
	for _, e := range s.data.entries {
		if s.data.Config.Dialects[e.Name].Enabled {
			out = append(out, e.Make(s))
		}
	}
	return out
}
