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

func (d *Dialect) user(ctx context.Context, c authority.Caller, _ userRequest) (user, error) {
	p := c.Principal()
	access := "full"
	if p.Group == GroupReadOnly {
		access = GroupReadOnly
	}
	account := c.Account()
	var extension *authority.ID
	switch own, err := d.Directory.Own(ctx, c); {
	case err == nil:
		extension = &own.ID
	case authority.CodeOf(err) != authority.NotFound:
		return user{}, err
	}
	return user{
		ID: p.ID, Login: cmp.Or(p.Login, p.Name), Admin: p.Group == authority.GroupAdministrator, ClientID: account.Number, ExtensionID: extension,
		Timezone: cmp.Or(account.Settings.TimeZone, "Europe/Moscow"), Access: access, ExtraParams: map[string]string{},
	}, nil
}
