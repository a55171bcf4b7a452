package authority

import "context"

// Acting gives the user that c acts as: the owner of an application that has
// one, else c's own principal. He may be disabled. Errors: NotFound when the
// owner is gone, Unavailable.
func (a *Authority) Acting(ctx context.Context, c Caller) (Principal, error) {
	own := c.Principal()
	if own.Kind != Application || own.Traits.Owner == 0 {
		return own, nil
	}
	s, err := a.state(ctx, TokenIDs{Stand: c.Stand(), Principal: own.Traits.Owner, Account: own.Account})
	if err != nil {
		return Principal{}, err
	}
	if s.principal.Account != own.Account {
		return Principal{}, E(NotFound, "not found")
	}
	return s.principal, nil
}

// Through gives the application whose client c's token was issued to: c itself,
// or the one that presented a user's password; c's principal where there is
// none. Errors: NotFound when it is gone or none of its secrets lives,
// Unavailable.
func (a *Authority) Through(ctx context.Context, c Caller) (Principal, error) {
	if own := c.Principal(); own.Kind == Application || c.client == "" {
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
