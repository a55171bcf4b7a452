package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// UsageQuery picks what was counted. Zero fields pick all.
type UsageQuery struct {
	Credential authority.ID
	Principal  authority.ID
	Dialect    string
	Since      time.Time // inclusive, by the begin of an hour
	Until      time.Time // exclusive
}

// Usage reads how often credentials were used.
type Usage interface {
	// Usage lists hours, newest first.
	Usage(ctx context.Context, account authority.ID, q UsageQuery, p Page) (List[authority.Use], error)
}

// Usage lists how often the credentials of the caller's account were used, by
// dialect and hour, newest first.
func (s *Service) Usage(ctx context.Context, c authority.Caller, q UsageQuery, p Page) (List[authority.Use], error) {
	account, err := inside(c, AuditRead)
	if err != nil {
		return List[authority.Use]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[authority.Use]{}, err
	}
	return s.ports.Usage.Usage(ctx, account, q, p)
}
