package authority

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// IssueRequest presents a long-lived secret to be exchanged for tokens.
type IssueRequest struct {
	Origin   Origin
	Kind     CredentialKind
	ClientID string // login or client id; "" when the secret names itself
	Secret   Secret
	Scope    []Permission // nil = all that the principal may
	// For is the client that presents another's secret, such as a user's
	// password; the grant is then bound to it. "" = the secret's own.
	For string
	// Client is the application of For, as Client let it in; the grant reaches no
	// further than it does. The zero Caller = none.
	Client Caller
	// NoRefresh makes a grant that ends with its access token, where the answer
	// has no refresh token to show.
	NoRefresh bool
	// Admit may refuse the holder of a secret that was right, before anything is
	// issued; nil = all are let in.
	Admit func(Holder) error
	// Lifetime asks for another lifetime of the access token; 0 = as the
	// account and dialect say. Heeded on the test stand only.
	Lifetime time.Duration

	lifetime time.Duration // of the grant, on both stands; 0 = as said above
	verb     string        // what the audit calls it; "" = VerbIssue
}

func (req IssueRequest) audited() string { return cmp.Or(req.verb, VerbIssue) }

// Holder is whose secret was right: the principal, its account, and what its
// roles let it do.
type Holder struct {
	Account     Account
	Principal   Principal
	Permissions []Permission
}

// Issued is a set of tokens, new or said again. A Secret is empty where the
// dialect has no such token.
type Issued struct {
	Caller         Caller
	Grant          ID
	Access         Secret
	Refresh        Secret
	ID             Secret
	Issued         time.Time
	AccessExpires  time.Time
	RefreshExpires time.Time // zero without refresh
	ExpiresIn      time.Duration
	Replayed       bool // the same answer as before, for a reply that was lost
}

// Issue exchanges a secret for tokens. The grant is on disk when it returns.
// Errors: InvalidGrant or InvalidClient (by kind) for anything wrong with the
// secret, all alike; InvalidScope; LimitExceeded; Unavailable.
func (a *Authority) Issue(ctx context.Context, req IssueRequest) (Issued, error) {
	profile, err := a.profile(req.Origin.Dialect)
	if err != nil {
		return Issued{}, err
	}
	if !slices.Contains(profile.Credentials, req.Kind) {
		return Issued{}, a.refuse(req.Origin, VerbIssue, wrongSecret(req.Kind), refusal{reason: "kind_not_taken"})
	}
	holder, err := a.standing(ctx, VerbIssue, req.Origin, presentedSecret{req.Kind, req.ClientID, req.Secret})
	if err != nil {
		return Issued{}, err
	}
	return a.grant(ctx, profile, req, holder)
}

// grant writes a grant for the holder of a secret that was right.
func (a *Authority) grant(ctx context.Context, profile Profile, req IssueRequest, holder Standing) (Issued, error) {
	s, n, err := a.prepare(ctx, profile, req, holder)
	if err != nil {
		return Issued{}, err
	}
	g, err := a.ports.Grants.IssueGrant(ctx, n)
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		a.forgetStanding(req.Origin.Stand, presentedSecret{req.Kind, req.ClientID, req.Secret})
		return Issued{}, a.refuse(req.Origin, req.audited(), wrongSecret(req.Kind), refusal{reason: refused.Reason, standing: holder})
	}
	if err != nil {
		return Issued{}, err
	}
	a.count(Count{req.Origin.Dialect, VerbIssue, Done})
	a.doors.note(profile, req.Origin, holder, g.Created)
	a.usage.issue(g, g.Created)
	return a.issued(profile, g, s, req.Origin)
}

// prepare decides what is issued to the holder of a secret that was right: for
// whom, how far it reaches, how long it lives.
func (a *Authority) prepare(ctx context.Context, p Profile, req IssueRequest, holder Standing) (Standing, NewGrant, error) {
	no := func(err error, reason string) (Standing, NewGrant, error) {
		return Standing{}, NewGrant{}, a.refuse(req.Origin, req.audited(), err, refusal{reason: reason, standing: holder})
	}
	if req.Admit != nil {
		if err := req.Admit(Holder{holder.Account, holder.Principal, holder.Permissions}); err != nil {
			return no(err, "not_admitted")
		}
	}
	s, reason, err := a.acting(ctx, p, holder)
	if err != nil {
		return Standing{}, NewGrant{}, err
	}
	if reason != "" {
		return no(wrongSecret(req.Kind), reason)
	}
	scope, err := narrow(req.Scope, s.Permissions)
	if err != nil {
		return no(err, scopeTooWide)
	}
	if scope == nil && p.Scoped {
		scope = s.Permissions
	}
	gen, err := a.generation(ctx, p, req.Origin.Stand)
	if err != nil {
		return Standing{}, NewGrant{}, err
	}
	n := a.newGrant(p, req, s, gen)
	n.Grant.Scope = p.reach(scope, req.Client.Principal(), holder.Principal)
	if holder.Principal.ID != s.Principal.ID {
		n.Grant.Through = holder.Principal.ID
	}
	return s, n, nil
}

