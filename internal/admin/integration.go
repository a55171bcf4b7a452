package admin

import (
	"context"
	"slices"

	"propusk/internal/authority"
)

// IntegrationName is what the principal behind the authorization token, and the
// role it is made with, are called.
const IntegrationName = "Integration API"

// SecretWriter writes secrets whose documented form is a signed token, so that
// this package needs no keys; authority.Authority does. ok is false when the
// credential's dialect has no such form.
type SecretWriter interface {
	SecretText(ctx context.Context, f authority.SecretFacts) (text authority.Secret, ok bool, err error)
}

// Integrations keeps the principal that an account acts as through its
// authorization token.
type Integrations interface {
	// Integration gives it, made from n where there is none yet: then with its
	// role, whose name is another when the account has one of that name, and ch's
	// audit entry.
	Integration(ctx context.Context, ch Change, n IntegrationCreation) (authority.Principal, error)
	// FindIntegration reads it; NotFound for none.
	FindIntegration(ctx context.Context, account authority.ID) (authority.Principal, error)
}

// IntegrationCreation asks for the principal, who holds Role alone.
type IntegrationCreation struct {
	Principal authority.Principal
	Role      authority.Role
}

// GenerateAuthorizationToken makes the account's authorization token. Every
// earlier one dies at once with everything that was made from it: an overlap is
// not given. g.Principal is not asked. docs/dialects/operator.md
func (s *Service) GenerateAuthorizationToken(ctx context.Context, c authority.Caller, g Generate) (NewSecret, error) {
	dialect, err := s.integrationDialect()
	if err != nil {
		return NewSecret{}, err
	}
	if g.Overlap != 0 {
		return NewSecret{}, invalid("overlap", "is not given to an authorization token")
	}
	p, err := s.EnsureIntegration(ctx, c)
	if err != nil {
		return NewSecret{}, err
	}
	g.Principal = p.ID
	return s.generate(ctx, c, g, issue{
		kind: authority.AuthorizationToken, holder: authority.Integration, dialect: dialect,
		permission: ApplicationsManage, verb: "authorization_token.generate", replaces: true,
	})
}

// integrationDialect is the one that exchanges authorization tokens.
func (s *Service) integrationDialect() (string, error) {
	i := slices.IndexFunc(s.dialects, func(d Dialect) bool { return d.Integration })
	if i < 0 {
		return "", authority.E(authority.Conflict, "no dialect of this server takes authorization tokens")
	}
	return s.dialects[i].Name, nil
}

// EnsureIntegration gives the principal that the account acts as through its
// authorization token, made where there is none yet.
func (s *Service) EnsureIntegration(ctx context.Context, c authority.Caller) (authority.Principal, error) {
	if _, err := inside(c, ApplicationsManage); err != nil {
		return authority.Principal{}, err
	}
	p, err := s.ports.Integrations.FindIntegration(ctx, c.Account().ID)
	if authority.CodeOf(err) != authority.NotFound {
		return p, err
	}
	err = fresh(func(id authority.ID) error {
		ch, err := s.change(c, act{ApplicationsManage, "integration.create", "integration", id})
		if err != nil {
			return err
		}
		p, err = s.ports.Integrations.Integration(ctx, ch, s.integration(ch, id))
		return err
	})
	return p, err
}

// integration is the principal of an account's authorization token, to be made.
func (s *Service) integration(ch Change, id authority.ID) IntegrationCreation {
	role := s.integrationRole(ch)
	return IntegrationCreation{Role: role, Principal: authority.Principal{
		ID: id, Account: ch.Account, Kind: authority.Integration, Name: IntegrationName,
		Roles: []authority.ID{role.ID}, Areas: authority.Areas{All: true}, Created: ch.Now,
	}}
}

// integrationRole is what that principal may to begin with.
func (s *Service) integrationRole(ch Change) authority.Role {
	role := authority.Role{ID: authority.NewID(), Account: ch.Account, Name: IntegrationName}
	for _, d := range s.dialects {
		role.Permissions = append(role.Permissions, d.IntegrationMay...)
	}
	slices.Sort(role.Permissions)
	role.Permissions = slices.Compact(role.Permissions)
	return role
}

// AuthorizationToken tells of the account's living authorization token; NotFound
// when there is none.
func (s *Service) AuthorizationToken(ctx context.Context, c authority.Caller) (Credential, error) {
	account, err := inside(c, AccountRead, ApplicationsManage)
	if err != nil {
		return Credential{}, err
	}
	p, err := s.ports.Integrations.FindIntegration(ctx, account)
	if err != nil {
		return Credential{}, err
	}
	list, err := s.ports.Credentials.Credentials(ctx, account, p.ID)
	if err != nil {
		return Credential{}, err
	}
	for _, found := range list {
		if found.Kind == authority.AuthorizationToken && !found.Revoked {
			return found, nil
		}
	}
	return Credential{}, authority.E(authority.NotFound, "no such authorization token")
}

// RevokeAuthorizationToken ends the account's authorization token with
// everything that was made from it.
func (s *Service) RevokeAuthorizationToken(ctx context.Context, c authority.Caller) error {
	if _, err := inside(c, ApplicationsManage); err != nil {
		return err
	}
	found, err := s.AuthorizationToken(ctx, c)
	if err != nil {
		return err
	}
	return s.RevokeCredential(ctx, c, found.ID)
}

// secretText gives the text of a new secret in the form that its dialect
// documents.
func (s *Service) secretText(ctx context.Context, cred authority.Credential) (authority.Secret, error) {
	if cred.Kind == authority.ApplicationSecret && s.hexClients(cred.Application) {
		return authority.NewSecret(hex32()), nil
	}
	text := authority.NewSecretText(cred.Kind, cred.ID)
	if s.secrets == nil || cred.Kind != authority.AuthorizationToken {
		return text, nil
	}
	account, err := s.ports.Accounts.Account(ctx, cred.Stand, cred.Account)
	if err != nil {
		return authority.Secret{}, err
	}
	signed, ok, err := s.secrets.SecretText(ctx, authority.SecretFacts{Credential: cred, Account: account})
	if err != nil || !ok {
		return text, err
	}
	return signed, nil
}
