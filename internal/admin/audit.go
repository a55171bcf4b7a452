package admin

import (
	"context"
	"net/netip"
	"time"

	"propusk/internal/authority"
)

// AuditQuery picks audit entries. Zero fields pick all. Before is the id of the
// last entry of the former page; After that of the newest entry that is known,
// for those who wait for new ones.
type AuditQuery struct {
	Verb       string // "token.issue", or "token." for all that begin so
	Actor      authority.ID
	Credential authority.ID
	Grant      authority.ID
	Object     string // "task/123", or "task/" for all that begin so
	Outcome    authority.Outcome
	Dialect    string
	Door       string
	Address    netip.Addr
	RequestID  string
	Since      time.Time // inclusive
	Until      time.Time // exclusive
	Before     authority.ID
	After      authority.ID
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
