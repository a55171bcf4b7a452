package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// DoorUse says that somebody still comes in through a way that should be given
// up, such as a password in the query.
type DoorUse struct {
	Principal  authority.ID
	Holder     string // the principal's name
	Login      string
	Credential authority.ID
	Dialect    string
	Door       string
	Uses       int64
	LastUsed   time.Time
	Address    string // the last one it was used from
}

// Doors reads the use of weak doors.
type Doors interface {
	// DoorUses lists those of the account, the last used first.
	DoorUses(ctx context.Context, account authority.ID, p Page) (List[DoorUse], error)
}

// DoorUses lists who still uses weak doors in the caller's account, the last
// used first. Uses are written down about once a second.
func (s *Service) DoorUses(ctx context.Context, c authority.Caller, p Page) (List[DoorUse], error) {
	account, err := inside(c, AuditRead, AccountRead)
	if err != nil {
		return List[DoorUse]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[DoorUse]{}, err
	}
	return s.ports.Doors.DoorUses(ctx, account, p)
}
