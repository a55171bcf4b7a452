package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// AuditQuery picks audit entries. Zero fields pick all. Before is the id of the
// last entry of the former page.
type AuditQuery struct {
	Verb       string
	Actor      authority.ID
	Credential authority.ID
	Outcome    authority.Outcome
	Since      time.Time // inclusive
	Until      time.Time // exclusive
	Before     authority.ID
	Size       int // 0 = 50; 1000 is the most
}

// Audit lists entries, newest first: those of the caller's account, or of the
// whole stand, refused strangers included, when the command line names no
// account.
func (s *Service) Audit(ctx context.Context, c authority.Caller, q AuditQuery) ([]authority.Entry, error) {
	if err := holds(c, AuditRead); err != nil {
		return nil, err
	}
	account := c.Account().ID
	if account == 0 && !isSystem(c) {
		return nil, forbidden(AuditRead)
	}
	var err error
	if q.Size, err = sizeOf(q.Size); err != nil {
		return nil, err
	}
	return s.ports.Audit.Entries(ctx, c.Stand(), account, q)
}
