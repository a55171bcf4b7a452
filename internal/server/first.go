package server

import (
	"context"
	"encoding/json"
	"fmt"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
	"propusk/internal/signin"
)

// founder makes the first accounts by the operations of `propusk init`.
type founder struct{ run operation.Runner }

// Founded implements signin.Founder.
func (f founder) Founded(ctx context.Context) (bool, error) {
	for _, stand := range authority.Stands() {
		there, err := accountsOf(ctx, f.run, stand)
		if err != nil || there > 0 {
			return there > 0, err
		}
	}
	return false, nil
}

// Found implements signin.Founder.
func (f founder) Found(ctx context.Context, o authority.Origin, first signin.Founding) ([]signin.Owner, error) {
	var owners []signin.Owner
	f.run = remote{f.run, o}
	for _, stand := range authority.Stands() {
		a, err := firstAccount(ctx, f.run, stand, First{Name: first.Account, Login: first.Login})
		if err != nil {
			return nil, fmt.Errorf("the first account of %s: %w", stand, err)
		}
		owners = append(owners, signin.Owner{Stand: stand, Contract: a.Contract, Login: a.Login, Password: authority.NewSecret(a.Password)})
	}
	return owners, nil
}

// remote runs operations for somebody at another place than the command line.
type remote struct {
	operation.Runner

	from authority.Origin
}

// Run implements operation.Runner.
func (r remote) Run(ctx context.Context, c operation.Call) (json.RawMessage, error) {
	c.From = &r.from
	return r.Runner.Run(ctx, c)
}

// SetupCode is what makes the first account in the console: empty where there is
// one, and where the console is off.
func (s *Server) SetupCode() authority.Secret {
	if s.setup == nil {
		return authority.Secret{}
	}
	return s.setup.Code()
}
