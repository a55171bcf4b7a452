package server

import (
	"context"
	"fmt"

	"propusk/internal/authority"
	"propusk/internal/console"
	"propusk/internal/console/audit"
	"propusk/internal/console/consent"
	"propusk/internal/console/control"
	"propusk/internal/console/dashboard"
	"propusk/internal/console/entry"
	"propusk/internal/console/intake"
	"propusk/internal/console/integration"
	"propusk/internal/console/page"
	"propusk/internal/console/people"
	"propusk/internal/console/tokens"
	"propusk/internal/console/work"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// openConsole opens the listener of the pages that people use. They are no part of
// a stand's API: own listener, own origin (rule 17).
func (s *Server) openConsole(ctx context.Context) error {
	c := s.data.Config
	if c.Listen.Console == off {
		return nil
	}
	consists, err := s.pages(ctx)
	if err != nil {
		return err
	}
	pages, err := console.New(consists)
	if err != nil {
		return err
	}
	s.opens = pages.Permissions()
	handler := &console.Handler{Stands: map[authority.Stand]*web.Edge{}, URL: c.BaseURL.Console}
	for _, stand := range authority.Stands() {
		if handler.Stands[stand], err = s.consoleOf(pages, stand); err != nil {
			return err
		}
	}
	settings := s.listenConfig(handler, s.certificate)
	settings.HostPath = false
	l, err := web.Listen(ctx, c.Listen.Console, settings)
	if err != nil {
		return fmt.Errorf("listen.console: %w", err)
	}
	s.listeners = append(s.listeners, listener{consoleListener, l})
	return nil
}

const consoleListener = "console"

// consoleOf makes the console's pages of a stand.
func (s *Server) consoleOf(pages *console.Console, stand authority.Stand) (edge *web.Edge, err error) {
	c := s.data.Config
	edge = s.edge()
	edge.Check = console.Foreign
	edge.Router, s.screens, err = dialect.Mount(dialect.Config{
		Stand: stand, Dialects: []dialect.Dialect{pages}, Authority: s.data.Authority, Lease: s.lease,
		Refused: func(_ context.Context, e authority.Entry) { s.data.Authority.Refuse(e) },
		Origins: map[string]web.CORS{console.Name: {}}, MaxBody: int64(c.Limits.Body), Logger: s.data.Log,
	})
	return edge, err
}

// pages is what the console consists of.
func (s *Server) pages(ctx context.Context) (page.Config, error) {
	gatekeeper, err := s.signin()
	if err != nil {
		return page.Config{}, err
	}
	gate, err := s.gate(ctx)
	if err != nil {
		return page.Config{}, err
	}
	brought, err := s.openImports(ctx)
	return page.Config{
		Gate: gate, Core: s.data.Authority, Places: s.data.Authority, Sessions: gatekeeper, Into: s.data.Admin.Into, API: s.data.issuers.url, Now: s.data.Now, Logger: s.data.Log,
		Areas: []page.Area{
			console.Preferences(gatekeeper),
			integration.New(s.data.Admin), people.New(s.data.Admin),
			consent.Area{Core: s.data.Authority, Consents: s.data.Admin, Issuer: s.data.issuers.url},
			dashboard.Area{Figures: s.data.Admin},
			audit.Area{Log: s.data.Admin, Core: s.data.Authority},
			control.New(s.data.Admin),
			tokens.Area{Grants: s.data.Admin, Expiry: s.data.Authority},
			entry.Area{People: gatekeeper, Passwords: s.data.Admin, Setup: s.setup},
			intake.Area{Importer: brought, Core: s.data.Authority, MaxFile: int64(s.data.Config.Limits.Import)},
			work.Area{Tasks: s.tasks, Calls: s.data.Calls, Areas: s.data.Admin, Core: s.data.Authority, Extensions: s.data.Directory, People: s.data.Admin},
		},
	}, err
}

// Screens is the route table of the console: that of each stand.
func (s *Server) Screens() []web.Route { return s.screens }

// ConsoleURL is how people reach the console; "" when it is off.
func (s *Server) ConsoleURL() string {
	if url := s.data.Config.BaseURL.Console; url != "" {
		return url
	}
	return s.address(consoleListener, s.certificate != nil)
}
