package authority

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxTokenText = 8 << 10
	clockSkew    = 60 * time.Second // how far ahead iat may lie, for other nodes' clocks
)

// tokenKey names a verified token in the cache. The text proved canonical
// before it got in, so a token has one key.
type tokenKey struct {
	stand   Stand
	dialect string
	sum     [sha256.Size]byte
}

// verified is a token that proved itself. Expiry and liveness are looked at on
// every use; seen remembers the feed's version at which it was found alive.
type verified struct {
	dialect string
	ids     TokenIDs
	grant   Grant // what the caller needs of it; zero for JWTs but ids and scope
	expires time.Time
	seen    atomic.Pointer[sighting]
	touched atomic.Int64 // unix seconds of the last mark
	meter   meter
}

type sighting struct {
	version uint64 // of the feed
	state   *callerState
}

// Authenticate lets the bearer of a living access token of the origin's dialect
// and stand in, or the owner of a login and password where the dialect takes
// Basic. Errors, all alike for everything that is refused: InvalidToken for
// bearers, InvalidClient for pairs; LimitExceeded for pairs; Unavailable.
func (a *Authority) Authenticate(ctx context.Context, o Origin, p Presented) (Caller, error) {
	if p.Scheme == Basic {
		return a.basic(ctx, o, p)
	}
	if p.Scheme != Bearer {
		return Caller{}, a.refuse(o, VerbAuthenticate, badToken(), refusal{reason: "scheme_not_taken"})
	}
	key := tokenKey{o.Stand, o.Dialect, sha256.Sum256([]byte(p.Token.Reveal()))}
	v, ok := a.verified.GetIfPresent(key)
	if !ok {
		var reason string
		var err error
		if v, reason, err = a.verify(ctx, o, p.Token.Reveal()); err != nil {
			return Caller{}, err
		}
		if reason != "" {
			return Caller{}, a.refuse(o, VerbAuthenticate, badToken(), refusal{reason: reason})
		}
		a.verified.Set(key, v)
	}
	return a.admit(ctx, o, v)
}

// admit looks at what changes after a token was verified: time, the feed and the
// principal.
func (a *Authority) admit(ctx context.Context, o Origin, v *verified) (Caller, error) {
	now := a.now()
	state, reason, err := a.alive(ctx, v, now)
	if err != nil {
		return Caller{}, err
	}
	if reason == "" && !a.takes(o, v, state) {
		reason = "foreign_dialect"
	}
	if reason != "" {
		return Caller{}, a.refuse(o, VerbAuthenticate, a.deadToken(ctx, o, v, reason), refusal{reason: reason, ids: v.ids})
	}
	a.touches.token(v, now, o)
	a.usage.call(&v.meter)
	c := a.caller(state, o, v.grant)
	c.expires, c.generation = v.expires, v.ids.Generation
	return c, nil
}

// takes reports whether the origin's dialect takes tokens of v's in the account.
func (a *Authority) takes(o Origin, v *verified, s *callerState) bool {
	return v.dialect == o.Dialect || slices.Contains(s.account.Settings.AcceptTokensFrom[o.Dialect], v.dialect)
}

// alive reports why the token is dead, or the state of its principal.
func (a *Authority) alive(ctx context.Context, v *verified, now time.Time) (*callerState, string, error) {
	if !now.Before(v.expires) {
		return nil, "expired", nil
	}
	if v.ids.Epoch != a.epochs[v.ids.Stand] {
		return nil, "epoch_passed", nil
	}
	version := a.feed.Version()
	if s := v.seen.Load(); s != nil && s.version == version {
		return s.state, "", nil
	}
	if reason := a.feed.refusal(v.ids); reason != "" {
		return nil, reason, nil
	}
	state, reason, err := a.living(ctx, v.ids)
	if err != nil || reason != "" {
		return nil, reason, err
	}
	v.seen.Store(&sighting{version, state})
	return state, "", nil
}

// living gives the state of a token's principal, or why that principal, or the
// one whose credential it came from, lets nobody in.
func (a *Authority) living(ctx context.Context, ids TokenIDs) (*callerState, string, error) {
	state, err := a.state(ctx, ids)
	reason, err := lifeless(ids, state, err)
	if err != nil || reason != "" || ids.Through == 0 {
		return state, reason, err
	}
	holder := ids
	holder.Principal = ids.Through
	held, err := a.state(ctx, holder)
	if reason, err = lifeless(ids, held, err); reason != "" {
		reason = "through_" + reason
	}
	return state, reason, err
}

func lifeless(ids TokenIDs, s *callerState, err error) (string, error) {
	switch {
	case CodeOf(err) == NotFound:
		return "principal_gone", nil
	case err != nil:
		return "", err
	case s.principal.Disabled:
		return "principal_disabled", nil
	case s.account.Disabled:
		return "account_disabled", nil
	case s.account.ID != ids.Account:
		return "account_changed", nil
	}
	return "", nil
}

