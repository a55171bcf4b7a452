package authority

import "context"

func newCallerState(s Standing) *callerState {
	return &callerState{account: s.Account, principal: s.Principal, permissions: s.Permissions}
}

func (a *Authority) caller(state *callerState, o Origin, g Grant) Caller {
	return Caller{
		state: state, origin: o, grant: g.ID, cred: g.Credential, scope: g.Scope, through: g.Through,
		expires: g.Current.AccessExpires, client: g.ClientID, dialect: g.Dialect,
	}
}

// fillTries is how often a fill is begun again when entries keep coming.
const fillTries = 3

// state gives what is known of a principal, from memory where nothing has
// touched it since it was read.
func (a *Authority) state(ctx context.Context, ids TokenIDs) (*callerState, error) {
	if s, ok := a.callers.GetIfPresent(ids.Principal); ok {
		return s, nil
	}
	targets := callerTargets(ids.Principal, ids.Account)
	var s *callerState
	for range fillTries {
		// Read before the row: a later entry for the same ids discards the fill.
		position := a.feed.Position()
		standing, err := a.ports.Callers.Caller(ctx, ids.Stand, ids.Principal)
		if err != nil {
			return nil, err
		}
		s = newCallerState(standing)
		if a.feed.unchangedSince(position, targets, func() { a.callers.Set(ids.Principal, s) }) {
			break
		}
	}
	return s, nil
}

// known gives what is remembered of a principal.
func (a *Authority) known(principal ID) (Standing, bool) {
	s, ok := a.callers.GetIfPresent(principal)
	if !ok {
		return Standing{}, false
	}
	return Standing{Principal: s.principal, Account: s.account, Permissions: s.permissions}, true
}

// remember keeps what was read of a principal after the feed stood at position,
// unless it is known or something has touched it since.
func (a *Authority) remember(position Position, s Standing) {
	if _, ok := a.callers.GetIfPresent(s.Principal.ID); ok {
		return
	}
	a.feed.unchangedSince(position, callerTargets(s.Principal.ID, s.Account.ID), func() {
		a.callers.Set(s.Principal.ID, newCallerState(s))
	})
}

// callerTargets are what an entry touches when it changes a caller.
func callerTargets(principal, account ID) []Target {
	return []Target{{Scope: ScopePrincipal, ID: principal}, {Scope: ScopeAccount, ID: account}}
}

// forget drops remembered callers that an entry touches. It runs under the
// feed's lock, before the entry's position can be seen.
func (a *Authority) forget(e FeedEntry) {
	if e.Position <= a.feed.Position() {
		a.standings.known.InvalidateAll() // it came late: what was seen since did not see it
	}
	switch e.Target.Scope {
	case ScopePrincipal:
		a.callers.Invalidate(e.Target.ID)
	case ScopeAccount, ScopeStand:
		a.callers.InvalidateAll()
	case ScopeToken, ScopeGeneration, ScopeGrant, ScopeCredential, ScopeKey:
	}
}
