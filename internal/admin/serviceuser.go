package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// NewServiceUser asks for a service user. The zero Areas sees nothing that lies
// in an area.
type NewServiceUser struct {
	Name     string
	Roles    []authority.ID
	Areas    authority.Areas
	Disabled bool
}

// CreateServiceUser makes a service user. It has no secret yet: see
// GenerateServiceToken.
func (s *Service) CreateServiceUser(ctx context.Context, c authority.Caller, n NewServiceUser) (authority.Principal, error) {
	text, err := name(n.Name)
	if err != nil {
		return authority.Principal{}, err
	}
	return s.createPrincipal(ctx, c, PrincipalCreation{Principal: authority.Principal{
		Kind: authority.ServiceUser, Name: text, Roles: n.Roles, Areas: n.Areas, Disabled: n.Disabled,
	}})
}

// ServiceUser reads one.
func (s *Service) ServiceUser(ctx context.Context, c authority.Caller, id authority.ID) (authority.Principal, error) {
	return s.principal(ctx, c, authority.ServiceUser, id)
}

// ServiceUsers lists them by name.
func (s *Service) ServiceUsers(ctx context.Context, c authority.Caller, p Page) (List[authority.Principal], error) {
	return s.principals(ctx, c, authority.ServiceUser, p)
}

// ChangeServiceUser applies edit; its Kind is set here.
func (s *Service) ChangeServiceUser(ctx context.Context, c authority.Caller, e PrincipalEdit) (authority.Principal, error) {
	e.Kind = authority.ServiceUser
	return s.changePrincipal(ctx, c, e)
}

// DeleteServiceUser takes it, its secrets and its grants away.
func (s *Service) DeleteServiceUser(ctx context.Context, c authority.Caller, id authority.ID) error {
	return s.deletePrincipal(ctx, c, authority.ServiceUser, id)
}

// Generate asks for a new secret in the place of the former one.
type Generate struct {
	Principal   authority.ID
	Description string
	Expires     time.Time     // zero = never
	Overlap     time.Duration // how long the former one still works, to 7 days
}

// GenerateServiceToken makes a new service token. The former one dies at once
// with everything made from it, or when the overlap is over.
func (s *Service) GenerateServiceToken(ctx context.Context, c authority.Caller, g Generate) (NewSecret, error) {
	return s.generate(ctx, c, g, issue{
		kind: authority.ServiceToken, holder: authority.ServiceUser,
		permission: ServiceUsersManage, verb: "service_token.generate", replaces: true,
	})
}
