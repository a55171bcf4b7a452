package element

import (
	"cmp"
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// newAccount asks for an account. Its first user is named as an object or, as
// before, by login, full-name and password beside the account's own members.
type newAccount struct {
	Name     string           `json:"name" required:"true" example:"A new account"`
	Contract string           `json:"contract"`
	ClientID *int64           `json:"client-id"` // none = a random one
	Stand    *authority.Stand `json:"stand"`
	Disabled bool             `json:"disabled"`
	Hosts    []string         `json:"hosts"`
	Default  bool             `json:"default"`

	Administrator *newAdministrator `json:"administrator"`
	Login         string            `json:"login"`
	FullName      string            `json:"full-name"`
	Password      authority.Secret  `json:"password"`
}

type newAdministrator struct {
	Login    string           `json:"login" required:"true"`
	Name     string           `json:"name"`
	Password authority.Secret `json:"password"` // none = one is made up, and shown this once
}

// administrator gives the first user, wherever he is named.
func (n newAccount) administrator() (newAdministrator, error) {
	flat := newAdministrator{n.Login, n.FullName, n.Password}
	switch {
	case n.Administrator == nil:
		if n.Login == "" && (n.FullName != "" || !n.Password.Empty()) {
			return flat, authority.E(authority.InvalidRequest, "login is missing").With("parameter", "login")
		}
		return flat, nil
	case flat != newAdministrator{}:
		return flat, authority.E(authority.InvalidRequest, "name the administrator once: as an object").With("parameter", "administrator")
	}
	return *n.Administrator, nil
}

// createdAccount shows the administrator's password when it was made up here.
type createdAccount struct {
	created
	hosted

	Administrator *user  `json:"administrator,omitempty"`
	Password      string `json:"password,omitempty"`
}

func (d *Dialect) createAccount(ctx context.Context, c authority.Caller, req newAccount) (createdAccount, error) {
	boss, err := req.administrator()
	if err != nil {
		return createdAccount{}, err
	}
	if req.ClientID != nil && *req.ClientID == 0 { // package admin would choose one
		return createdAccount{}, authority.E(authority.InvalidValue, "client-id must be positive").With("parameter", "client-id")
	}
	if err := onStand(req.Stand, c.Stand()); err != nil {
		return createdAccount{}, err
	}
	made, err := d.Admin.CreateAccount(ctx, c, admin.NewAccount{
		Name: req.Name, Contract: req.Contract, Number: given(req.ClientID), Disabled: req.Disabled, Hosts: req.Hosts, Default: req.Default,
		Login: boss.Login, FullName: boss.Name, Password: boss.Password,
	})
	if err != nil {
		return createdAccount{}, err
	}
	out := createdAccount{Password: made.Password.Reveal()}
	if out.hosted, err = d.hosted(ctx, c, made.Account); err != nil {
		return createdAccount{}, err
	}
	if made.Administrator.ID != 0 {
		u := userOf(made.Administrator)
		out.Administrator = &u
	}
	return out, nil
}

// onStand refuses to make an account of another stand: each has a door of its
// own.
func onStand(asked *authority.Stand, here authority.Stand) error {
	if cmp.Or(given(asked), here) == here {
		return nil
	}
	return authority.E(authority.InvalidValue, "stand must be "+string(here)+": the other stand has an address of its own").
		With("parameter", "stand")
}
