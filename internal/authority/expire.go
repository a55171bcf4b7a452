package authority

import "context"

// Expire has a token count as expired from its return on, so that an integrator
// meets the end of a token without waiting for it. Test stand only. Errors:
// NotFound for a text that is no living token of the account, and on
// the production stand; Unavailable.
func (a *Authority) Expire(ctx context.Context, c Caller, token Secret) error {
	if c.Stand() != Test {
		return noToken()
	}
	t, g, err := a.identify(ctx, c.Stand(), token.Reveal())
	if CodeOf(err) == Unavailable {
		return err
	}
	if err != nil {
		return noToken()
	}
	if err := a.mayExpire(c, t); err != nil {
		return err
	}
	return a.expire(ctx, c, Target{Scope: ScopeToken, ID: g.ID, Generation: t.ids.Generation, Kind: t.kind})
}

// ExpireGrant is Expire for what opens calls of a grant: its access and id
// tokens of the generations that may live. Its refresh token works on, so that
// renewal can be tried.
func (a *Authority) ExpireGrant(ctx context.Context, c Caller, grant ID) error {
	if c.Stand() != Test {
		return noToken()
	}
	g, err := a.ports.Grants.Grant(ctx, c.Stand(), grant)
	if err != nil {
		return err
	}
	ids := TokenIDs{Account: g.Account, Principal: g.Principal, Through: g.Through}
	if err := a.mayExpire(c, parsed{ids: ids}); err != nil {
		return err
	}
	var targets []Target
	for n := g.Current.Number - min(g.Current.Number, maxEarlier); n <= g.Current.Number; n++ {
		for _, kind := range []TokenKind{AccessToken, IDToken} {
			targets = append(targets, Target{Scope: ScopeToken, ID: g.ID, Generation: n, Kind: kind})
		}
	}
	return a.expire(ctx, c, targets...)
}

func (a *Authority) expire(ctx context.Context, c Caller, targets ...Target) error {
	entry := c.Entry(objectOf(targets))
	if entry.Verb == "" {
		entry.Verb = VerbExpire
	}
	return a.ports.Revocations.Revoke(ctx, Revocation{
		Stand: c.Stand(), Account: c.Account().ID, Kind: FeedExpired, Targets: targets,
		Until: a.now().Add(maxAccess), Entry: entry,
	})
}

// mayExpire gives NotFound for a token of another account, and Forbidden for a
// colleague's.
func (a *Authority) mayExpire(c Caller, t parsed) error {
	switch {
	case t.ids.Account != c.Account().ID:
		return noToken()
	case !a.reaches(c, t, TokensRevoke):
		return E(Forbidden, "the token is somebody else's").With("permission", string(TokensRevoke))
	}
	return nil
}

func noToken() *Error { return E(NotFound, "no such token") }
