package admin

import (
	"context"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// PrincipalQuery picks principals of a kind. Zero fields pick all. After is the
// last row of the former page.
type PrincipalQuery struct {
	Text  string  // part of the name or login, in any case
	Group *string // "" = those who are in none; users only
	After PrincipalCursor
	Size  int // 0 = 50; 1000 is the most
}

// PrincipalCursor is where a page of principals ended. The zero value is before
// all.
type PrincipalCursor struct {
	Name string
	ID   authority.ID
}

// GroupCount says how many users a group has, and how many of them are disabled.
type GroupCount struct {
	Group           string // "" = those who are in none
	Users, Disabled int
}

// People finds users, and what else has a name.
type People interface {
	// FindPrincipals lists those of the kind by name along the query's cursor;
	// q.Text is as spelling.Search gives it.
	FindPrincipals(ctx context.Context, account authority.ID, kind authority.PrincipalKind, q PrincipalQuery) ([]authority.Principal, error)
	// CountGroups counts the users of every group that has some.
	CountGroups(ctx context.Context, account authority.ID) ([]GroupCount, error)
	// CompleteSearch makes those of former versions findable by FindPrincipals,
	// and says how many.
	CompleteSearch(ctx context.Context) (int, error)
	// Factors counts the second factors of a user.
	Factors(ctx context.Context, account, user authority.ID) (Factors, error)
	// ResetFactors takes them away. Conflict when there are none.
	ResetFactors(ctx context.Context, ch Change, user authority.ID) error
}

// FindUsers lists users of the account, those of its applications included, by
// name.
func (s *Service) FindUsers(ctx context.Context, c authority.Caller, q PrincipalQuery) ([]authority.Principal, error) {
	return s.find(ctx, c, authority.User, q)
}

// FindServiceUsers lists service users of the account by name.
func (s *Service) FindServiceUsers(ctx context.Context, c authority.Caller, q PrincipalQuery) ([]authority.Principal, error) {
	return s.find(ctx, c, authority.ServiceUser, q)
}

// FindApplications lists applications of the account by name.
func (s *Service) FindApplications(ctx context.Context, c authority.Caller, q PrincipalQuery) ([]authority.Principal, error) {
	return s.find(ctx, c, authority.Application, q)
}

func (s *Service) find(ctx context.Context, c authority.Caller, kind authority.PrincipalKind, q PrincipalQuery) ([]authority.Principal, error) {
	account, err := inside(c, AccountRead, permissionFor(kind))
	if err != nil {
		return nil, err
	}
	if q.Size, err = sizeOf(q.Size); err != nil {
		return nil, err
	}
	if q.Text, err = line("text", q.Text, maxName); err != nil {
		return nil, err
	}
	q.Text = spelling.Search(q.Text)
	return s.ports.People.FindPrincipals(ctx, account, kind, q)
}

// CountGroups counts the users of the account by group: every group is there,
// those without a group last.
func (s *Service) CountGroups(ctx context.Context, c authority.Caller) ([]GroupCount, error) {
	account, err := inside(c, AccountRead, UsersManage)
	if err != nil {
		return nil, err
	}
	counted, err := s.ports.People.CountGroups(ctx, account)
	if err != nil {
		return nil, err
	}
	by := make(map[string]GroupCount, len(counted))
	for _, g := range counted {
		by[g.Group] = g
	}
	out := make([]GroupCount, 0, len(authority.Groups())+1)
	for _, name := range append(authority.Groups(), "") {
		g := by[name]
		g.Group = name
		out = append(out, g)
	}
	return out, nil
}

// CompleteSearch makes users of former versions findable. The server calls it
// before it serves.
func (s *Service) CompleteSearch(ctx context.Context) (int, error) {
	return s.ports.People.CompleteSearch(ctx)
}
