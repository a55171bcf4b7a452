package server

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/console"
	"propusk/internal/console/page"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// consoleLinks leads from the addresses of pages that the documents give on API hosts
// to the console's own origin (rule 17). It serves no page and sets no cookie.
type consoleLinks struct {
	stand   authority.Stand
	console func() string // "" = off
}

// Name implements dialect.Dialect.
func (consoleLinks) Name() string { return console.Name }

// Mount implements dialect.Dialect.
func (d consoleLinks) Mount(mux *web.Mux) {
	for at, to := range map[string]string{"/admin": "/", "/app/register": "/app/register", "/login": "/sign-in"} {
		mux.Handle(web.Route{
			Method: http.MethodGet, Pattern: at, Dialect: console.Name, Public: true, Summary: "Lead to the console.", Serve: d.lead(to),
		})
	}
}

func (d consoleLinks) lead(to string) web.Serve {
	return func(w http.ResponseWriter, _ *http.Request, _ authority.Caller) error {
		origin := d.console()
		if origin == "" {
			return authority.E(authority.NotFound, "there is no console here")
		}
		w.Header().Set("Cache-Control", "no-store") // the console may move
		w.Header().Set("Location", origin+page.Base(d.stand)+to)
		w.WriteHeader(http.StatusFound)
		return nil
	}
}

// Credential implements dialect.Dialect. Every route is public.
func (consoleLinks) Credential(*http.Request) (authority.Presented, error) {
	return authority.Presented{}, dialect.ErrNoCredential
}

// WriteError implements dialect.Dialect.
func (consoleLinks) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	web.WriteProblem(w, r, err)
}