// newGrant fills a grant from policy: the lifetimes are the dialect's
// documented ones unless the account chose another.
func (a *Authority) newGrant(p Profile, req IssueRequest, s Standing, gen Generation) NewGrant {
	now := a.now()
	g := Grant{
		ID: NewGrantID(), Stand: req.Origin.Stand, Account: s.Account.ID, Principal: s.Principal.ID,
		Credential: s.Credential.ID, ClientID: cmp.Or(req.For, s.Credential.ClientID), Dialect: p.Dialect,
		Door: req.Origin.Door, Created: now, Lifetime: a.accessLifetime(p, req, s.Account),
		LastUsed: now, Address: addressText(req.Origin),
	}
	gen.Issued = now.Truncate(time.Second)
	gen.AccessExpires = s.Credential.cap(gen.Issued.Add(g.Lifetime))
	if p.Refresh.Form != NoToken && !req.NoRefresh {
		g.FamilyEnds = gen.Issued.Add(p.Family)
		gen.RefreshExpires = s.Credential.cap(earlier(gen.Issued.Add(p.Refresh.Lifetime), g.FamilyEnds))
	}
	g.Current = gen
	return NewGrant{
		Grant: g, Revision: s.Revision, MaxLive: a.maxLive, Single: p.Single, Now: now,
		Until: now.Add(maxAccess), Entry: a.routineEntry(req.Origin, req.audited(), s, g.ID),
	}
}

// generation names the keys that write what is issued now.
func (a *Authority) generation(ctx context.Context, p Profile, stand Stand) (Generation, error) {
	versions := a.writer.ring.Versions(string(stand), useTokens)
	if len(versions) == 0 {
		return Generation{}, E(Unavailable, "no key to seal with")
	}
	gen := Generation{KeyVersion: versions[0]}
	for _, kind := range []TokenKind{AccessToken, RefreshToken, IDToken} {
		if p.spec(kind).Form != JWT {
			continue
		}
		kid, err := a.signingKey(ctx, stand, p.Dialect)
		if err != nil {
			return gen, err
		}
		gen.KeyID = kid
	}
	return gen, nil
}

// keyPatience is how long an issue waits for a key that is still being made.
const keyPatience = 5 * time.Second

// signingKey names the key that signs now.
func (a *Authority) signingKey(ctx context.Context, stand Stand, dialect string) (string, error) {
	if kid, err := a.writer.ring.Active(string(stand), dialect); err == nil {
		return kid, nil
	}
	ctx, cancel := context.WithTimeout(ctx, keyPatience)
	defer cancel()
	kid, err := a.writer.ring.Await(ctx, string(stand), dialect)
	if err != nil {
		e := Wrap(Unavailable, "the key that signs is still being made; try again shortly", err)
		e.RetryAfter = keyPatience
		return "", e
	}
	return kid, nil
}

func (a *Authority) accessLifetime(p Profile, req IssueRequest, account Account) time.Duration {
	if req.lifetime > 0 {
		return min(req.lifetime, p.LongestAccess())
	}
	if asked := cmp.Or(req.Lifetime, req.Origin.asked()); asked > 0 && req.Origin.Stand == Test {
		return min(asked, p.LongestAccess())
	}
	if d := account.Settings.AccessLifetime[p.Dialect]; d > 0 {
		return min(d, p.LongestAccess())
	}
	return p.Access.Lifetime
}

// issued writes the texts of g's current generation.
func (a *Authority) issued(p Profile, g Grant, s Standing, o Origin) (Issued, error) {
	out := Issued{
		Caller: a.caller(newCallerState(s), o, g), Grant: g.ID, Issued: g.Current.Issued,
		AccessExpires: g.Current.AccessExpires, RefreshExpires: g.Current.RefreshExpires,
		ExpiresIn: g.Current.AccessExpires.Sub(g.Current.Issued),
	}
	facts := TokenFacts{
		Grant: g, Generation: g.Current.Number, Issued: g.Current.Issued, ClientID: g.ClientID,
		Account: s.Account, Principal: s.Principal, Issuer: a.writer.issuer(g.Stand, p.Dialect),
	}
	var err error
	if out.Access, err = a.text(p, AccessToken, g.Current.AccessExpires, facts); err != nil {
		return Issued{}, err
	}
	if !g.Current.RefreshExpires.IsZero() {
		if out.Refresh, err = a.text(p, RefreshToken, g.Current.RefreshExpires, facts); err != nil {
			return Issued{}, err
		}
	}
	facts.Access = out.Access.Reveal()
	out.ID, err = a.text(p, IDToken, g.Current.AccessExpires, facts)
	return out, err
}

func (a *Authority) text(p Profile, kind TokenKind, expires time.Time, f TokenFacts) (Secret, error) {
	f.Kind, f.Expires = kind, expires
	text, err := a.writer.write(p, p.spec(kind), f.Grant.Current, f)
	if err != nil {
		return Secret{}, Wrap(Unavailable, "the token could not be written", err)
	}
	return text, nil
}

// narrow gives the asked part of what is held: nil asks for all of it.
// RFC 6749 §3.3.
func narrow(asked, held []Permission) ([]Permission, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	for _, p := range asked {
		if !slices.Contains(held, p) {
			return nil, E(InvalidScope, "the scope names a permission that this client does not hold")
		}
	}
	out := slices.Clone(asked)
	slices.Sort(out)
	return slices.Compact(out), nil
}
