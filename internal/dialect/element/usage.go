package element

import (
	"context"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// usage is how often a credential was used through a dialect within an hour.
type usage struct {
	Hour       *moment `json:"hour"`
	Dialect    string  `json:"dialect"`
	Credential uuid    `json:"credential"`
	Principal  uuid    `json:"principal"`
	Calls      int64   `json:"calls"`
	Issues     int64   `json:"issues"`
}

func usageOf(u authority.Use) usage {
	return usage{
		Hour: momentOf(u.Hour), Dialect: u.Dialect, Credential: shown(u.Credential), Principal: shown(u.Principal),
		Calls: u.Calls, Issues: u.Issues,
	}
}

type usageRequest struct {
	paging

	Credential *uuid      `query:"credential"`
	Principal  *uuid      `query:"principal"`
	Dialect    string     `query:"dialect" example:"hubex"`
	Since      *time.Time `query:"since"`
	Until      *time.Time `query:"until"`
}

func (d *Dialect) usage(ctx context.Context, c authority.Caller, req usageRequest) (listing[usage], error) {
	q := admin.UsageQuery{Dialect: req.Dialect, Since: given(req.Since), Until: given(req.Until)}
	err := first(d.named(req.Dialect), asked(wanted{req.Credential, &q.Credential}, wanted{req.Principal, &q.Principal}))
	if err != nil {
		return listing[usage]{}, err
	}
	return page(req.paging, usageOf, func(p admin.Page) (admin.List[authority.Use], error) {
		return d.Admin.Usage(ctx, c, q, p)
	})
}

// wanted is an id of a query, nil where it was not sent, and where it goes.
type wanted struct {
	from *uuid
	to   *authority.ID
}

// asked reads the ids of a query that were sent.
func asked(ids ...wanted) error {
	for _, w := range ids {
		if w.from == nil {
			continue
		}
		id, err := w.from.need()
		if err != nil {
			return err
		}
		*w.to = id
	}
	return nil
}

// doorUse says that somebody still comes in through a way that should be given
// up.
type doorUse struct {
	Dialect    string  `json:"dialect"`
	Door       string  `json:"door"`
	Principal  uuid    `json:"principal"`
	Name       string  `json:"name"`
	Login      string  `json:"login"`
	Credential uuid    `json:"credential"`
	Count      int64   `json:"count"`
	LastUsed   *moment `json:"last-used"`
	Address    string  `json:"address"`
}

func doorUseOf(u admin.DoorUse) doorUse {
	return doorUse{
		Dialect: u.Dialect, Door: u.Door, Principal: shown(u.Principal), Name: u.Holder, Login: u.Login,
		Credential: shown(u.Credential), Count: u.Uses, LastUsed: momentOf(u.LastUsed), Address: u.Address,
	}
}

func (d *Dialect) doorUses(ctx context.Context, c authority.Caller, req paging) (listing[doorUse], error) {
	return page(req, doorUseOf, func(p admin.Page) (admin.List[admin.DoorUse], error) { return d.Admin.DoorUses(ctx, c, p) })
}
