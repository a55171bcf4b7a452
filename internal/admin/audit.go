package admin

import (
	"context"
	"net/netip"
	"time"

	"propusk/internal/authority"
)

// Whose says whose entries are asked for: "" = all that the caller may read.
type Whose string

// Whose entries there are.
const (
	OwnEntries     Whose = "own"  // of the caller's account
	NobodysEntries Whose = "none" // of no account: refused strangers
)

// AuditQuery picks audit entries. Zero fields pick all. Before is the id of the
// last entry of the former page; After that of the newest entry that is known,
// for those who wait for new ones.
type AuditQuery struct {
	Whose      Whose
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

// Audit lists entries, newest first: those of the caller's account, and for the
// deployment's owner those of his stand that belong to no account, such as
// refused strangers; nobody else is told that there are any. The command line
// reads the whole stand when it names no account.
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
	if account != 0 && !ReadsStrangers(c) {
		if q.Whose == NobodysEntries {
			return nil, nil
		}
		q.Whose = OwnEntries
	}
	return s.ports.Audit.Entries(ctx, c.Stand(), account, q)
}

// ReadsStrangers reports whether c reads what belongs to no account: the
// deployment's owner, while he is in his own.
func ReadsStrangers(c authority.Caller) bool {
	return c.Can(AccountsManage) && !isSystem(c) && !c.Away()
}
