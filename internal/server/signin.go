package server

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/console/entry"
	"propusk/internal/signin"
	storesignin "propusk/internal/store/signin"
)

// signin lets people in to the console.
func (s *Server) signin() (*signin.Service, error) {
	c := s.data.Config.Console
	provider, err := s.data.Config.provider()
	if err != nil {
		return nil, err
	}
	return signin.New(signin.Config{
		Core: s.data.Authority, Store: storesignin.New(s.data.DB), Sealer: s.data.factorSealer,
		Pages: func() []authority.Permission { return s.opens }, URL: s.ConsoleURL,
		Provider: provider, Idle: time.Duration(c.Idle), Absolute: time.Duration(c.Absolute), Now: s.data.Now,
	}), nil
}

// gate leaves one page open while there is no account; nil where there is one.
func (s *Server) gate(ctx context.Context) (func(*http.Request) (string, error), error) {
	setup, err := signin.NewSetup(ctx, s.data.Authority, founder{s.data.Operations()})
	if err != nil || setup == nil {
		return nil, err
	}
	s.setup = setup
	return entry.Gate(setup), nil
}
