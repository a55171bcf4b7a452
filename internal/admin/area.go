package admin

import (
	"context"

	"propusk/internal/authority"
)

// CreateArea makes an area. The caller must see all areas: nobody makes what he
// could not see.
func (s *Service) CreateArea(ctx context.Context, c authority.Caller, text string) (authority.Area, error) {
	text, err := name(text)
	if err != nil {
		return authority.Area{}, err
	}
	a := authority.Area{Name: text}
	err = fresh(func(id authority.ID) error {
		ch, err := s.change(c, act{AreasManage, "area.create", "area", id})
		if err != nil {
			return err
		}
		a.ID, a.Account = id, ch.Account
		return s.ports.Areas.CreateArea(ctx, ch, a)
	})
	return a, err
}

// Areas lists the account's areas by name.
func (s *Service) Areas(ctx context.Context, c authority.Caller, p Page) (List[authority.Area], error) {
	account, err := inside(c, AccountRead, AreasManage)
	if err != nil {
		return List[authority.Area]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Area]{}, err
	}
	return s.ports.Areas.Areas(ctx, account, p)
}

// Area reads one.
func (s *Service) Area(ctx context.Context, c authority.Caller, id authority.ID) (authority.Area, error) {
	account, err := inside(c, AccountRead, AreasManage)
	if err != nil {
		return authority.Area{}, err
	}
	return s.ports.Areas.Area(ctx, account, id)
}

// RenameArea gives an area another name.
func (s *Service) RenameArea(ctx context.Context, c authority.Caller, id authority.ID, to string) (authority.Area, error) {
	ch, err := s.change(c, act{AreasManage, "area.change", "area", id})
	if err != nil {
		return authority.Area{}, err
	}
	if to, err = name(to); err != nil {
		return authority.Area{}, err
	}
	return s.ports.Areas.RenameArea(ctx, ch, authority.Area{ID: id, Account: ch.Account, Name: to})
}

// DeleteArea takes an area away that nobody is bound to and no work lies in. It
// never widens what anybody sees.
func (s *Service) DeleteArea(ctx context.Context, c authority.Caller, id authority.ID) error {
	ch, err := s.change(c, act{AreasManage, "area.delete", "area", id})
	if err != nil {
		return err
	}
	return s.ports.Areas.DeleteArea(ctx, ch, id)
}
