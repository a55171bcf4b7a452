package ringme

import (
	"cmp"
	"context"

	"propusk/internal/authority"
)

// user is who a token acts as. Ids that are not set are null.
type user struct {
	ID               authority.ID      `json:"id"`
	Login            string            `json:"login"`
	Admin            bool              `json:"admin"`
	ClientID         int64             `json:"client_id"` // the account's number
	DealerID         *authority.ID     `json:"dealer_id"`
	ExtensionID      *authority.ID     `json:"extension_id"`
	ExtensionGroupID *authority.ID     `json:"extension_group_id"`
	Timezone         string            `json:"timezone"`
	Access           string            `json:"access"`
	ExtraParams      map[string]string `json:"extra_params"`
}

type userRequest struct{}

func (d *Dialect) user(_ context.Context, c authority.Caller, _ userRequest) (user, error) {
	p := c.Principal()
	access := "full"
	if p.Group == GroupReadOnly {
		access = GroupReadOnly
	}
	account := c.Account()
	return user{
		ID: p.ID, Login: cmp.Or(p.Login, p.Name), Admin: p.Group == authority.GroupAdministrator, ClientID: account.Number,
		Timezone: cmp.Or(account.Settings.TimeZone, "Europe/Moscow"), Access: access, ExtraParams: map[string]string{},
	}, nil
}
