package authority

import (
	"context"
	"slices"
)

// acting gives the standing that a grant of holder's credential acts with: that
// of the user who owns an application, where p has it so, else holder itself.
// reason is why the owner lets nobody act as him; "" = he does.
func (a *Authority) acting(ctx context.Context, p Profile, holder Standing) (s Standing, reason string, err error) {
	app := holder.Principal
	if !p.Owned || app.Kind != Application || app.Traits.Owner == 0 {
		return holder, "", nil
	}
	ids := TokenIDs{Stand: holder.Account.Stand, Principal: app.Traits.Owner, Account: app.Account}
	owner, err := a.state(ctx, ids)
	reason, err = lifeless(ids, owner, err)
	if reason == "" && err == nil && owner.principal.KeysOff {
		reason = "token_access_off"
	}
	if err != nil || reason != "" {
		return holder, "owner_" + reason, err
	}
	s = holder
	s.Principal, s.Account, s.Permissions = owner.principal, owner.account, owner.permissions
	return s, "", nil
}

// noPermission is the scope of a grant that opens nothing: an empty one would
// mean everything.
const noPermission Permission = "-"

// reach cuts scope, where nil is everything, to what the applications behind a
// grant reach.
func (p Profile) reach(scope []Permission, applications ...Principal) []Permission {
	for _, app := range applications {
		if p.Reach == nil || app.Kind != Application {
			continue
		}
		most := p.Reach(app)
		switch {
		case most == nil:
			continue
		case scope == nil:
			scope = slices.Sorted(slices.Values(most))
		default:
			scope = slices.DeleteFunc(slices.Clone(scope), func(q Permission) bool { return !slices.Contains(most, q) })
		}
		if len(scope) == 0 {
			return []Permission{noPermission}
		}
	}
	return scope
}

// Through gives the application whose client c's token was issued to: the one
// that acts for c's principal, or that presented a user's password; c's
// principal where there is none, as behind another dialect's token. Errors: NotFound when it is gone or none of its
// secrets lives, Unavailable.
func (a *Authority) Through(ctx context.Context, c Caller) (Principal, error) {
	own := c.Principal()
	if c.through != 0 {
		s, err := a.state(ctx, TokenIDs{Stand: c.Stand(), Principal: c.through, Account: own.Account})
		if err != nil {
			return Principal{}, err
		}
		return s.principal, nil
	}
	if own.Kind == Application || c.client == "" || c.dialect != c.origin.Dialect {
		return own, nil
	}
	found, err := a.ports.Credentials.CredentialsByClient(ctx, c.Stand(), ApplicationSecret, c.client)
	if err != nil {
		return Principal{}, err
	}
	for _, s := range found {
		if s.Account.ID == c.Account().ID && s.Refusal(a.now()) == "" {
			return s.Principal, nil
		}
	}
	return Principal{}, E(NotFound, "not found")
}

// BlockedField is in the error that tells the bearer of a token that its
// principal is disabled, of dialects whose Profile tells so.
const BlockedField = "blocked"

// deadToken is the answer to a token that is refused for reason. It tells of a
// disabled principal only where nothing else speaks against the token.
func (a *Authority) deadToken(ctx context.Context, o Origin, v *verified, reason string) error {
	p, err := a.profile(o.Dialect)
	if err != nil || !p.TellsBlocked || (reason != "principal_revoked" && reason != "principal_disabled") {
		return badToken()
	}
	others := v.ids
	others.Principal = 0
	if _, refused := a.feed.Refuses(others); refused {
		return badToken()
	}
	state, err := a.state(ctx, v.ids)
	if err != nil || !state.principal.Disabled || state.account.Disabled || state.account.ID != v.ids.Account || !a.takes(o, v, state) {
		return badToken()
	}
	return E(Forbidden, "the user is blocked").With(BlockedField, "principal")
}