// verify proves a text for the first time.
func (a *Authority) verify(ctx context.Context, o Origin, text string) (*verified, string, error) {
	t, g, err := a.parseBearer(ctx, o, text)
	if CodeOf(err) == Unavailable {
		return nil, "", err
	}
	if err != nil {
		return nil, "not_a_token", nil //nolint:nilerr // a text that is no token is an answer, not a failure
	}
	if t.kind != AccessToken && t.kind != IDToken {
		return nil, "wrong_kind", nil
	}
	if t.issued.After(a.now().Add(clockSkew)) {
		return nil, "issued_ahead", nil
	}
	if g.Mark > g.Position {
		return nil, "grant_revoked", nil
	}
	if t.ids.Generation > 0 {
		a.ports.Grants.MarkUsed(ctx, t.ids.Grant, t.ids.Generation)
	}
	return &verified{dialect: t.dialect, ids: t.ids, grant: g, expires: t.expires, meter: meterOf(t.ids, o.Dialect)}, "", nil
}

// parseBearer tries the origin's own dialect, then those it might accept.
func (a *Authority) parseBearer(ctx context.Context, o Origin, text string) (parsed, Grant, error) {
	own, err := a.profile(o.Dialect)
	if err != nil {
		return parsed{}, Grant{}, err
	}
	t, g, err := a.parse(ctx, o.Stand, own, text)
	if err == nil || CodeOf(err) == Unavailable {
		return t, g, err
	}
	// Whether the account accepts the other dialect is asked in admit.
	return a.identify(ctx, o.Stand, text)
}

// identify finds which dialect's token text is.
func (a *Authority) identify(ctx context.Context, stand Stand, text string) (parsed, Grant, error) {
	for _, p := range a.profiles {
		t, g, err := a.parse(ctx, stand, p, text)
		if err == nil || CodeOf(err) == Unavailable {
			return t, g, err
		}
	}
	return parsed{}, Grant{}, errToken
}

// parse proves text as a token of p, of any kind that p writes. For opaque
// forms it reads the grant's row; for JWTs the Grant holds what the claims say.
func (a *Authority) parse(ctx context.Context, stand Stand, p Profile, text string) (parsed, Grant, error) {
	if !isTokenText(text) {
		return parsed{}, Grant{}, errToken
	}
	if strings.Count(text, ".") == 2 {
		t, err := a.writer.parseJWT(stand, []string{p.Dialect}, text)
		if spec := p.spec(t.kind); err != nil || spec.Form != JWT || spec.Typ != t.typ {
			return parsed{}, Grant{}, errToken
		}
		return t, grantOf(t), nil
	}
	t, err := a.parseOpaque(stand, p, text)
	if err != nil {
		return parsed{}, Grant{}, errToken
	}
	return a.withRow(ctx, stand, p, t)
}

func isTokenText(text string) bool { return len(text) > 0 && len(text) <= maxTokenText }

func (a *Authority) parseOpaque(stand Stand, p Profile, text string) (parsed, error) {
	if len(text) == shortChars && (p.Access.Form == Short || p.Refresh.Form == Short) {
		return parseShort(stand, p.Dialect, text)
	}
	t, err := a.writer.parseSealed(stand, p.Dialect, text)
	if err == nil && p.spec(t.kind).Form != Sealed {
		err = errToken
	}
	return t, err
}

// withRow completes an opaque token from its grant's row.
func (a *Authority) withRow(ctx context.Context, stand Stand, p Profile, t parsed) (parsed, Grant, error) {
	g, err := a.ports.Grants.Grant(ctx, stand, t.ids.Grant)
	if CodeOf(err) == NotFound || (err == nil && g.Dialect != p.Dialect) {
		return parsed{}, Grant{}, errToken
	}
	if err != nil {
		return parsed{}, Grant{}, err
	}
	if t.short.tag != "" {
		var ok bool
		if t, ok = a.writer.proveShort(t, p, g); !ok {
			return parsed{}, Grant{}, errToken
		}
	}
	if t.ids.Generation > g.Current.Number {
		return parsed{}, Grant{}, errToken
	}
	// Position of the root: whatever revoked the family after it would have
	// kept this generation from being written.
	t.ids = TokenIDs{
		Stand: stand, Grant: g.ID, Generation: t.ids.Generation, Kind: t.kind,
		Credential: g.Credential, Principal: g.Principal, Through: g.Through, Account: g.Account,
		Epoch: g.Epoch, Position: g.Position,
	}
	t.scope = g.Scope
	return t, g, nil
}

// grantOf is what the claims of a JWT tell of its grant.
func grantOf(t parsed) Grant {
	return Grant{
		ID: t.ids.Grant, Stand: t.ids.Stand, Account: t.ids.Account, Principal: t.ids.Principal, Through: t.ids.Through,
		Credential: t.ids.Credential, Dialect: t.dialect, Scope: t.scope,
	}
}

func badToken() *Error { return E(InvalidToken, "the access token is not valid") }
