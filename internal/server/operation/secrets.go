package operation

import (
	"context"
	"strconv"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

type credentialView struct {
	ID          authority.ID             `json:"id"`
	Kind        authority.CredentialKind `json:"kind"`
	State       string                   `json:"state"` // live, dying, expired, revoked
	ClientID    string                   `json:"client_id,omitempty"`
	Description string                   `json:"description,omitempty"`
	Created     time.Time                `json:"created"`
	Expires     *time.Time               `json:"expires,omitempty"`
	Ends        *time.Time               `json:"ends,omitempty"` // when the overlap is over
	LastUsed    *time.Time               `json:"last_used,omitempty"`
	LastAddress string                   `json:"last_address,omitempty"`
}

type secretView struct {
	ID       authority.ID             `json:"id"`
	Kind     authority.CredentialKind `json:"kind"`
	ClientID string                   `json:"client_id,omitempty"`
	Secret   string                   `json:"secret"` // shown once
	Expires  *time.Time               `json:"expires,omitempty"`
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func viewCredential(c admin.Credential) credentialView {
	return credentialView{
		ID: c.ID, Kind: c.Kind, State: state(c, time.Now()), ClientID: c.ClientID, Description: c.Description,
		Created: c.Created, Expires: optional(c.Expires), Ends: optional(c.Ends),
		LastUsed: optional(c.LastUsed), LastAddress: c.LastAddress,
	}
}

func state(c admin.Credential, now time.Time) string {
	switch {
	case c.Revoked:
		return "revoked"
	case !c.Expires.IsZero() && !now.Before(c.Expires):
		return "expired"
	case !c.Ends.IsZero():
		return "dying"
	}
	return "live"
}

func viewSecret(s admin.NewSecret) secretView {
	return secretView{
		ID: s.Credential.ID, Kind: s.Credential.Kind, ClientID: s.Credential.ClientID,
		Secret: s.Secret.Reveal(), Expires: optional(s.Credential.Expires),
	}
}

type secretInput struct {
	Principal   string `json:"principal"` // name, login or id
	Description string `json:"description"`
	Expires     Moment `json:"expires"`
	Overlap     Span   `json:"overlap"`
}

// generator makes the operation that generates secrets of one kind, for a
// principal of one of kinds; without kinds, for the account itself.
func generator(name string, kinds []kind, generate func(*admin.Service, context.Context, authority.Caller, admin.Generate) (admin.NewSecret, error)) operation {
	return op(name, inside, func(ctx context.Context, t *Table, c authority.Caller, in secretInput) (secretView, error) {
		var id authority.ID
		var err error
		if len(kinds) > 0 {
			if id, err = t.who(ctx, c, in.Principal, kinds...); err != nil {
				return secretView{}, err
			}
		}
		s, err := generate(t.Admin, ctx, c, admin.Generate{
			Principal: id, Description: in.Description,
			Expires: in.Expires.at(time.Now()), Overlap: time.Duration(in.Overlap),
		})
		return viewSecret(s), err
	})
}

func secretOperations() []operation {
	return []operation{
		generator("service-token.generate", []kind{serviceUsers()}, (*admin.Service).GenerateServiceToken),
		generator("access-key.create", []kind{users()}, (*admin.Service).GenerateAccessKey),
		generator("application.rotate", []kind{applications()}, (*admin.Service).RotateApplicationSecret),
		op("credential.list", inside, func(ctx context.Context, t *Table, c authority.Caller, in byID) ([]credentialView, error) {
			id, err := t.who(ctx, c, in.ID, anybody()...)
			if err != nil {
				return nil, err
			}
			list, err := t.Admin.Credentials(ctx, c, id)
			return mapped(list, viewCredential), err
		}),
		op("credential.revoke", inside, func(ctx context.Context, t *Table, c authority.Caller, in byID) (nothing, error) {
			id, err := strconv.ParseInt(in.ID, 10, 64)
			if err != nil || id <= 0 {
				return nothing{}, authority.E(authority.InvalidValue, "id: must be the number that credential list shows")
			}
			return nothing{}, t.Admin.RevokeCredential(ctx, c, authority.ID(id))
		}),
	}
}
