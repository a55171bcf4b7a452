package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// GrantQuery picks grants. Zero fields pick all. After is the last row of the
// former page.
type GrantQuery struct {
	Principal  authority.ID // whom they act as, or whose credential they came from
	Credential authority.ID
	Dialect    string
	Holder     string         // what the name or login of whom they act as begins with
	IDs        []authority.ID // these alone; 1000 is the most
	After      GrantCursor
	Skip       int // rows behind After that are left out
	Size       int // 0 = 50; 1000 is the most
}

// GrantCursor is where a page of grants ended. The zero value is before all.
type GrantCursor struct{ Principal, Grant authority.ID }

// LiveGrant is somebody who holds a living token: who, through what, since when
// and until when at most.
type LiveGrant struct {
	ID         authority.ID
	Dialect    string
	Door       string
	ClientID   string
	Principal  authority.ID
	Holder     string // the principal's name
	HolderKind authority.PrincipalKind
	Credential authority.ID
	Issued     time.Time // of the newest generation
	Expires    time.Time // the last moment that its tokens can be used
	LastUsed   time.Time
	Address    string // the last one it was used from
}

// Cursor is where a page that ends with g goes on.
func (g LiveGrant) Cursor() GrantCursor { return GrantCursor{g.Principal, g.ID} }

// Grants lists who holds living tokens in the caller's account.
func (s *Service) Grants(ctx context.Context, c authority.Caller, q GrantQuery) ([]LiveGrant, error) {
	account, err := inside(c, AccountRead, GrantsManage)
	if err != nil {
		return nil, err
	}
	if q.Size, err = sizeOf(q.Size); err != nil {
		return nil, err
	}
	if len(q.IDs) > maxSize {
		return nil, invalid("ids", "must be at most 1000")
	}
	return s.ports.Grants.LiveGrants(ctx, account, q, s.now())
}

// GrantPage is Grants by the number of rows, for lists that have pages.
func (s *Service) GrantPage(ctx context.Context, c authority.Caller, q GrantQuery, p Page) (List[LiveGrant], error) {
	account, err := inside(c, AccountRead, GrantsManage)
	if err != nil {
		return List[LiveGrant]{}, err
	}
	if p, err = p.check(); err != nil {
		return List[LiveGrant]{}, err
	}
	q.After, q.Skip, q.Size = GrantCursor{}, p.Offset, p.Size
	now := s.now()
	total, err := s.ports.Grants.CountGrants(ctx, account, q, now)
	if err != nil {
		return List[LiveGrant]{}, err
	}
	items, err := s.ports.Grants.LiveGrants(ctx, account, q, now)
	return List[LiveGrant]{Items: items, Total: total}, err
}

// GrantEffect is what stops when all grants that a query finds end.
type GrantEffect struct {
	Grants  int
	Holders int         // of different principals
	Latest  []LiveGrant // the last used ones, newest first, at most 20
	More    bool        // there are more than Grants; Holders and Latest are not told
}

// CountedGrants is how far the grants of a whole account are counted for a
// GrantEffect: what is known of more takes as long to find as there are.
const CountedGrants = 1000

// Narrow reports whether q is about the grants of one principal or credential, or
// about some that are named, and not about whatever an account has.
func (q GrantQuery) Narrow() bool { return q.Principal != 0 || q.Credential != 0 || len(q.IDs) > 0 }

// Seen is the last use of any of them; its LastUsed is zero when there was none,
// or it is not told.
func (e GrantEffect) Seen() LiveGrant {
	if len(e.Latest) == 0 {
		return LiveGrant{}
	}
	return e.Latest[0]
}

// GrantEffect says what stops when all grants that the query finds, whatever its
// cursor, end. Those of a whole account are counted to CountedGrants.
func (s *Service) GrantEffect(ctx context.Context, c authority.Caller, q GrantQuery) (GrantEffect, error) {
	account, err := inside(c, AccountRead, GrantsManage)
	if err != nil {
		return GrantEffect{}, err
	}
	if len(q.IDs) > maxSize {
		return GrantEffect{}, invalid("ids", "must be at most 1000")
	}
	q.After, q.Skip, q.Size = GrantCursor{}, 0, latestGrants
	return s.ports.Grants.GrantEffect(ctx, account, q, s.now())
}

// latestGrants is how many grants GrantEffect names.
const latestGrants = 20

// RevokeGrant and RevokeGrants are refused, as every other act is, where somebody
// is concerned who may more than the caller.

// RevokeGrant ends one grant with all its tokens.
func (s *Service) RevokeGrant(ctx context.Context, c authority.Caller, id authority.ID) error {
	return s.revoke(ctx, c, act{GrantsManage, "grant.revoke", "grant", id},
		authority.Target{Scope: authority.ScopeGrant, ID: id})
}

// RevokeGrants ends every grant of a principal. Its secrets stay.
func (s *Service) RevokeGrants(ctx context.Context, c authority.Caller, principal authority.ID) error {
	return s.revoke(ctx, c, act{GrantsManage, "grant.revoke_all", "principal", principal},
		authority.Target{Scope: authority.ScopePrincipal, ID: principal})
}

// RevokeEverything ends every grant of the caller's account. Secrets stay.
func (s *Service) RevokeEverything(ctx context.Context, c authority.Caller) error {
	id := c.Account().ID
	return s.revoke(ctx, c, act{GrantsManage, "grant.revoke_account", "account", id},
		authority.Target{Scope: authority.ScopeAccount, ID: id})
}

func (s *Service) revoke(ctx context.Context, c authority.Caller, a act, target authority.Target) error {
	ch, err := s.change(c, a)
	if err != nil {
		return err
	}
	if err := s.ports.Grants.Within(ctx, ch, target); err != nil {
		return err
	}
	if target.Scope == authority.ScopeGrant {
		ch.Entry.Object = target.String()
	}
	return s.ports.Revocations.Revoke(ctx, authority.Revocation{
		Stand: ch.Stand, Account: ch.Account, Targets: []authority.Target{target}, Until: ch.Until, Entry: ch.Entry,
	})
}
