package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/web"
)

// accountRoutes are for the deployment's owner.
func (d *Dialect) accountRoutes() []web.Route {
	const list, one = base + "/accounts", base + "/accounts/{account}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountsManage,
			Request: paging{}, Response: listing[account]{}, Summary: "List the accounts of the stand.", Serve: web.JSON(d.accounts),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: admin.AccountsManage, Audit: "account.create", Secret: true,
			Request: newAccount{}, Response: createdAccount{}, Summary: "Create an account, with an administrator if a login is named.",
			Serve: web.JSON(d.createAccount),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: admin.AccountsManage,
			Request: byAccount{}, Response: hosted{}, Summary: "Read an account.", Serve: web.JSON(d.account),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: admin.AccountsManage, Audit: "account.change",
			Request: accountPatch{}, Response: hosted{}, Summary: "Rename, disable or enable an account, name its hosts.",
			Serve: web.JSON(d.changeAccount, web.NoNull),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: admin.AccountsManage, Audit: "account.delete",
			Request: byAccount{}, Response: web.NoContent{}, Summary: "Delete a disabled account with all that lies in it.",
			Serve: web.JSON(d.deleteAccount),
		},
	}
}

type byAccount struct {
	ID uuid `path:"account" about:"Its id, as the list gives it"`
}

type account struct {
	ID       uuid            `json:"id"`
	Name     string          `json:"name"`
	Contract string          `json:"contract"`
	ClientID int64           `json:"client-id"`
	Stand    authority.Stand `json:"stand"`
	Disabled bool            `json:"disabled"`
	Created  *moment         `json:"date-created"`
}

func accountOf(a authority.Account) account {
	return account{
		ID: shown(a.ID), Name: a.Name, Contract: a.Contract, ClientID: a.Number, Stand: a.Stand, Disabled: a.Disabled,
		Created: momentOf(a.Created),
	}
}

// hosted is an account with what requests that show no credential are about it:
// those to its host names, and as the stand's default those to any other; and with
// the roles that its users may be given.
type hosted struct {
	account

	Hosts   []string `json:"hosts"`
	Default bool     `json:"default"`
	Roles   []role   `json:"roles"`
}

func (d *Dialect) hosted(ctx context.Context, c authority.Caller, a authority.Account) (hosted, error) {
	hosts, err := d.Admin.Hosts(ctx, c, a.ID)
	if err != nil {
		return hosted{}, err
	}
	usual, err := d.Admin.IsDefault(ctx, c, a.ID)
	if err != nil {
		return hosted{}, err
	}
	inside, err := d.Admin.Into(ctx, c, a.ID)
	if err != nil {
		return hosted{}, err
	}
	roles, err := d.Admin.Roles(ctx, inside, admin.Page{Size: maxRows})
	out := hosted{account: accountOf(a), Hosts: append([]string{}, hosts...), Default: usual, Roles: []role{}}
	for _, r := range roles.Items {
		out.Roles = append(out.Roles, roleOf(r))
	}
	return out, err
}

func (d *Dialect) accounts(ctx context.Context, c authority.Caller, req paging) (listing[account], error) {
	return page(req, accountOf, func(p admin.Page) (admin.List[authority.Account], error) { return d.Admin.Accounts(ctx, c, p) })
}

func (d *Dialect) account(ctx context.Context, c authority.Caller, req byAccount) (hosted, error) {
	id, err := req.ID.need()
	if err != nil {
		return hosted{}, err
	}
	a, err := d.Admin.Account(ctx, c, id)
	if err != nil {
		return hosted{}, err
	}
	return d.hosted(ctx, c, a)
}

type accountPatch struct {
	byAccount

	Name     *string   `json:"name"`
	Disabled *bool     `json:"disabled"`
	Hosts    *[]string `json:"hosts"`
	Default  *bool     `json:"default" about:"true makes it the stand's default account"`

	Contract *string          `json:"contract"`
	ClientID *int64           `json:"client-id"`
	Stand    *authority.Stand `json:"stand"`
}

// fixed checks what an account keeps for its life.
func (p accountPatch) fixed(a authority.Account) error {
	return first(
		fixed[string]{"contract", p.Contract, a.Contract}.check(), fixed[int64]{"client-id", p.ClientID, a.Number}.check(),
		fixed[authority.Stand]{"stand", p.Stand, a.Stand}.check(),
	)
}

// changeAccount makes one change after another: each is whole in itself and has
// its entry in the audit.
func (d *Dialect) changeAccount(ctx context.Context, c authority.Caller, req accountPatch) (hosted, error) {
	id, err := req.ID.need()
	if err != nil {
		return hosted{}, err
	}
	a, err := d.Admin.Account(ctx, c, id)
	if err != nil {
		return hosted{}, err
	}
	if err := first(req.fixed(a), d.staysDefault(ctx, c, id, req.Default)); err != nil {
		return hosted{}, err
	}
	if req.Name != nil {
		if a, err = d.Admin.RenameAccount(ctx, c, id, *req.Name); err != nil {
			return hosted{}, err
		}
	}
	if req.Hosts != nil {
		if err := d.bind(ctx, c, id, *req.Hosts); err != nil {
			return hosted{}, err
		}
	}
	if given(req.Default) {
		if err := d.Admin.SetDefaultAccount(ctx, c, id); err != nil {
			return hosted{}, err
		}
	}
	if a, err = d.able(ctx, c, a, req.Disabled); err != nil {
		return hosted{}, err
	}
	return d.hosted(ctx, c, a)
}

// staysDefault refuses to leave the stand without a default account.
func (d *Dialect) staysDefault(ctx context.Context, c authority.Caller, id authority.ID, asked *bool) error {
	if asked == nil || *asked {
		return nil
	}
	usual, err := d.Admin.IsDefault(ctx, c, id)
	if err != nil || !usual {
		return err
	}
	return authority.E(authority.Conflict, "this is the default account: make another one the default instead")
}

// able disables or enables an account; nil leaves it.
func (d *Dialect) able(ctx context.Context, c authority.Caller, a authority.Account, off *bool) (authority.Account, error) {
	switch {
	case off == nil || *off == a.Disabled:
		return a, nil
	case *off:
		return d.Admin.DisableAccount(ctx, c, a.ID)
	}
	return d.Admin.EnableAccount(ctx, c, a.ID)
}

// bind makes names the host names of an account.
func (d *Dialect) bind(ctx context.Context, c authority.Caller, id authority.ID, names []string) error {
	bound, err := d.Admin.Hosts(ctx, c, id)
	if err != nil {
		return err
	}
	for _, name := range missing(names, bound) {
		if err := d.Admin.BindHost(ctx, c, id, name); err != nil {
			return err
		}
	}
	for _, name := range missing(bound, names) {
		if err := d.Admin.UnbindHost(ctx, c, id, name); err != nil {
			return err
		}
	}
	return nil
}

// missing lists what of names is not in others, as host names compare.
func missing(names, others []string) []string {
	have := map[string]bool{}
	for _, name := range others {
		have[spelling.Fold(name)] = true
	}
	var out []string
	for _, name := range names {
		if !have[spelling.Fold(name)] {
			out = append(out, name)
		}
	}
	return out
}

func (d *Dialect) deleteAccount(ctx context.Context, c authority.Caller, req byAccount) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.DeleteAccount(ctx, c, id)
}
