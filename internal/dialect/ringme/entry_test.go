package ringme_test

import (
	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/dialect/ringme"
	"propusk/internal/server"
	"propusk/internal/web"
)

// extra is the dialect as a server takes it.
func extra() []server.Entry {
	return []server.Entry{{
		Name: ringme.Name, Profile: func(server.Dialect) authority.Profile { return ringme.Profile() },
		Make: func(s *server.Server) dialect.Dialect {
			return ringme.New(ringme.Config{Core: s.Data().Authority, Hours: web.NewHourly(web.HourlyConfig{Most: ringme.HourlyCalls})})
		},
	}}
}
