package server

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/console/entry"
	"propusk/internal/directory"
	"propusk/internal/signin"
	storesignin "propusk/internal/store/signin"
	"propusk/internal/tasks"
)

// door is who lets people in to the console.
func (s *Server) door() (*signin.Service, error) {
	c := s.data.Config.Console
	provider, err := s.data.Config.provider()
	if err != nil {
		return nil, err
	}
	return signin.New(signin.Config{
		Core: s.data.Authority, Store: storesignin.New(s.data.DB), Sealer: s.data.steps, Pages: pagePermissions(), URL: s.ConsoleURL,
		Provider: provider, Idle: time.Duration(c.Idle), Absolute: time.Duration(c.Absolute), Now: s.data.Now,
	}), nil
}

// gate leaves one page open while there is no account; nil where there is one.
func (s *Server) gate(ctx context.Context) (func(*http.Request) (string, error), error) {
	first, err := signin.NewSetup(ctx, s.data.Authority, founder{s.data.Operations()})
	if err != nil || first == nil {
		return nil, err
	}
	s.first = first
	return entry.Gate(first), nil
}

// pagePermissions lists the permissions that the console has a page for: whoever
// holds none of them has nothing to sign in to.
func pagePermissions() []authority.Permission {
	return append(admin.Permissions(), admin.AccountsManage, tasks.TasksList, calls.CallsList, directory.ExtensionsList)
}
