package authority

import "context"

// The permissions that the core itself asks for.
const (
	TokensIntrospect Permission = "TokensIntrospect" // look at tokens of the whole account
	TokensRevoke     Permission = "TokensRevoke"     // revoke tokens of the whole account
)

// Revoke makes targets of the caller's account refused from its return on.
// Errors: NotFound for a target that is not there or not the account's,
// Unavailable when nothing was stored.
func (a *Authority) Revoke(ctx context.Context, c Caller, targets ...Target) error {
	entry := c.Entry(objectOf(targets))
	if entry.Verb == "" {
		entry.Verb = VerbRevoke
	}
	err := a.ports.Revocations.Revoke(ctx, Revocation{
		Stand: c.Stand(), Account: c.Account().ID, Targets: targets,
		Until: a.now().Add(maxAccess), Entry: entry,
	})
	if err == nil {
		a.count(Count{c.origin.Dialect, VerbRevoke, Done})
	}
	return err
}

// RevokeToken ends the token, when the caller may: its own, or with TokensRevoke
// any of the account. A refresh token takes its whole grant along, and so does
// either bearer of a pair that is all of its grant: whoever ends one wants no other
// left. A text that is no such token is no error: there is nothing to revoke. RFC
// 7009 §2.1, §2.2.
func (a *Authority) RevokeToken(ctx context.Context, c Caller, token Secret) error {
	t, g, err := a.identify(ctx, c.Stand(), token.Reveal())
	if CodeOf(err) == Unavailable {
		return err
	}
	if err != nil || !a.reaches(c, t, TokensRevoke) {
		return nil //nolint:nilerr // a text that is no token is an answer, not a failure
	}
	target := Target{Scope: ScopeToken, ID: g.ID, Generation: t.ids.Generation, Kind: t.kind}
	if t.kind == RefreshToken || a.paired(t.dialect) {
		target = Target{Scope: ScopeGrant, ID: g.ID}
	}
	err = a.Revoke(ctx, c, target)
	if CodeOf(err) == NotFound {
		return nil
	}
	return err
}

// paired reports whether a grant of the dialect is an access and an id token,
// each a bearer, and nothing more.
func (a *Authority) paired(dialect string) bool {
	p, err := a.profile(dialect)
	return err == nil && p.ID.Form != NoToken && p.Refresh.Form == NoToken
}

// reaches reports whether c may ask about token t.
func (a *Authority) reaches(c Caller, t parsed, p Permission) bool {
	if t.ids.Account != c.Account().ID {
		return false
	}
	own := c.Principal().ID
	return c.Can(p) || (own != 0 && (t.ids.Principal == own || t.ids.Through == own))
}

func objectOf(targets []Target) string {
	if len(targets) == 0 {
		return ""
	}
	return targets[0].String()
}

// String names the target for the audit: a scope and an id, never a token.
func (t Target) String() string {
	switch t.Scope {
	case ScopeKey:
		return "key/" + t.Key
	case ScopeStand:
		return "stand"
	case ScopeGrant:
		return "grant/" + encodeGrant(t.ID)
	case ScopeToken, ScopeGeneration:
		return string(t.Scope) + "/" + tokenID(t.ID, t.Generation, t.Kind)
	case ScopeCredential, ScopePrincipal, ScopeAccount:
		return string(t.Scope) + "/" + encode62(uint64(t.ID), idChars)
	}
	return string(t.Scope)
}
