package operation

import (
	"context"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// doorView is somebody who comes in through a way that should be given up.
type doorView struct {
	Holder    string       `json:"holder"`
	Login     string       `json:"login,omitempty"`
	Principal authority.ID `json:"principal"`
	Dialect   string       `json:"dialect"`
	Door      string       `json:"door"`
	Uses      int64        `json:"uses"`
	LastUsed  time.Time    `json:"last_used"`
	Address   string       `json:"address,omitempty"`
}

func viewDoor(u admin.DoorUse) doorView {
	return doorView{
		Holder: u.Holder, Login: u.Login, Principal: u.Principal, Dialect: u.Dialect, Door: u.Door,
		Uses: u.Uses, LastUsed: u.LastUsed, Address: u.Address,
	}
}

type hostInput struct {
	Host string `json:"host"`
}

// doorOperations are about the ways in: which account a request without a
// credential is about, the authorization token, who uses weak doors.
func doorOperations() []operation {
	return []operation{
		op("account.default", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) (nothing, error) {
			return nothing{}, t.Admin.SetDefaultAccount(ctx, c, c.Account().ID)
		}),
		op("host.list", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) ([]string, error) {
			return t.Admin.Hosts(ctx, c, 0)
		}),
		op("host.bind", inside, func(ctx context.Context, t *Table, c authority.Caller, in hostInput) (nothing, error) {
			return nothing{}, t.Admin.BindHost(ctx, c, c.Account().ID, in.Host)
		}),
		op("host.unbind", inside, func(ctx context.Context, t *Table, c authority.Caller, in hostInput) (nothing, error) {
			return nothing{}, t.Admin.UnbindHost(ctx, c, c.Account().ID, in.Host)
		}),
		op("door.list", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) ([]doorView, error) {
			return everyPage(func(p admin.Page) ([]doorView, int, error) {
				list, err := t.Admin.DoorUses(ctx, c, p)
				return mapped(list.Items, viewDoor), list.Total, err
			})
		}),
		generator("authorization-token.generate", nil, (*admin.Service).GenerateAuthorizationToken),
		op("authorization-token.revoke", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) (nothing, error) {
			return nothing{}, t.Admin.RevokeAuthorizationToken(ctx, c)
		}),
	}
}
